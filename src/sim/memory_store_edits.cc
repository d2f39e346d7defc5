// The edits that others make in a MemoryStore.
#include <algorithm>
#include <unordered_set>

#include "ports/branch_skip.h"
#include "sim/memory_store.h"

namespace beeflow {
namespace {

Error NoDag(const std::string& dag_id) { return NotFound("DAG " + dag_id + " is not known"); }

Error NoRun(const RunKey& run) {
  return NotFound("DAG " + run.dag_id + ": run " + run.run_id + " is not known");
}

bool IsChosen(const TaskSelection& selection, const TaskRecord& task) {
  const auto& ids = selection.tasks;
  if (!ids.empty() && std::find(ids.begin(), ids.end(), task.task_id) == ids.end()) return false;
  const bool failed = task.state == TaskState::kFailed || task.state == TaskState::kUpstreamFailed;
  return (!selection.map_index || *selection.map_index == task.map_index) &&
         (!selection.only_failed || failed) &&
         (!selection.only_running || task.state == TaskState::kRunning);
}

}  // namespace

Status MemoryStore::SetPaused(const std::string& dag_id, bool paused) {
  return ByHand([&]() -> Status {
    const auto it = dags_.find(dag_id);
    if (it == dags_.end()) return NoDag(dag_id);
    StoredDag row = it->second;
    row.record.is_paused = paused;
    PutDag(std::move(row));
    return Ok();
  });
}

Result<RunRecord> MemoryStore::CreateRun(const RunRecord& run) {
  return ByHand([&]() -> Result<RunRecord> {
    if (!Apply(beeflow::CreateRun{run})) {
      return Conflict("DAG " + run.key.dag_id + ": a run " + run.key.run_id +
                      " or one of the logical date " + FormatIso(run.logical_date) + " exists");
    }
    return FindRun(run.key)->record;
  });
}

Status MemoryStore::DeleteDag(const std::string& dag_id) {
  return ByHand([&]() -> Status {
    if (!dags_.contains(dag_id)) return NoDag(dag_id);
    const RunsOfDag runs = runs_[dag_id];
    for (const auto& [run_id, run] : runs) {
      for (const auto& [key, task] : run.tasks) {
        if (task.state != TaskState::kRunning) continue;
        return Conflict("DAG " + dag_id + ": task " + task.task_id + " of run " + run_id +
                        " is running; wait for it or mark it failed first");
      }
    }
    for (const auto& [run_id, run] : runs) EraseRun(run.record.key);
    EraseDag(dag_id);
    return Ok();
  });
}

Status MemoryStore::DeleteRun(const RunKey& run) {
  return ByHand([&]() -> Status {
    if (!FindRun(run)) return NoRun(run);
    EraseRun(run);
    return Ok();
  });
}

std::vector<TaskRecord> MemoryStore::Selected(const TaskSelection& selection) const {
  std::vector<TaskRecord> out;
  for (const auto& [key, task] : FindRun(selection.run)->tasks) {
    if (IsChosen(selection, task)) out.push_back(task);
  }
  return out;
}

// Airflow's clear: what runs is restarted, everything else starts anew with fresh tries.
void MemoryStore::ClearTask(TaskRecord row) {
  if (row.state == TaskState::kRunning || row.state == TaskState::kRestarting) {
    row.state = TaskState::kRestarting;
  } else {
    const auto dag = dags_.find(row.run.dag_id);
    const auto model =
        dag == dags_.end() || !dag->second.dag ? std::nullopt : dag->second.dag->Find(row.task_id);
    const int retries = model ? dag->second.dag->tasks[*model].retries : row.max_tries;
    row.state = TaskState::kNone;
    row.max_tries = row.try_number + retries;
    row.attempt = 0;
  }
  PutTask(std::move(row));
}

std::vector<TaskRecord> MemoryStore::WithoutKeptSkips(std::vector<TaskRecord> chosen) const {
  std::unordered_set<std::string> cleared;
  for (const TaskRecord& task : chosen) cleared.insert(task.task_id);
  std::erase_if(chosen, [&](const TaskRecord& task) {
    const auto dag = dags_.find(task.run.dag_id);
    if (dag == dags_.end() || !dag->second.dag) return false;
    const auto read = [&](const std::string& task_id, int map_index) {
      const auto xcom =
          xcoms_.find(XComKey{task.run, task_id, map_index, std::string(kSkippedXCom)});
      return Result<std::optional<std::string>>(
          xcom == xcoms_.end() ? std::nullopt : std::optional<std::string>(xcom->second));
    };
    return StaysSkipped(task, *dag->second.dag, cleared, read).value();
  });
  return chosen;
}

Result<int64_t> MemoryStore::Clear(const TaskSelection& selection) {
  return ByHand([&]() -> Result<int64_t> {
    if (!FindRun(selection.run)) return NoRun(selection.run);
    const std::vector<TaskRecord> chosen = WithoutKeptSkips(Selected(selection));
    for (const TaskRecord& task : chosen) ClearTask(task);
    RunRecord run = FindRun(selection.run)->record;
    if (!chosen.empty() && IsFinished(run.state)) {
      run.state = RunState::kQueued;
      run.start_date.reset();
      run.end_date.reset();
      PutRun(std::move(run));
    }
    return static_cast<int64_t>(chosen.size());
  });
}

Result<int64_t> MemoryStore::SetTaskState(const TaskSelection& selection, TaskState state,
                                          Time now) {
  return ByHand([&]() -> Result<int64_t> {
    if (!FindRun(selection.run)) return NoRun(selection.run);
    int64_t changed = 0;
    for (TaskRecord task : Selected(selection)) {
      if (task.state == state) continue;
      task.state = state;
      if (!task.start_date) task.start_date = now;
      task.end_date = now;
      PutTask(std::move(task));
      ++changed;
    }
    return changed;
  });
}

Status MemoryStore::SetRunState(const RunKey& run, RunState state, Time now) {
  return ByHand([&]() -> Status {
    if (!FindRun(run)) return NoRun(run);
    RunRecord row = FindRun(run)->record;
    row.state = state;
    if (IsFinished(state)) {
      row.end_date = now;
    } else {
      row.end_date.reset();
      if (state == RunState::kQueued) row.start_date.reset();
    }
    PutRun(std::move(row));
    return Ok();
  });
}

Status MemoryStore::StartBackfill(const BackfillOrder& order, const BackfillRecord& backfill,
                                  const std::vector<RunRecord>& runs) {
  return ByHand([&]() -> Status {
    const auto it = dags_.find(order.dag_id);
    if (it == dags_.end()) return NoDag(order.dag_id);
    if (it->second.record.backfill) return Conflict("DAG " + order.dag_id + " has a backfill");
    StoredDag row = it->second;
    row.record.backfill = backfill;
    PutDag(std::move(row));
    for (const RunRecord& run : runs) {
      if (Apply(beeflow::CreateRun{run})) continue;
      const auto date = dates_[order.dag_id].find(run.logical_date);
      if (date == dates_[order.dag_id].end()) continue;
      const RunRecord& existing = FindRun({order.dag_id, date->second})->record;
      if (WhyKept(existing.state, order.reprocess).empty()) TakeRunAlong(existing, run, order);
    }
    return Ok();
  });
}

// The run that is there for the date of `run` starts anew in its place.
void MemoryStore::TakeRunAlong(RunRecord existing, const RunRecord& run,
                               const BackfillOrder& order) {
  TaskSelection all;
  all.run = existing.key;
  for (const TaskRecord& task : WithoutKeptSkips(Selected(all))) ClearTask(task);
  existing.state = RunState::kQueued;
  existing.type = RunType::kBackfill;
  existing.queued_at = run.queued_at;
  existing.start_date = existing.end_date = std::nullopt;
  if (order.conf) existing.conf = *order.conf;
  existing.backfill_id = run.backfill_id;
  existing.backfill_ordinal = run.backfill_ordinal;
  PutRun(std::move(existing));
}

Status MemoryStore::SetBackfill(const std::string& dag_id, const BackfillRecord& backfill) {
  return ByHand([&]() -> Status {
    const auto it = dags_.find(dag_id);
    if (it == dags_.end()) return NoDag(dag_id);
    StoredDag row = it->second;
    row.record.backfill = backfill;
    PutDag(std::move(row));
    return Ok();
  });
}

Status MemoryStore::CancelBackfill(const std::string& dag_id, Time now) {
  return ByHand([&]() -> Status {
    const auto it = dags_.find(dag_id);
    if (it == dags_.end()) return NoDag(dag_id);
    StoredDag row = it->second;
    const auto backfill = std::exchange(row.record.backfill, std::nullopt);
    if (!backfill) return NotFound("DAG " + dag_id + " has no backfill");
    PutDag(std::move(row));
    std::vector<RunRecord> waiting;
    for (const auto& [run_id, run] : runs_[dag_id]) {
      const bool waits = run.record.state == RunState::kQueued;
      if (waits && run.record.backfill_id == backfill->id) waiting.push_back(run.record);
    }
    for (RunRecord& run : waiting) {
      run.state = RunState::kFailed;
      run.end_date = now;
      PutRun(std::move(run));
    }
    return Ok();
  });
}

// The control loop's, beside what starts them.
bool MemoryStore::Apply(const CompleteBackfill& done) {
  const auto it = dags_.find(done.dag_id);
  const auto backfill = it == dags_.end() ? std::nullopt : it->second.record.backfill;
  if (!backfill || backfill->id != done.backfill_id) return false;
  for (const auto& [run_id, run] : runs_[done.dag_id]) {
    const bool is_part = run.record.backfill_id == done.backfill_id;
    if (is_part && !IsFinished(run.record.state)) return false;
  }
  StoredDag row = it->second;
  row.record.backfill.reset();
  PutDag(std::move(row));
  return true;
}

Status MemoryStore::SetPool(const std::string& name, int slots) {
  return ByHand([&]() -> Status {
    StoredPool row{{name, slots}, ""};
    if (const auto it = pools_.find(name); it != pools_.end()) {
      row.description = it->second.description;
    }
    PutPool(std::move(row));
    return Ok();
  });
}

Status MemoryStore::DeletePool(const std::string& name) {
  return ByHand([&]() -> Status {
    if (!pools_.contains(name)) return NotFound("pool '" + name + "' does not exist");
    ErasePool(name);
    return Ok();
  });
}

Status MemoryStore::SyncFile(const ParsedFile& file, bool paused_at_creation, Time now) {
  return ByHand([&] { return DoSyncFile(file, paused_at_creation, now); });
}

Status MemoryStore::RemoveFile(const std::string& path) {
  return ByHand([&] { return DoRemoveFile(path); });
}

Status MemoryStore::WriteRun(const RunRecord& run) {
  return ByHand([&]() -> Status {
    RunRecord row = run;
    if (row.id == 0) row.id = ++last_run_id_;
    PutRun(std::move(row));
    return Ok();
  });
}

Status MemoryStore::WriteTask(const TaskRecord& task) {
  return ByHand([&]() -> Status {
    if (!FindRun(task.run)) return NoRun(task.run);
    PutTask(task);
    return Ok();
  });
}

Status MemoryStore::DeleteTask(const RunKey& run, const std::string& task_id, int map_index) {
  return ByHand([&]() -> Status {
    const TaskRecord* task = FindTask(run, task_id, map_index);
    if (!task) return NotFound("run " + run.run_id + ": task " + task_id + " has no instance");
    EraseTask(TaskRecord(*task));
    return Ok();
  });
}

}  // namespace beeflow
