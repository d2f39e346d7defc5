// tasks clear: lets task instances that have ended run again.
#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "cli/regex_filter.h"

namespace beeflow {
namespace {

struct ClearOptions {
  std::string dag_id, task_regex, start, end, run_id;
  std::optional<int> map_index;
  bool upstream = false;
  bool downstream = false;
  bool only_failed = false;
  bool only_running = false;
  bool yes = false;
};

// Empty stands for all tasks, as in TaskSelection.
Result<std::vector<std::string>> SelectTasks(const Dag& dag, const ClearOptions& options) {
  std::vector<std::string> ids;
  if (options.task_regex.empty()) return ids;
  BEEFLOW_ASSIGN_OR_RETURN(const std::regex pattern,
                           CompileRegex("--task-regex", options.task_regex));
  std::vector<TaskIndex> roots;
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) {
    if (std::regex_search(dag.tasks[i].id, pattern)) roots.push_back(i);
  }
  if (roots.empty()) {
    return NotFound("no task of DAG '" + dag.id + "' matches '" + options.task_regex +
                    "'; 'beeflow tasks list " + dag.id + "' shows its tasks");
  }
  const std::vector<TaskIndex> chosen = Closure(dag, roots, options.upstream, options.downstream);
  for (const TaskIndex i : chosen) ids.push_back(dag.tasks[i].id);
  for (const TaskIndex i : SetupsAndTeardowns(dag, chosen)) ids.push_back(dag.tasks[i].id);
  return ids;
}

Result<std::vector<RunRecord>> SelectRuns(Catalog* catalog, const ClearOptions& options) {
  if (!options.run_id.empty()) {
    BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, FindRun(catalog, options.dag_id, options.run_id));
    return std::vector<RunRecord>{run};
  }
  RunFilter filter;
  filter.dag_id = options.dag_id;
  BEEFLOW_ASSIGN_OR_RETURN(filter.logical_date_from,
                           ParseOptionalDate("--start-date", options.start));
  BEEFLOW_ASSIGN_OR_RETURN(filter.logical_date_to, ParseOptionalDate("--end-date", options.end));
  return AllRuns(catalog, filter);
}

// What has not begun yet needs no clearing.
bool IsListed(const ClearedTask& task) {
  return task.state == TaskState::kRunning ||
         (IsFinished(task.state) && task.state != TaskState::kRemoved);
}

std::string Describe(const ClearedTask& task) {
  std::string text = "  " + task.run_id + "  " + task.task_id;
  if (task.map_index >= 0) text += "[" + std::to_string(task.map_index) + "]";
  return text + "  " + std::string(ToString(task.state)) + "\n";
}

// How many were cleared. All of it is one transaction, with an audit line for each run.
Result<size_t> ClearAndAudit(Session& session, Catalog* catalog, const ClearSelection& selection) {
  size_t cleared = 0;
  const auto clear = [&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<ClearedTask> tasks, catalog->Clear(selection));
    cleared = tasks.size();
    std::map<std::string, int64_t> counts;
    for (const ClearedTask& task : tasks) ++counts[task.run_id];
    for (const auto& [run_id, count] : counts) {
      BEEFLOW_RETURN_IF_ERROR(
          session.Audit("clear", {selection.dag_id, run_id}, "", std::to_string(count)));
    }
    return Ok();
  };
  BEEFLOW_RETURN_IF_ERROR(catalog->Together(clear));
  return cleared;
}

Status Clear(Session& session, const ClearOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, FindModel(catalog, options.dag_id));
  ClearSelection selection;
  selection.dag_id = options.dag_id;
  selection.only_failed = options.only_failed;
  selection.only_running = options.only_running;
  selection.map_index = options.map_index;
  BEEFLOW_ASSIGN_OR_RETURN(selection.tasks, SelectTasks(*dag, options));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<RunRecord> runs, SelectRuns(catalog, options));
  for (const RunRecord& run : runs) selection.runs.push_back(run.key.run_id);
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<ClearedTask> tasks, catalog->Clearable(selection));
  std::erase_if(tasks, [](const ClearedTask& task) { return !IsListed(task); });
  if (tasks.empty()) {
    session.out() << "Nothing to clear.\n";
    return Ok();
  }
  std::string listing;
  constexpr size_t kListed = 100;
  for (size_t i = 0; i < std::min(tasks.size(), kListed); ++i) listing += Describe(tasks[i]);
  if (!options.yes) session.err() << "You are about to clear:\n" << listing;
  BEEFLOW_RETURN_IF_ERROR(session.Confirm(
      std::to_string(tasks.size()) + " task instances. Are you sure?", options.yes));
  selection.runs.clear();
  for (const ClearedTask& task : tasks) {
    if (selection.runs.empty() || selection.runs.back() != task.run_id) {
      selection.runs.push_back(task.run_id);
    }
  }
  BEEFLOW_ASSIGN_OR_RETURN(const size_t cleared, ClearAndAudit(session, catalog, selection));
  session.out() << cleared << " task instances have been cleared\n";
  return Ok();
}

}  // namespace

void AddClearCommand(CLI::App* tasks, Commands* commands) {
  auto options = std::make_shared<ClearOptions>();
  CLI::App* verb = tasks->add_subcommand("clear", "Clear task instances, so that they run again");
  verb->add_option("dag_id", options->dag_id)->required();
  verb->add_option("-t,--task-regex", options->task_regex, "Only tasks whose id matches");
  verb->add_option("-s,--start-date", options->start, "Only logical dates from this on");
  verb->add_option("-e,--end-date", options->end, "Only logical dates up to this");
  verb->add_option("--run-id", options->run_id, "Only this run");
  verb->add_option("--map-index", options->map_index, "Only this instance of mapped tasks")
      ->check(CLI::Range(0, 1'000'000));
  verb->add_flag("-u,--upstream", options->upstream, "Include upstream tasks");
  verb->add_flag("-d,--downstream", options->downstream, "Include downstream tasks");
  verb->add_flag("-f,--only-failed", options->only_failed, "Only failed task instances");
  verb->add_flag("-r,--only-running", options->only_running, "Only running task instances");
  AddYes(verb, &options->yes);
  AddIgnoredOptions(verb);
  commands->On(verb, [options](Session& session) { return Clear(session, *options); });
}

}  // namespace beeflow
