// The edits of SqlCatalog; sql_catalog.cc has the queries.
#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "store/sql/catalog_queries.h"
#include "store/sql/queries.h"
#include "store/sql/sql_catalog.h"
#include "store/sql/transitions.h"

namespace beeflow {
namespace {

using sql::Statement;
using sql::TransactionScope;

bool IsSelected(const TaskSelection& selection, const TaskRecord& task) {
  const bool failed = task.state == TaskState::kFailed || task.state == TaskState::kUpstreamFailed;
  return (!selection.map_index || *selection.map_index == task.map_index) &&
         (!selection.only_failed || failed) &&
         (!selection.only_running || task.state == TaskState::kRunning);
}

bool HasProcess(TaskState state) {
  return state == TaskState::kRunning || state == TaskState::kRestarting;
}

}  // namespace

template <typename Edit>
auto SqlCatalog::InTransaction(const Edit& edit) -> decltype(edit()) {
  if (writing_) return edit();
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope scope, TransactionScope::Write(database_.get()));
  writing_ = true;
  auto result = edit();
  writing_ = false;
  if (!result.ok()) return result;
  BEEFLOW_RETURN_IF_ERROR(scope.Commit());
  return result;
}

Status SqlCatalog::Together(const std::function<Status()>& edits) {
  return InTransaction([&] { return edits(); });
}

Status SqlCatalog::RequireDag(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kDagExists, dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (row) return Ok();
  return NotFound("DAG " + dag_id + " is not in the database; see `beeflow dags list`");
}

Result<std::vector<TaskRecord>> SqlCatalog::Select(const TaskSelection& selection) {
  BEEFLOW_RETURN_IF_ERROR(Run(selection.run));
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<TaskRecord> all,
                           sql::LoadTasks(database_.get(), selection.run));
  std::unordered_set<std::string> missing(selection.tasks.begin(), selection.tasks.end());
  const std::unordered_set<std::string> named = missing;
  std::vector<TaskRecord> selected;
  for (TaskRecord& task : all) {
    missing.erase(task.task_id);
    if (!named.empty() && !named.contains(task.task_id)) continue;
    if (IsSelected(selection, task)) selected.push_back(std::move(task));
  }
  if (missing.empty()) return selected;
  return NotFound("DAG " + selection.run.dag_id + ", run " + selection.run.run_id +
                  ": there is no task instance " + *missing.begin());
}

Status SqlCatalog::SetPaused(const std::string& dag_id, bool paused) {
  return InTransaction([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(RequireDag(dag_id));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kSetPaused, paused, dag_id));
    return Ok();
  });
}

Result<RunRecord> SqlCatalog::CreateRun(const RunRecord& run) {
  return InTransaction([&]() -> Result<RunRecord> {
    BEEFLOW_RETURN_IF_ERROR(RequireDag(run.key.dag_id));
    BEEFLOW_ASSIGN_OR_RETURN(const bool created,
                             sql::ApplyTransition(database_.get(), beeflow::CreateRun{run}));
    if (created) return Run(run.key);
    return Conflict("DAG " + run.key.dag_id + ": a run with the id " + run.key.run_id +
                    " or the logical date " + FormatIso(run.logical_date) +
                    " exists already; choose others, or delete that run");
  });
}

Status SqlCatalog::DeleteDag(const std::string& dag_id) {
  return InTransaction([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(RequireDag(dag_id));
    {
      BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kRunningTask, dag_id));
      BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (row) {
        return Conflict("DAG " + dag_id + ": task " + rows.String(1) + " of run " + rows.String(0) +
                        " is running; wait for its end, or mark it failed");
      }
    }
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeleteRunsOfDag, dag_id));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeleteDag, dag_id));
    return Ok();
  });
}

Status SqlCatalog::DeleteRun(const RunKey& run) {
  return InTransaction([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(Run(run));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeleteRun, run.dag_id, run.run_id));
    return Ok();
  });
}

Status SqlCatalog::MarkTask(const TaskRecord& task, TaskState state, Time now) {
  const Time start = task.start_date.value_or(now);
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kMarkTask, ToString(state), start, now,
                                          ToSeconds(now - start), now, task.run.dag_id,
                                          task.run.run_id, task.task_id, task.map_index));
  return Ok();
}

Result<int64_t> SqlCatalog::SetTaskState(const TaskSelection& selection, TaskState state,
                                         Time now) {
  if (state != TaskState::kSuccess && state != TaskState::kFailed && state != TaskState::kSkipped) {
    return Invalid("a task instance cannot be marked '" + std::string(ToString(state)) +
                   "'; use success, failed or skipped");
  }
  return InTransaction([&]() -> Result<int64_t> {
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<TaskRecord> tasks, Select(selection));
    int64_t changed = 0;
    for (const TaskRecord& task : tasks) {
      if (task.state == state) continue;
      BEEFLOW_RETURN_IF_ERROR(MarkTask(task, state, now));
      ++changed;
    }
    return changed;
  });
}

Status SqlCatalog::MarkTasksOfRun(const RunKey& run, RunState state, Time now) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<TaskRecord> tasks,
                           sql::LoadTasks(database_.get(), run));
  for (const TaskRecord& task : tasks) {
    if (state == RunState::kSuccess) {
      if (task.state == TaskState::kSuccess) continue;
      BEEFLOW_RETURN_IF_ERROR(MarkTask(task, TaskState::kSuccess, now));
    } else if (!IsFinished(task.state)) {
      const TaskState end = HasProcess(task.state) ? TaskState::kFailed : TaskState::kSkipped;
      BEEFLOW_RETURN_IF_ERROR(MarkTask(task, end, now));
    }
  }
  return Ok();
}

Status SqlCatalog::SetRunState(const RunKey& run, RunState state, Time now) {
  if (state == RunState::kRunning) {
    return Invalid("a run cannot be marked running; queue it, and it will be started");
  }
  return InTransaction([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(Run(run));
    if (state == RunState::kQueued) {
      BEEFLOW_RETURN_IF_ERROR(
          database_->Send(sql::kMarkRunQueued, now, now, run.dag_id, run.run_id));
      return Ok();
    }
    BEEFLOW_RETURN_IF_ERROR(MarkTasksOfRun(run, state, now));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kMarkRunEnded, ToString(state), now, now, now,
                                            run.dag_id, run.run_id));
    return Ok();
  });
}

Status SqlCatalog::SetRunNote(const RunKey& run, const std::string& note, Time now) {
  return InTransaction([&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(const RunRecord record, Run(run));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kSetRunNote, record.id, note, now, now));
    return Ok();
  });
}

Status SqlCatalog::SetTaskNote(const RunKey& run, const std::string& task_id, int map_index,
                               const std::string& note, Time now) {
  return InTransaction([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(Task(run, task_id, map_index));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kSetTaskNote, run.dag_id, run.run_id, task_id,
                                            map_index, note, now, now));
    return Ok();
  });
}

Status SqlCatalog::SetPool(const PoolInfo& pool) {
  const std::string& name = pool.record.name;
  if (name.empty()) return Invalid("a pool needs a name");
  if (pool.record.slots < -1) {
    return Invalid("pool " + name + ": " + std::to_string(pool.record.slots) +
                   " is no number of slots; use 0 or more, or -1 for no limit");
  }
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kSetPool, name, pool.record.slots, pool.description,
                                          pool.include_deferred));
  return Ok();
}

Status SqlCatalog::DeletePool(const std::string& name) {
  if (name == "default_pool") return Invalid("default_pool cannot be deleted; tasks rely on it");
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows, database_->Execute(sql::kDeletePool, name));
  if (rows == 0) return NotFound("there is no pool " + name + "; see `beeflow pools list`");
  return Ok();
}

Status SqlCatalog::Audit(const AuditEntry& entry) {
  const auto when = entry.when == Time{} ? std::nullopt : std::optional<Time>(entry.when);
  return sql::AddLog(database_.get(), {when, entry.dag_id, entry.task_id, entry.run_id, entry.event,
                                       entry.owner, entry.extra, std::nullopt});
}

}  // namespace beeflow
