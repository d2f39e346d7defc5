#include "platforms/forecast.h"

#include <algorithm>
#include <set>

namespace beeflow {
namespace {

constexpr Duration kWarmPeriod = std::chrono::minutes(5);
constexpr Duration kColdPeriod = std::chrono::minutes(30);
constexpr int kBeeflowSlots = 1024;  // of its default_pool; the others have Airflow's
constexpr Duration kCollection = std::chrono::hours(24);

// Runs come when they are asked for, and only then.
void DropSchedules(std::vector<ParsedFile>* files) {
  for (ParsedFile& file : *files) {
    for (ParsedDag& parsed : file.dags) {
      auto dag = std::make_shared<Dag>(*parsed.dag);
      dag->schedule = Json{{"kind", "none"}};
      dag->datasets.reset();
      parsed.dag = std::move(dag);
    }
  }
}

ParsedDag WithoutCatchup(const ParsedDag& parsed) {
  auto dag = std::make_shared<Dag>(*parsed.dag);
  dag->catchup = false;
  return {std::move(dag), parsed.data, parsed.hash};
}

std::string Listed(const std::set<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// What shortens tasks shortens all spans of the platform alike.
void Scale(MwaaOptions* mwaa, double scale) {
  for (double* seconds :
       {&mwaa->poll_seconds, &mwaa->run_start_seconds, &mwaa->send_seconds,
        &mwaa->start_work_seconds, &mwaa->begin_work_seconds, &mwaa->end_work_seconds,
        &mwaa->provision_seconds_min, &mwaa->provision_seconds_max, &mwaa->order_interval_seconds,
        &mwaa->cooldown_seconds}) {
    *seconds *= scale;
  }
}

MwaaOptions MwaaOf(const PoolModel& pool) {
  MwaaOptions out;
  out.min_workers = pool.min_workers;
  out.max_workers = pool.max_workers;
  out.tasks_per_worker = pool.tasks_per_worker;
  // Larger environments have more of both.
  out.worker_processors = std::max(1.0, pool.tasks_per_worker / 5.0);
  Scale(&out, pool.time_scale);
  return out;
}

std::vector<std::pair<std::string, PlatformOptions>> PlatformsOf(const Controller& controller) {
  switch (controller.type) {
    case ControllerType::kServerless:
      return {{"beeflow", BeeflowOptions()}, {"sairflow-aws", SairflowOptions()}};
    case ControllerType::kMwaa:
      return {{"mwaa", MwaaOf(controller.pool_model)}};
    case ControllerType::kAirflow:
      break;
  }
  return {};
}

// Runs of each DAG at full periods; a warm experiment's first only warms up.
void PlanRuns(const Experiment& experiment, int runs, SimulatedTrial* trial) {
  const bool warm = experiment.start == StartKind::kWarm;
  Duration period = experiment.period.value_or(kWarmPeriod);
  if (!warm) period = std::max(period, kColdPeriod);
  SimulationOptions& options = trial->options;
  DropSchedules(&options.files);
  const int planned = runs + (warm ? 1 : 0);
  for (int i = 0; i < planned; ++i) {
    for (const ParsedFile& file : options.files) {
      for (const ParsedDag& dag : file.dags) {
        options.runs.push_back({options.start + i * period, dag.dag->id});
      }
    }
  }
  if (warm) trial->counts_from = options.start + period / 2;
  options.end = options.start + planned * period + std::chrono::hours(24);
}

}  // namespace

Result<PlatformOptions> PlatformNamed(const std::string& name) {
  if (name == "mwaa") return PlatformOptions(MwaaOptions());
  if (name == "sairflow-aws") return PlatformOptions(SairflowOptions());
  if (name == "beeflow") return PlatformOptions(BeeflowOptions());
  return Invalid("there is no model of '" + name + "'; choose mwaa, sairflow-aws or beeflow");
}

Result<std::vector<ParsedFile>> ChosenDags(const std::vector<ParsedFile>& files,
                                           const std::vector<std::string>& dag_ids,
                                           const std::string& where) {
  std::set<std::string> missing(dag_ids.begin(), dag_ids.end());
  std::set<std::string> there;
  std::vector<ParsedFile> out;
  for (const ParsedFile& file : files) {
    ParsedFile chosen = file;
    chosen.dags.clear();
    for (const ParsedDag& dag : file.dags) {
      there.insert(dag.dag->id);
      const bool wanted = dag_ids.empty() || missing.erase(dag.dag->id) > 0;
      if (wanted) chosen.dags.push_back(WithoutCatchup(dag));
    }
    if (!chosen.dags.empty()) out.push_back(std::move(chosen));
  }
  if (!missing.empty()) {
    return NotFound(where + " has no DAG " + *missing.begin() +
                    (there.empty() ? "" : "; it has " + Listed(there)));
  }
  if (out.empty()) return NotFound(where + " has no DAG");
  return out;
}

std::vector<DagForecast> Summarize(const SimulationResult& result) {
  struct Samples {
    std::vector<double> makespans, durations, waits;
  };
  std::map<std::string, Samples> samples;
  for (const auto& [dag_id, dag] : result.results.dags) samples[dag_id];
  for (const ExportedRun& run : result.results.runs) {
    const std::string& dag_id = run.run.key.dag_id;
    const RunMetrics metrics = MeasureRun(run.run, run.tasks, *result.results.dags.at(dag_id));
    Samples& all = samples[dag_id];
    all.makespans.push_back(metrics.makespan.value_or(0));
    for (const TaskMetrics& task : metrics.tasks) {
      if (task.duration) all.durations.push_back(*task.duration);
      if (task.wait) all.waits.push_back(*task.wait);
    }
  }
  std::vector<DagForecast> out;
  for (auto& [dag_id, all] : samples) {
    const size_t runs = all.makespans.size();
    out.push_back({dag_id, runs, Distribute(std::move(all.makespans)),
                   Distribute(std::move(all.durations)), Distribute(std::move(all.waits))});
  }
  return out;
}

SimulationOptions WeekOf(const PlatformOptions& platform, const std::vector<ParsedFile>& files,
                         Time start, int days) {
  SimulationOptions out;
  out.platform = platform;
  out.files = files;
  out.start = start - std::chrono::hours(24);
  out.counts_from = start;
  out.end = start + days * std::chrono::hours(24);
  out.give_up = out.end + std::chrono::hours(24);
  if (std::holds_alternative<BeeflowOptions>(platform)) out.default_pool_slots = kBeeflowSlots;
  return out;
}

std::vector<SimulatedTrial> TrialsOf(const Controller& controller, const Experiment& experiment,
                                     const std::vector<ParsedFile>& files, Time start) {
  std::vector<SimulatedTrial> out;
  for (const auto& [name, platform] : PlatformsOf(controller)) {
    SimulatedTrial trial;
    trial.platform = name;
    const std::string prefix = controller.id == name ? "" : controller.id + "-";
    trial.system = prefix + name + "-model_" + experiment.id;
    trial.options.platform = platform;
    trial.options.files = files;
    trial.options.default_pool_slots = experiment.pool_slots;
    trial.options.start = start;
    trial.counts_from = start;
    trial.runs_max = experiment.runs;
    if (experiment.runs && experiment.period) {
      PlanRuns(experiment, *experiment.runs, &trial);
    } else {
      trial.options.end = start + experiment.collection_time.value_or(kCollection);
    }
    trial.options.counts_from = trial.counts_from;
    trial.options.give_up = trial.options.end + kCollection;
    out.push_back(std::move(trial));
  }
  return out;
}

void Trim(const SimulatedTrial& trial, SimulationResult* result) {
  if (!trial.runs_max) return;
  std::map<std::string, int> runs;
  std::erase_if(result->results.runs, [&](const ExportedRun& run) {
    return ++runs[run.run.key.dag_id] > *trial.runs_max;
  });
}

}  // namespace beeflow
