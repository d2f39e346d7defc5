#include "api/task_selection.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "api/json_shapes.h"

namespace beeflow {
namespace {

constexpr int64_t kAll = INT64_MAX;

// The run, and those of its DAG before and after it that are reached.
Result<std::vector<RunRecord>> RunsAround(Catalog* catalog, const RunKey& key, const Reach& reach) {
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, catalog->Run(key));
  if (!reach.past && !reach.future) return std::vector<RunRecord>{run};
  RunFilter filter;
  filter.dag_id = key.dag_id;
  if (!reach.past) filter.logical_date_from = run.logical_date;
  if (!reach.future) filter.logical_date_to = run.logical_date;
  filter.newest_first = false;
  filter.limit = kAll;
  return catalog->Runs(filter);
}

Result<std::vector<RunRecord>> RunsToClear(Catalog* catalog, const ClearRequest& request) {
  if (request.run_id) {
    return RunsAround(catalog, {request.dag_id, *request.run_id}, request.reach);
  }
  RunFilter filter;
  filter.dag_id = request.dag_id;
  if (!request.reach.past) filter.logical_date_from = request.from;
  if (!request.reach.future) filter.logical_date_to = request.to;
  filter.newest_first = false;
  filter.limit = kAll;
  return catalog->Runs(filter);
}

void Touch(const std::vector<TaskRecord>& tasks, const RunRecord& run, TouchedTasks* touched) {
  if (tasks.empty()) return;
  for (const TaskRecord& task : tasks) {
    touched->references.push_back(TaskReference(task, run.logical_date));
  }
  touched->runs.emplace_back(run.key, static_cast<int64_t>(tasks.size()));
}

// The instances of `ids` that are not in the state yet.
Result<std::vector<TaskRecord>> Markable(Catalog* catalog, const RunKey& run,
                                         const std::vector<std::string>& ids,
                                         const MarkRequest& request) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<TaskInfo> tasks, catalog->Tasks(run));
  const std::unordered_set<std::string> wanted(ids.begin(), ids.end());
  std::vector<TaskRecord> found;
  for (const TaskInfo& task : tasks) {
    const TaskRecord& record = task.record;
    if (!wanted.contains(record.task_id)) continue;
    if (request.map_index && record.map_index != *request.map_index) continue;
    if (record.state != request.state) found.push_back(record);
  }
  return found;
}

Status Mark(Catalog* catalog, const std::vector<TaskRecord>& tasks, const MarkRequest& request) {
  TaskSelection selection;
  selection.run = tasks.front().run;
  selection.map_index = request.map_index;
  for (const TaskRecord& task : tasks) {
    if (selection.tasks.empty() || selection.tasks.back() != task.task_id) {
      selection.tasks.push_back(task.task_id);
    }
  }
  BEEFLOW_RETURN_IF_ERROR(catalog->SetTaskState(selection, request.state, request.now));
  return Ok();
}

// Clears what had failed downstream of a task that was marked.
Status GoOnFrom(Catalog* catalog, const Dag& dag, const RunKey& run, const MarkRequest& request,
                const std::vector<std::string>& marked) {
  Reach below;
  below.downstream = true;
  ClearSelection failed;
  failed.dag_id = run.dag_id;
  failed.runs = {run.run_id};
  failed.only_failed = true;
  BEEFLOW_ASSIGN_OR_RETURN(failed.tasks, RelatedTasks(dag, {request.task_id}, below));
  const std::unordered_set<std::string> were_marked(marked.begin(), marked.end());
  std::erase_if(failed.tasks, [&](const std::string& id) { return were_marked.contains(id); });
  if (failed.tasks.empty()) return Ok();
  BEEFLOW_RETURN_IF_ERROR(catalog->Clear(failed));
  return Ok();
}

// The tasks of which all instances are to be cleared, with the setups and teardowns that belong to
// what is cleared; empty where all tasks are, or where single instances are alone.
Result<std::vector<std::string>> WholeTasks(const Dag& dag, const ClearRequest& request) {
  std::vector<std::string> roots = request.tasks;
  for (const auto& [task_id, map_index] : request.instances) roots.push_back(task_id);
  if (roots.empty()) return roots;
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<std::string> ids, RelatedTasks(dag, roots, request.reach));
  std::vector<TaskIndex> chosen;
  for (const std::string& id : ids) chosen.push_back(*dag.Find(id));
  for (const TaskIndex index : SetupsAndTeardowns(dag, chosen)) ids.push_back(dag.tasks[index].id);
  const std::unordered_set<std::string> whole(request.tasks.begin(), request.tasks.end());
  for (const auto& [task_id, map_index] : request.instances) {
    if (!whole.contains(task_id)) std::erase(ids, task_id);
  }
  return ids;
}

// What is to be cleared, planned on the request's own thread: clearing itself is all that the
// loop's thread has to do.
struct ClearPlan {
  ClearSelection selection{};
  std::map<std::string, Time> dates{};  // logical, of the runs
};

Result<ClearPlan> PlanClear(Catalog* catalog, const ClearRequest& request) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, catalog->Model(request.dag_id));
  ClearPlan plan;
  ClearSelection& selection = plan.selection;
  selection.dag_id = request.dag_id;
  selection.instances = request.instances;
  selection.only_failed = request.only_failed;
  selection.only_running = request.only_running;
  selection.requeue_runs = request.requeue_runs;
  BEEFLOW_ASSIGN_OR_RETURN(selection.tasks, WholeTasks(*dag, request));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<RunRecord> runs, RunsToClear(catalog, request));
  for (const RunRecord& run : runs) {
    selection.runs.push_back(run.key.run_id);
    plan.dates.emplace(run.key.run_id, run.logical_date);
  }
  return plan;
}

// The runs of the selection that have cleared tasks, and how many.
std::vector<std::pair<RunKey, int64_t>> CountByRun(const ClearSelection& selection,
                                                   const std::vector<ClearedTask>& tasks) {
  std::unordered_map<std::string, int64_t> counts;
  for (const ClearedTask& task : tasks) ++counts[task.run_id];
  std::vector<std::pair<RunKey, int64_t>> runs;
  for (const std::string& run_id : selection.runs) {
    const auto count = counts.find(run_id);
    if (count == counts.end()) continue;
    runs.emplace_back(RunKey{selection.dag_id, run_id}, count->second);
  }
  return runs;
}

TouchedTasks TouchedBy(const ClearPlan& plan, const std::vector<ClearedTask>& tasks) {
  TouchedTasks touched;
  TaskRecord record;
  record.run.dag_id = plan.selection.dag_id;
  for (const ClearedTask& task : tasks) {
    record.run.run_id = task.run_id;
    record.task_id = task.task_id;
    touched.references.push_back(TaskReference(record, plan.dates.at(task.run_id)));
  }
  touched.runs = CountByRun(plan.selection, tasks);
  return touched;
}

}  // namespace

Result<std::vector<std::string>> RelatedTasks(const Dag& dag, const std::vector<std::string>& ids,
                                              const Reach& reach) {
  std::vector<TaskIndex> roots;
  for (const std::string& id : ids) {
    const auto index = dag.Find(id);
    if (!index) return NotFound("DAG '" + dag.id + "' has no task '" + id + "'");
    roots.push_back(*index);
  }
  std::vector<std::string> related;
  for (const TaskIndex index : Closure(dag, roots, reach.upstream, reach.downstream)) {
    related.push_back(dag.tasks[index].id);
  }
  return related;
}

Result<TouchedTasks> ClearTasks(ApiCall& call, const ClearRequest& request, bool is_dry_run,
                                const std::string& task_id) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const ClearPlan plan, PlanClear(catalog, request));
  if (is_dry_run) {
    BEEFLOW_ASSIGN_OR_RETURN(const auto tasks, catalog->Clearable(plan.selection));
    return TouchedBy(plan, tasks);
  }
  std::vector<ClearedTask> cleared;
  std::vector<AuditNote> notes;
  BEEFLOW_RETURN_IF_ERROR(call.Write(notes, [&](Catalog* edited) -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(cleared, edited->Clear(plan.selection));
    for (const auto& [run, count] : CountByRun(plan.selection, cleared)) {
      notes.push_back({"clear", run.dag_id, run.run_id, task_id, std::to_string(count)});
    }
    return Ok();
  }));
  return TouchedBy(plan, cleared);
}

Result<TouchedTasks> MarkTasks(Catalog* catalog, const MarkRequest& request, bool apply) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, catalog->Model(request.run.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                           RelatedTasks(*dag, {request.task_id}, request.reach));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<RunRecord> runs,
                           RunsAround(catalog, request.run, request.reach));
  TouchedTasks touched;
  for (const RunRecord& run : runs) {
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<TaskRecord> tasks,
                             Markable(catalog, run.key, ids, request));
    Touch(tasks, run, &touched);
    if (!apply || tasks.empty()) continue;
    BEEFLOW_RETURN_IF_ERROR(Mark(catalog, tasks, request));
    BEEFLOW_RETURN_IF_ERROR(GoOnFrom(catalog, *dag, run.key, request, ids));
  }
  return touched;
}

}  // namespace beeflow
