#include "lab/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "config/nearest_name.h"
#include "lab/report_published.h"

namespace beeflow {
namespace {

// A DAG of those tasks that the rows name, for systems that do not tell how tasks depend.
std::shared_ptr<const Dag> ShapelessDag(const std::string& dag_id) {
  auto dag = std::make_shared<Dag>();
  dag->id = dag_id;
  return dag;
}

using AttemptKey = std::tuple<std::string, int, int>;  // task, map index, try

std::set<AttemptKey> ColdAttempts(const std::vector<AttemptInfo>& attempts) {
  std::set<AttemptKey> cold;
  for (const AttemptInfo& attempt : attempts) {
    if (attempt.usage.start_type == "cold") {
      cold.emplace(attempt.task_id, attempt.map_index, attempt.try_number);
    }
  }
  return cold;
}

// Of attempts in environments: those that needed none say nothing of cold and warm.
std::optional<bool> MostlyCold(const std::vector<const ExportedRun*>& runs) {
  size_t cold = 0;
  size_t warm = 0;
  for (const ExportedRun* run : runs) {
    for (const AttemptInfo& attempt : run->attempts) {
      cold += attempt.usage.start_type == "cold" ? 1 : 0;
      warm += attempt.usage.start_type == "warm" ? 1 : 0;
    }
  }
  if (cold + warm == 0) return {};
  return cold > warm;
}

class Builder {
 public:
  void Add(const ResultSet& results);
  LabReport Take() { return std::move(report_); }

 private:
  void AddDag(const ResultSet& results, const std::string& folder, const std::string& dag_id,
              const std::vector<const ExportedRun*>& runs);
  size_t FindGroup(const ReportCase& experiment);
  ReportSeries* FindSeries(const std::string& folder, const ReportCase& experiment,
                           const std::string& label);
  void Note(const std::string& note) { report_.notes.push_back(note); }

  LabReport report_;
  std::map<std::string, int> folders_;  // how often a name came
};

size_t Builder::FindGroup(const ReportCase& experiment) {
  for (size_t i = 0; i < report_.groups.size(); ++i) {
    const ReportCase& like = report_.groups[i].like;
    if (like.shape == experiment.shape && like.start == experiment.start &&
        like.variant == experiment.variant && like.task_seconds == experiment.task_seconds) {
      return i;
    }
  }
  report_.groups.push_back({experiment, CaseTitle(experiment)});
  return report_.groups.size() - 1;
}

ReportSeries* Builder::FindSeries(const std::string& folder, const ReportCase& experiment,
                                  const std::string& label) {
  const size_t group = FindGroup(experiment);
  for (ReportSeries& series : report_.series) {
    if (series.group == group && series.folder == folder && series.label == label) return &series;
  }
  ReportSeries series;
  series.group = group;
  series.system = experiment.system;
  series.folder = folder;
  series.label = label;
  series.size = experiment.size;
  series.task_seconds = experiment.task_seconds;
  series.ideal = experiment.ideal;
  report_.series.push_back(std::move(series));
  return &report_.series.back();
}

// Gives the rows' tasks their place in the DAG's list.
class TaskNumbers {
 public:
  explicit TaskNumbers(ReportDag* dag) : dag_(dag) {
    for (size_t i = 0; i < dag->tasks.size(); ++i) numbers_[dag->tasks[i]] = i;
  }
  size_t Of(const std::string& task_id) {
    const auto [place, is_new] = numbers_.emplace(task_id, dag_->tasks.size());
    if (is_new) dag_->tasks.push_back(task_id);
    return place->second;
  }

 private:
  ReportDag* dag_;
  std::map<std::string, size_t> numbers_;
};

ReportRun MakeRun(const ExportedRun& exported, const Dag& dag, const ReportDag& about,
                  TaskNumbers* numbers) {
  const RunMetrics metrics = MeasureRun(exported.run, exported.tasks, dag);
  const std::set<AttemptKey> cold = ColdAttempts(exported.attempts);
  ReportRun run;
  run.run = exported.run;
  run.makespan = metrics.makespan;
  if (about.shape && !exported.tasks.empty()) {
    run.critical_path = metrics.ideal;
    run.overhead = metrics.overhead;
    run.normalized_overhead = metrics.normalized_overhead;
  }
  run.cold = cold.size();
  for (const AttemptInfo& attempt : exported.attempts) {
    run.attempts += attempt.usage.start_type.empty() ? 0 : 1;
  }
  for (size_t i = 0; i < exported.tasks.size(); ++i) {
    const TaskRecord& record = exported.tasks[i].record;
    ReportTask task{numbers->Of(record.task_id), record.map_index, record.state, {}, {}, {}};
    if (record.start_date && run.run.start_date) {
      task.start = ToSeconds(*record.start_date - *run.run.start_date);
    }
    task.duration = metrics.tasks[i].duration;
    task.wait = metrics.tasks[i].wait;
    task.cold = cold.contains({record.task_id, record.map_index, record.try_number});
    run.tasks.push_back(task);
  }
  return run;
}

std::string Label(const ReportCase& experiment, const std::string& dag_id) {
  const std::string size = std::to_string(experiment.size);
  switch (experiment.shape) {
    case Shape::kParallel:
    case Shape::kChain:
      return size + (experiment.size == 1 ? " task" : " tasks");
    case Shape::kForest:
      return size + (experiment.size == 1 ? " DAG" : " DAGs");
    case Shape::kOther:
      break;
  }
  return dag_id;
}

size_t DifferentTasks(const std::vector<const ExportedRun*>& runs) {
  std::set<std::string> ids;
  for (const ExportedRun* run : runs) {
    for (const TaskInfo& task : run->tasks) ids.insert(task.record.task_id);
  }
  return ids.size();
}

size_t RunsWithoutTasks(const std::vector<const ExportedRun*>& runs) {
  return static_cast<size_t>(std::count_if(
      runs.begin(), runs.end(), [](const ExportedRun* run) { return run->tasks.empty(); }));
}

void Builder::AddDag(const ResultSet& results, const std::string& folder, const std::string& dag_id,
                     const std::vector<const ExportedRun*>& runs) {
  const auto found = results.dags.find(dag_id);
  const bool known = found != results.dags.end() && found->second != nullptr;
  const std::shared_ptr<const Dag> dag = known ? found->second : ShapelessDag(dag_id);
  ReportDag about{dag_id, {}, {}};
  if (known) {
    about.shape = ShapeOf(*dag);
    for (const Task& task : dag->tasks) about.tasks.push_back(task.id);
  } else {
    Note(
        fmt::format("{}: the shape of DAG '{}' is unknown, since the export has no rows of it in "
                    "the table dagtask; its task waits, critical path and overhead are left out",
                    folder, dag_id));
  }
  if (const size_t empty = RunsWithoutTasks(runs); empty > 0) {
    Note(
        fmt::format("{}: {} of {} runs of DAG '{}' have no task instances in the export; their "
                    "durations count, their tasks cannot",
                    folder, empty, runs.size(), dag_id));
  }
  ReportCase experiment =
      DescribeCase({results.system, dag_id, about.shape, DifferentTasks(runs), MostlyCold(runs)});
  if (folder != results.system) experiment.system += folder.substr(results.system.size());
  ReportSeries* series = FindSeries(folder, experiment, Label(experiment, dag_id));
  series->dags.push_back(std::move(about));
  TaskNumbers numbers(&series->dags.back());
  for (const ExportedRun* run : runs) {
    series->runs.push_back(MakeRun(*run, *dag, series->dags.back(), &numbers));
    series->runs.back().dag = series->dags.size() - 1;
    if (known) continue;
    for (ReportTask& task : series->runs.back().tasks) task.wait.reset();
  }
}

void Builder::Add(const ResultSet& results) {
  std::string folder = results.system;
  if (const int times = ++folders_[results.system]; times > 1) {
    folder += fmt::format(" #{}", times);
    Note(fmt::format("'{}' is what {} has under the name {}", folder, results.source,
                     results.system));
  }
  std::map<std::string, std::vector<const ExportedRun*>> by_dag;
  for (const ExportedRun& run : results.runs) by_dag[run.run.key.dag_id].push_back(&run);
  for (const auto& [dag_id, runs] : by_dag) AddDag(results, folder, dag_id, runs);
  if (results.runs.empty()) Note(fmt::format("{}: the export has no runs", folder));
}

bool BySize(const ReportSeries& a, const ReportSeries& b) {
  return std::tie(a.group, a.size, a.label) < std::tie(b.group, b.size, b.label);
}

}  // namespace

Result<LabReport> MakeReport(const std::vector<ResultSet>& results, const Json& published) {
  Builder builder;
  std::string sources;
  bool any = false;
  for (const ResultSet& set : results) {
    builder.Add(set);
    any = any || !set.runs.empty();
    sources += (sources.empty() ? "" : ", ") + set.source;
  }
  if (!any) {
    return Invalid("there is nothing to report: " + (sources.empty() ? "no results" : sources) +
                   (sources.empty() ? "" : " without any run") +
                   "; export again when runs have ended");
  }
  LabReport report = builder.Take();
  std::stable_sort(report.series.begin(), report.series.end(), BySize);
  BEEFLOW_RETURN_IF_ERROR(AddPublished(published, &report));
  return report;
}

Status CheckExclusions(const LabReport& report, const Exclusions& exclusions) {
  std::set<std::string> runs;
  std::set<std::string> tasks;
  for (const ReportSeries& series : report.series) {
    for (const ReportRun& run : series.runs) runs.insert(run.run.key.run_id);
    for (const ReportDag& dag : series.dags) tasks.insert(dag.tasks.begin(), dag.tasks.end());
  }
  const auto check = [](const char* option, const char* what, const std::set<std::string>& known,
                        const std::vector<std::string>& wanted) -> Status {
    for (const std::string& id : wanted) {
      if (known.contains(id)) continue;
      return NotFound(fmt::format("{}: no {} of the results has the id '{}'{}", option, what, id,
                                  DidYouMean(id, {known.begin(), known.end()})));
    }
    return Ok();
  };
  BEEFLOW_RETURN_IF_ERROR(check("--exclude-run", "run", runs, exclusions.runs));
  return check("--exclude-task", "task", tasks, exclusions.tasks);
}

}  // namespace beeflow
