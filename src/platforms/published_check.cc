#include "platforms/published_check.h"

#include <algorithm>
#include <cmath>

#include "lab/run_metrics.h"
#include "lab/sleep_seconds.h"
#include "platforms/dag_shapes.h"

namespace beeflow {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2023) / 3 / 1));
constexpr int kSeeds = 8;  // simulations that one figure is the median of
constexpr int kRunsWarm = 12;
constexpr int kRunsCold = 6;

// As the publication has them: a run every five minutes finds everything warm, one every half hour
// finds nothing.
enum class Temperature { kWarm, kCold };

struct Experiment {
  std::vector<ParsedFile> files;
  Temperature temperature = Temperature::kWarm;
};

struct Medians {
  double makespan = 0;
  double task_duration = 0;
  double task_wait = 0;
};

double MedianOf(std::vector<double> values) { return Distribute(std::move(values)).median; }

SimulationOptions OptionsFor(const Experiment& experiment, const std::string& platform) {
  const bool warm = experiment.temperature == Temperature::kWarm;
  SimulationOptions options;
  if (platform == "mwaa") {
    MwaaOptions mwaa;
    if (warm) mwaa.min_workers = mwaa.max_workers;
    options.platform = mwaa;
  } else {
    options.platform = SairflowOptions();
  }
  options.files = experiment.files;
  options.task_seconds = [](const Dag& dag, TaskIndex task) {
    return SleepSeconds(dag.tasks[task]).value_or(0);
  };
  // What the first warm run finds is cold: it does not count.
  const Duration period = std::chrono::minutes(warm ? 5 : 30);
  const int runs = warm ? kRunsWarm + 1 : kRunsCold;
  options.start = kStart - period / 2;
  options.counts_from = warm ? options.start + period : options.start;
  options.end = options.start + runs * period;
  options.give_up = options.end + 2 * period;
  return options;
}

class Samples {
 public:
  void Add(const ResultSet& results) {
    for (const ExportedRun& run : results.runs) {
      const RunMetrics metrics =
          MeasureRun(run.run, run.tasks, *results.dags.at(run.run.key.dag_id));
      makespans_.push_back(*metrics.makespan);
      for (const TaskMetrics& task : metrics.tasks) {
        durations_.push_back(task.duration.value_or(0));
        waits_.push_back(task.wait.value_or(0));
      }
    }
  }
  Medians medians() const { return {MedianOf(makespans_), MedianOf(durations_), MedianOf(waits_)}; }

 private:
  std::vector<double> makespans_, durations_, waits_;
};

class Checker {
 public:
  explicit Checker(uint64_t seed) : seed_(seed) {}

  // `row` holds the figures of one platform.
  Status Compare(const std::string& name, const std::string& platform, const Experiment& experiment,
                 const Json& row) {
    BEEFLOW_ASSIGN_OR_RETURN(const Medians medians, Simulate(experiment, platform));
    const std::pair<const char*, double> metrics[] = {{"makespan", medians.makespan},
                                                      {"task_duration", medians.task_duration},
                                                      {"task_wait", medians.task_wait}};
    for (const auto& [metric, simulated] : metrics) {
      const auto published = row.find(metric);
      if (published == row.end()) continue;
      check_.cells.push_back({name, platform, metric, published->get<double>(), simulated});
    }
    return Ok();
  }

  Status CompareBoth(const std::string& name, const Experiment& experiment, const Json& row) {
    BEEFLOW_RETURN_IF_ERROR(
        Compare(name, "sairflow-aws", experiment, row.value("serverless", Json::object())));
    return Compare(name, "mwaa", experiment, row.value("mwaa", Json::object()));
  }

  PublishedCheck Finish() {
    std::vector<double> deviations;
    for (const PublishedCell& cell : check_.cells) {
      deviations.push_back(std::abs(cell.deviation()));
    }
    const Distribution all = Distribute(std::move(deviations));
    check_.worst = all.max;
    check_.median = all.median;
    return std::move(check_);
  }

 private:
  Result<Medians> Simulate(const Experiment& experiment, const std::string& platform) {
    SimulationOptions options = OptionsFor(experiment, platform);
    Samples samples;
    for (uint64_t i = 0; i < kSeeds; ++i) {
      options.seed = seed_ + i * 7919;
      BEEFLOW_ASSIGN_OR_RETURN(const SimulationResult result, SimulateSystem(options));
      samples.Add(result.results);
    }
    return samples.medians();
  }

  const uint64_t seed_;
  PublishedCheck check_;
};

const char* CronOf(Temperature temperature) {
  return temperature == Temperature::kWarm ? "*/5 * * * *" : "*/30 * * * *";
}

Experiment Parallel(int tasks, Temperature temperature, bool in_containers = false) {
  return {{ParallelDag("10s_" + std::to_string(tasks) + "t", tasks, 10, CronOf(temperature),
                       in_containers)},
          temperature};
}

Experiment Forest(int trees) {
  Experiment out;
  for (int i = 0; i < trees; ++i) {
    out.files.push_back(
        ParallelDag("10s_8t_forest_" + std::to_string(trees) + "_" + std::to_string(i), 8, 10,
                    CronOf(Temperature::kWarm)));
  }
  return out;
}

Status CheckSeries(const Json& figures, Checker* checker) {
  for (const Json& row : figures.value("chain_warm", Json::array())) {
    const int n = row.value("n", 1);
    const Experiment chain{{ChainDag("chain", n, 10, CronOf(Temperature::kWarm))}};
    BEEFLOW_RETURN_IF_ERROR(checker->CompareBoth("chain_warm n=" + std::to_string(n), chain, row));
  }
  const std::pair<const char*, Temperature> series[] = {{"parallel_warm", Temperature::kWarm},
                                                        {"parallel_cold", Temperature::kCold}};
  for (const auto& [name, temperature] : series) {
    for (const Json& row : figures.value(name, Json::array())) {
      const int n = row.value("n", 1);
      BEEFLOW_RETURN_IF_ERROR(checker->CompareBoth(std::string(name) + " n=" + std::to_string(n),
                                                   Parallel(n, temperature), row));
    }
  }
  return Ok();
}

Status CheckSingleTasks(const Json& figures, Checker* checker) {
  const Json& waits = figures.value("single_task_wait", Json::object());
  const std::pair<const char*, Temperature> kinds[] = {
      {"serverless_warm", Temperature::kWarm},
      {"serverless_cold", Temperature::kCold},
      {"serverless_container", Temperature::kWarm}};
  for (const auto& [kind, temperature] : kinds) {
    if (!waits.contains(kind)) continue;
    const bool in_container = kind == std::string("serverless_container");
    const Experiment one{{ChainDag("one", 1, 10, CronOf(temperature), in_container)}, temperature};
    BEEFLOW_RETURN_IF_ERROR(checker->Compare("single_task_wait " + std::string(kind).substr(11),
                                             "sairflow-aws", one, {{"task_wait", waits[kind]}}));
  }
  return Ok();
}

Status CheckTrace(const Json& figures, const Json& trace, Checker* checker) {
  for (const Json& row : figures.value("alibaba", Json::array())) {
    const std::string job = row.value("job", "");
    // Longer than five minutes: a run in ten of them.
    BEEFLOW_ASSIGN_OR_RETURN(const ParsedFile file, TraceDag(trace, job, "*/10 * * * *"));
    BEEFLOW_RETURN_IF_ERROR(checker->CompareBoth("alibaba " + job, {{file}}, row));
  }
  return Ok();
}

}  // namespace

Result<PublishedCheck> CheckPublished(const Json& figures, const Json& trace, uint64_t seed) {
  Checker checker(seed);
  BEEFLOW_RETURN_IF_ERROR(CheckSeries(figures, &checker));
  BEEFLOW_RETURN_IF_ERROR(CheckSingleTasks(figures, &checker));
  for (const Json& row : figures.value("forest_n8", Json::array())) {
    const int k = row.value("k", 1);
    BEEFLOW_RETURN_IF_ERROR(
        checker.CompareBoth("forest_n8 k=" + std::to_string(k), Forest(k), row));
  }
  BEEFLOW_RETURN_IF_ERROR(CheckTrace(figures, trace, &checker));
  const Json containers = figures.value("container_parallel_32", Json::object());
  BEEFLOW_RETURN_IF_ERROR(checker.Compare("container_parallel n=32", "sairflow-aws",
                                          Parallel(32, Temperature::kCold, true),
                                          containers.value("serverless", Json::object())));
  BEEFLOW_RETURN_IF_ERROR(checker.Compare("container_parallel n=32", "mwaa",
                                          Parallel(32, Temperature::kCold),
                                          containers.value("mwaa_cold", Json::object())));
  return checker.Finish();
}

}  // namespace beeflow
