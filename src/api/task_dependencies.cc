#include "api/task_dependencies.h"

#include <algorithm>

#include "scheduler/trigger_rule.h"

namespace beeflow {
namespace {

void Add(const std::string& name, const std::string& reason, Json* failed) {
  failed->push_back({{"name", name}, {"reason", reason}});
}

void CheckTriggerRule(const Dag& dag, const Task& task, const std::vector<TaskInfo>& tasks,
                      Json* failed) {
  UpstreamCounts counts;
  counts.total = static_cast<uint32_t>(task.upstream.size());
  std::string awaited;
  for (const TaskIndex index : task.upstream) {
    const std::string& id = dag.tasks[index].id;
    for (const TaskInfo& other : tasks) {
      if (other.record.task_id != id) continue;
      counts.Add(other.record.state, 1);
      if (IsFinished(other.record.state)) continue;
      const std::string_view state = ToString(other.record.state);
      awaited += (awaited.empty() ? "" : ", ") + id + " (" +
                 (state.empty() ? "no state yet" : std::string(state)) + ")";
    }
  }
  if (awaited.empty() || Evaluate(task.trigger_rule, counts) != Verdict::kWait) return;
  Add("Trigger Rule",
      "Task's trigger rule '" + std::string(ToString(task.trigger_rule)) +
          "' waits for upstream tasks that have not ended: " + awaited,
      failed);
}

Status CheckPast(Catalog* catalog, const Task& task, const TaskRecord& record, const RunRecord& run,
                 Json* failed) {
  if (!task.depends_on_past) return Ok();
  RunFilter filter;
  filter.dag_id = run.key.dag_id;
  filter.logical_date_to = run.logical_date - Duration(1);
  filter.limit = 1;
  BEEFLOW_ASSIGN_OR_RETURN(const auto earlier, catalog->Runs(filter));
  if (earlier.empty()) return Ok();
  const auto before = catalog->Task(earlier[0].key, task.id, record.map_index);
  if (!before.ok()) return Ok();
  const TaskState state = before->record.state;
  if (state == TaskState::kSuccess || state == TaskState::kSkipped) return Ok();
  const std::string_view name = ToString(state);
  Add("Previous Dagrun State",
      "depends_on_past is true for this task, but its instance of the run " +
          earlier[0].key.run_id + " is in the state '" +
          (name.empty() ? "none" : std::string(name)) + "'",
      failed);
  return Ok();
}

Status CheckPool(Catalog* catalog, const Task& task, Json* failed) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<PoolInfo> pools, catalog->Pools());
  const auto pool = std::find_if(pools.begin(), pools.end(),
                                 [&](const PoolInfo& p) { return p.record.name == task.pool; });
  if (pool == pools.end()) {
    Add("Pool Slots Available", "the task's pool '" + task.pool + "' does not exist: create it",
        failed);
    return Ok();
  }
  if (pool->record.slots < 0) return Ok();
  const int64_t open = pool->record.slots - pool->running_slots - pool->queued_slots;
  if (open >= task.pool_slots) return Ok();
  Add("Pool Slots Available",
      "there are " + std::to_string(std::max<int64_t>(0, open)) + " open slots in the pool '" +
          task.pool + "', and the task needs " + std::to_string(task.pool_slots),
      failed);
  return Ok();
}

}  // namespace

Result<Json> FailedDependencies(Catalog* catalog, const TaskRecord& task) {
  Json failed = Json::array();
  if (task.state != TaskState::kNone && task.state != TaskState::kScheduled) return failed;
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, catalog->Run(task.run));
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo info, catalog->Dag(task.run.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, catalog->Model(task.run.dag_id));
  if (info.record.is_paused) {
    Add("Dag Not Paused", "the DAG '" + info.record.dag_id + "' is paused", &failed);
  }
  if (run.state != RunState::kRunning) {
    Add("Dagrun Running",
        "the run is not in the state 'running', but '" + std::string(ToString(run.state)) + "'",
        &failed);
  }
  if (const auto index = dag->Find(task.task_id)) {
    const Task& model = dag->tasks[*index];
    BEEFLOW_RETURN_IF_ERROR(CheckPool(catalog, model, &failed));
    BEEFLOW_RETURN_IF_ERROR(CheckPast(catalog, model, task, run, &failed));
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<TaskInfo> tasks, catalog->Tasks(task.run));
    CheckTriggerRule(*dag, model, tasks, &failed);
  } else {
    Add("Task Exists", "the DAG no longer has the task '" + task.task_id + "'", &failed);
  }
  std::sort(failed.begin(), failed.end(),
            [](const Json& a, const Json& b) { return a["name"] < b["name"]; });
  return failed;
}

}  // namespace beeflow
