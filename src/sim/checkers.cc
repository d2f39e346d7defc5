#include "sim/checkers.h"

#include <algorithm>

namespace beeflow {
namespace {

constexpr size_t kViolationsMax = 20;

std::string NameOf(TaskState state) {
  return state == TaskState::kNone ? "none" : std::string(ToString(state));
}

std::string NameOf(const TaskRecord& task) {
  return task.task_id + (task.map_index < 0 ? "" : "[" + std::to_string(task.map_index) + "]");
}

bool IsFailedEnd(Outcome outcome) {
  return outcome == Outcome::kFailed || outcome == Outcome::kLost ||
         outcome == Outcome::kFailedWithoutRetry;
}

}  // namespace

HistoryChecker::HistoryChecker(const Executions* executions, Clock* clock, int parallelism)
    : executions_(executions), clock_(clock), parallelism_(parallelism) {
  pools_["default_pool"] = 128;
}

void HistoryChecker::Fail(const std::string& what) {
  if (violations_.size() < kViolationsMax) violations_.push_back(what);
}

void HistoryChecker::Fail(const TaskRecord& task, const std::string& what) {
  Fail("DAG " + task.run.dag_id + ", run " + task.run.run_id + ", task " + NameOf(task) + ": " +
       what);
}

void HistoryChecker::OnCommit(const std::vector<RowEdit>& edits, bool by_hand) {
  admitted_dags_.clear();
  new_runs_.clear();
  admitted_.clear();
  last_edits_.clear();
  for (const RowEdit& edit : edits) {
    std::visit([&](const auto& value) { Follow(value, by_hand); }, edit);
  }
  if (!by_hand && races_.empty()) CheckLimits();
}

void HistoryChecker::NoteRace(const std::vector<RowEdit>& edits, int64_t position) {
  for (const RowEdit& edit : edits) races_[DagIdOf(edit)] = position;
}

void HistoryChecker::ForgetRaces(int64_t reached) {
  std::erase_if(races_, [reached](const auto& race) { return race.second <= reached; });
}

void HistoryChecker::Follow(const Edit<StoredDag>& edit, bool /*by_hand*/) {
  const DagRecord& record = edit.after ? edit.after->record : edit.before->record;
  last_edits_.push_back("DAG " + record.dag_id);
  if (!edit.after) {
    dags_.erase(record.dag_id);
    return;
  }
  DagState& dag = dags_[record.dag_id];
  if (dag.dag != edit.after->dag) {
    ++dag.versions;
    for (auto& [run_id, run] : dag.runs) NoteOf(run.record.key).touched = true;
  }
  dag.record = record;
  dag.dag = edit.after->dag;
}

void HistoryChecker::Follow(const Edit<StoredPool>& edit, bool /*by_hand*/) {
  if (edit.after) {
    pools_[edit.after->record.name] = edit.after->record.slots;
  } else {
    pools_.erase(edit.before->record.name);
  }
}

void HistoryChecker::Follow(const Edit<RunRecord>& edit, bool by_hand) {
  ++edits_;
  const RunRecord& row = edit.after ? *edit.after : *edit.before;
  last_edits_.push_back("run " + row.key.run_id + " of DAG " + row.key.dag_id + " " +
                        std::string(ToString(row.state)));
  DagState& dag = dags_[row.key.dag_id];
  if (!edit.after) {
    dag.runs.erase(row.key.run_id);
    notes_.erase({row.key.dag_id, row.key.run_id});
    return;
  }
  if (!edit.before) new_runs_.emplace(row.key.dag_id, row.key.run_id);
  const bool races = races_.contains(row.key.dag_id);
  if ((by_hand || races) && edit.before) NoteOf(row.key).touched = true;
  if (!by_hand && !races && edit.before) CheckRunEdit(*edit.before, row);
  dag.runs[row.key.run_id].record = row;
}

void HistoryChecker::CheckRunEdit(const RunRecord& before, const RunRecord& after) {
  const DagState& dag = dags_[after.key.dag_id];
  const std::string name = "DAG " + after.key.dag_id + ", run " + after.key.run_id;
  if (before.state == after.state) return;
  if (IsFinished(before.state)) Fail(name + ": left its final state by itself");
  if (after.state == RunState::kRunning) admitted_dags_.insert(after.key.dag_id);
  if (after.state == RunState::kRunning && dag.record.is_paused) {
    Fail(name + ": was started while its DAG is paused");
  }
  if (!IsFinished(after.state) || !dag.dag) return;
  if (!dag.record.is_paused) CheckSlas(dag, dag.runs.at(after.key.run_id));
  const auto timeout = dag.dag->dagrun_timeout;
  RunNote& note = NoteOf(after.key);
  note.timed_out = timeout && before.start_date && after.end_date &&
                   *after.end_date >= *before.start_date + *timeout &&
                   after.state == RunState::kFailed;
  if (note.timed_out) return;
  const naive::RunRows& run = dag.runs.at(after.key.run_id);
  const bool all_finished = std::all_of(run.tasks.begin(), run.tasks.end(), [](const auto& task) {
    return IsFinished(task.second.state);
  });
  if (!all_finished && after.state == RunState::kSuccess) {
    Fail(name + ": succeeded with unfinished task instances");
  } else if (all_finished && after.state != naive::EndState(*dag.dag, run)) {
    Fail(name + ": ended as " + std::string(ToString(after.state)) + " against its leaves");
  }
}

void HistoryChecker::Follow(const Edit<TaskRecord>& edit, bool by_hand) {
  ++edits_;
  const TaskRecord& row = edit.after ? *edit.after : *edit.before;
  DagState& dag = dags_[row.run.dag_id];
  naive::RunRows& run = dag.runs[row.run.run_id];
  last_edits_.push_back("task " + NameOf(row) + " of run " + row.run.run_id + " of DAG " +
                        row.run.dag_id + " " +
                        (edit.before ? NameOf(edit.before->state) : "absent") + " to " +
                        (edit.after ? NameOf(edit.after->state) : "absent"));
  if (by_hand || races_.contains(row.run.dag_id)) {
    NoteOf(row.run).touched = true;
  } else if (edit.after) {
    const auto index = dag.dag ? dag.dag->Find(row.task_id) : std::nullopt;
    const Task* model = index && !IsStray(dag, run, row) ? &dag.dag->tasks[*index] : nullptr;
    CheckTaskEdit({edit.before ? &*edit.before : nullptr, &row, &dag, &run, model});
  }
  if (edit.after) {
    run.tasks[{row.task_id, row.map_index}] = row;
  } else {
    run.tasks.erase({row.task_id, row.map_index});
  }
}

void HistoryChecker::Follow(const XComEdit& edit, bool /*by_hand*/) {
  const auto dag = dags_.find(edit.key.run.dag_id);
  if (dag == dags_.end()) return;
  const auto run = dag->second.runs.find(edit.key.run.run_id);
  if (run == dag->second.runs.end()) return;
  const naive::TaskKey task{edit.key.task_id, edit.key.map_index};
  if (edit.key.key == "return_value") {
    run->second.returned.erase(task);
    if (edit.edit.after) run->second.returned.insert(task);
  } else if (edit.key.key == kMapLengthKey && edit.key.map_index < 0) {
    run->second.lengths.erase(edit.key.task_id);
    if (edit.edit.after) run->second.lengths[edit.key.task_id] = std::stoll(*edit.edit.after);
  }
}

// An instance with an index of a task that is not mapped; the row of the whole beside instances.
bool HistoryChecker::IsStray(const DagState& dag, const naive::RunRows& run,
                             const TaskRecord& row) const {
  const auto index = dag.dag ? dag.dag->Find(row.task_id) : std::nullopt;
  if (!index) return true;
  const Task& task = dag.dag->tasks[*index];
  if (!task.mapping) return row.map_index >= 0;
  const auto rows = naive::RowsOf(task, run);
  return row.map_index < 0 && !rows.empty() && rows.front()->map_index >= 0;
}

naive::Allowed HistoryChecker::AllowedBy(const DagState& dag, const naive::RunRows& run,
                                         const Task& task, const TaskRecord& row) const {
  const bool whole = task.mapping && row.map_index < 0;
  return whole ? naive::ByMapping(*dag.dag, task, run)
               : naive::ByUpstream(*dag.dag, task, run, row.map_index);
}

void HistoryChecker::Follow(const SlaEdit& edit, bool /*by_hand*/) {
  const std::tuple key{edit.run.dag_id, edit.run.run_id, edit.task_id};
  if (!edit.told.after) {
    late_.erase(key);
    return;
  }
  if (edit.told.before) return;
  last_edits_.push_back("task " + edit.task_id + " of run " + edit.run.run_id + " of DAG " +
                        edit.run.dag_id + " misses its SLA");
  ++edits_;
  late_.insert(key);
  if (races_.contains(edit.run.dag_id)) return;
  const DagState& dag = dags_[edit.run.dag_id];
  const naive::RunRows& run = dag.runs.at(edit.run.run_id);
  const auto index = dag.dag->Find(edit.task_id);
  if (!index || !naive::IsLate(dag.dag->tasks[*index], run, clock_->Now())) {
    Fail("DAG " + edit.run.dag_id + ", run " + edit.run.run_id + ", task " + edit.task_id +
         ": is said to have missed its SLA, and has not");
  }
}

// Every task that is late now is known to be; a run that goes again is not looked at.
void HistoryChecker::CheckSlas(const DagState& dag, const naive::RunRows& run) {
  const RunKey& key = run.record.key;
  // The file of a DAG that is not active is gone, and with it who is to be told.
  if (!dag.dag->checks_sla || !dag.record.is_active) return;
  const auto note = notes_.find({key.dag_id, key.run_id});
  if (note != notes_.end() && note->second.touched) return;
  for (const Task& task : dag.dag->tasks) {
    if (!naive::IsLate(task, run, clock_->Now())) continue;
    if (late_.contains({key.dag_id, key.run_id, task.id})) continue;
    Fail("DAG " + key.dag_id + ", run " + key.run_id + ", task " + task.id +
         ": missed its SLA, and nobody noticed");
  }
}

void HistoryChecker::CheckTaskEdit(const TaskEdit& edit) {
  const TaskState to = edit.after->state;
  if (!edit.before) {
    if (to != TaskState::kNone) Fail(*edit.after, "was created as " + NameOf(to));
    if (edit.model && edit.after->map_index >= 0) CheckExpansion(edit);
    return;
  }
  const TaskState from = edit.before->state;
  if (to == TaskState::kRemoved) {
    const auto length = edit.model && edit.after->map_index >= 0
                            ? naive::LengthOf(*edit.dag->dag, *edit.model, *edit.run)
                            : std::nullopt;
    const bool surplus = edit.after->map_index >= 0 && edit.after->map_index >= length.value_or(0);
    if (edit.model && !surplus) Fail(*edit.after, "was removed though its DAG has it");
    return;
  }
  if (!edit.model) return Fail(*edit.after, "moved to " + NameOf(to) + " without being in its DAG");
  if (IsFinished(to)) ++finished_tasks_;
  if (from == TaskState::kRemoved) {
    if (to != TaskState::kNone) Fail(*edit.after, "came back as " + NameOf(to));
  } else if (IsFinished(from)) {
    Fail(*edit.after, "left its final state " + NameOf(from) + " by itself for " + NameOf(to));
  } else if (from == TaskState::kDeferred) {
    CheckDeferred(edit);
  } else if (to == TaskState::kScheduled || to == TaskState::kQueued) {
    CheckStart(edit);
  } else if (HoldsSlot(from)) {
    CheckEndOfAttempt(edit);
  } else {
    CheckEndUnrun(edit);
  }
}

// Instances come once the number of them is known, and are as many.
void HistoryChecker::CheckExpansion(const TaskEdit& edit) {
  const auto length = naive::LengthOf(*edit.dag->dag, *edit.model, *edit.run);
  if (edit.after->map_index < length.value_or(0)) return;
  Fail(*edit.after, "was created, and what the task is mapped over has " +
                        (length ? std::to_string(*length) + " items" : "no length"));
}

// What runs or waits for a trigger goes on without looking at its upstream again.
void HistoryChecker::CheckDeferred(const TaskEdit& edit) {
  const TaskRecord& before = *edit.before;
  const TaskRecord& after = *edit.after;
  const Dag& dag = *edit.dag->dag;
  const Time timeout =
      before.resumption ? before.resumption->trigger_timeout.value_or(Time::max()) : Time::max();
  bool fine = after.try_number == before.try_number;
  switch (after.state) {
    case TaskState::kDeferred:  // its trigger was lost, or it was deferred by hand
      fine = fine && (before.attempt == 0 || Reported(before.attempt, {Outcome::kLost}));
      CheckNewAttempt(after);
      break;
    case TaskState::kScheduled:
      fine = fine && (Reported(before.attempt, {Outcome::kTriggered}) || timeout <= clock_->Now());
      break;
    case TaskState::kSkipped:
      fine = fine && (dag.dagrun_timeout || dag.fail_fast);
      break;
    case TaskState::kFailed:
    case TaskState::kUpForRetry:
      fine = fine && Reported(before.attempt, {Outcome::kFailed});
      break;
    default:
      fine = false;
  }
  if (!fine) Fail(after, "went from deferred to " + NameOf(after.state) + " without a cause");
}

void HistoryChecker::CheckNewAttempt(const TaskRecord& row) {
  if (row.attempt != 0 && attempts_.insert(row.attempt).second) return;
  Fail(row, "got the attempt id " + FormatAttemptId(row.attempt) + ", which is not new");
}

void HistoryChecker::CheckStart(const TaskEdit& edit) {
  const TaskRecord& before = *edit.before;
  const TaskRecord& after = *edit.after;
  if (before.state == TaskState::kQueued) {  // by hand, without an attempt
    if (before.attempt != 0) Fail(after, "was queued twice");
  } else if (HoldsSlot(before.state)) {
    Fail(after, "was queued again while " + NameOf(before.state));
  }
  if (edit.run->record.state != RunState::kRunning)
    Fail(after, "starts in a run that is not running");
  if (edit.dag->record.is_paused) Fail(after, "starts while its DAG is paused");
  const bool decided = before.state == TaskState::kScheduled || before.state == TaskState::kQueued;
  if (!decided) CheckFirstOrNextTry(edit);
  const bool same_try =
      (decided || before.state == TaskState::kUpForReschedule) && before.try_number > 0;
  const int tries = same_try ? before.try_number : before.try_number + 1;
  if (after.try_number != tries) {
    Fail(after, "goes from try " + std::to_string(before.try_number) + " to " +
                    std::to_string(after.try_number));
  }
  if (after.state != TaskState::kQueued) return;
  admitted_.emplace_back(after.run, after.task_id);
  CheckNewAttempt(after);
}

void HistoryChecker::CheckFirstOrNextTry(const TaskEdit& edit) {
  const TaskRecord& before = *edit.before;
  const TaskRecord& after = *edit.after;
  if (edit.model->mapping && after.map_index < 0 && before.state == TaskState::kNone) {
    Fail(after, "starts without having been expanded");
  }
  if (!naive::ByUpstream(*edit.dag->dag, *edit.model, *edit.run, after.map_index).run) {
    Fail(after, "starts before its trigger rule allows it");
  }
  if (!PastAllows(edit)) Fail(after, "starts before its past allows it");
  if (naive::IsOver(*edit.model, *edit.run)) Fail(after, "starts after its end_date");
  if (before.state == TaskState::kUpForRetry && before.end_date &&
      clock_->Now() < *before.end_date + naive::LeastRetryDelay(*edit.model, before.try_number)) {
    Fail(after, "is tried again before its retry_delay has passed");
  }
  const Time until =
      before.resumption ? before.resumption->reschedule_date.value_or(Time::min()) : Time::min();
  if (before.state == TaskState::kUpForReschedule && clock_->Now() < until) {
    Fail(after, "is tried again before the date that it was rescheduled to");
  }
}

// What one commit does at once has no order: a run that it creates may or may not be the past of a
// task that it starts.
bool HistoryChecker::PastAllows(const TaskEdit& edit) const {
  const Dag& dag = *edit.dag->dag;
  if (naive::PastAllows(dag, *edit.model, *edit.run, edit.dag->runs)) return true;
  if (new_runs_.empty()) return false;
  naive::DagRuns older = edit.dag->runs;
  std::erase_if(older, [this](const auto& run) {
    return new_runs_.contains({run.second.record.key.dag_id, run.first});
  });
  return naive::PastAllows(dag, *edit.model, *edit.run, older);
}

// A task of the run asked for it, maybe in an earlier version of the DAG.
bool HistoryChecker::IsBranchedAway(const naive::RunRows& run, const Task& task) const {
  return std::any_of(run.tasks.begin(), run.tasks.end(), [&](const auto& row) {
    const auto execution = executions_->find(row.second.attempt);
    if (execution == executions_->end()) return false;
    const auto& ids = execution->second.skip_tasks;
    return std::find(ids.begin(), ids.end(), task.id) != ids.end();
  });
}

// Finished without an attempt of its own.
void HistoryChecker::CheckEndUnrun(const TaskEdit& edit) {
  const TaskState to = edit.after->state;
  const bool unexpanded = edit.before->state == TaskState::kNone;
  const auto allowed =
      unexpanded ? AllowedBy(*edit.dag, *edit.run, *edit.model, *edit.after)
                 : naive::ByUpstream(*edit.dag->dag, *edit.model, *edit.run, edit.after->map_index);
  const Dag& dag = *edit.dag->dag;
  bool fine = false;
  switch (to) {
    case TaskState::kSuccess:
      fine = allowed.run && edit.model->run_kind == RunKind::kEmpty && PastAllows(edit);
      break;
    case TaskState::kSkipped:
      fine = allowed.skip || IsBranchedAway(*edit.run, *edit.model) || dag.fail_fast ||
             dag.dagrun_timeout;
      break;
    case TaskState::kUpstreamFailed:
      fine = allowed.upstream_failed;
      break;
    default:
      break;
  }
  if (!fine) {
    Fail(*edit.after, "went from " + NameOf(edit.before->state) + " to " + NameOf(to) +
                          ", which its trigger rule does not allow");
  }
}

bool HistoryChecker::Reported(AttemptId attempt, std::initializer_list<Outcome> outcomes) const {
  const auto it = executions_->find(attempt);
  if (it == executions_->end()) return false;
  return std::any_of(it->second.ends.begin(), it->second.ends.end(), [&](Outcome end) {
    return std::find(outcomes.begin(), outcomes.end(), end) != outcomes.end();
  });
}

void HistoryChecker::CheckEndOfAttempt(const TaskEdit& edit) {
  const TaskRecord& before = *edit.before;
  const TaskRecord& after = *edit.after;
  const bool deferred = after.state == TaskState::kDeferred;
  if (deferred) CheckNewAttempt(after);
  const bool same =
      after.try_number == before.try_number && (deferred || after.attempt == before.attempt);
  if (same && IsJustified(edit)) return;
  Fail(after, "went from " + NameOf(before.state) + " to " + NameOf(after.state) + " in try " +
                  std::to_string(before.try_number) + " of " +
                  std::to_string(before.max_tries + 1) + ", which its attempt does not justify");
}

bool HistoryChecker::IsJustified(const TaskEdit& edit) const {
  const TaskRecord& before = *edit.before;
  const Dag& dag = *edit.dag->dag;
  const auto execution = executions_->find(before.attempt);
  const bool known = execution != executions_->end();
  const bool tries_left = before.try_number <= before.max_tries;
  const bool failed = Reported(before.attempt, {Outcome::kFailed, Outcome::kLost});
  switch (edit.after->state) {
    case TaskState::kRunning:
      return before.state == TaskState::kQueued && known && execution->second.began;
    case TaskState::kSuccess:
      return Reported(before.attempt, {Outcome::kSuccess});
    case TaskState::kDeferred:
      return Reported(before.attempt, {Outcome::kDeferred});
    case TaskState::kUpForReschedule:
      return Reported(before.attempt, {Outcome::kRescheduled});
    case TaskState::kSkipped:
      return Reported(before.attempt, {Outcome::kSkipped}) || dag.dagrun_timeout ||
             (dag.fail_fast && before.state == TaskState::kQueued);
    case TaskState::kFailed:
      return (!tries_left && failed) || dag.fail_fast ||
             Reported(before.attempt, {Outcome::kFailedWithoutRetry});
    case TaskState::kUpForRetry:
      return (before.state == TaskState::kRestarting && known) || (failed && tries_left);
    default:
      return false;
  }
}

std::vector<HistoryChecker::Share> HistoryChecker::SharesOf(const DagState& dag,
                                                            const Task& task) const {
  const auto pool = pools_.find(task.pool);
  std::vector<Share> out = {
      {"parallelism", 1, parallelism_ == 0 ? -1 : parallelism_},
      {"pool " + task.pool, task.pool_slots, pool == pools_.end() ? 0 : pool->second},
      {"max_active_tasks of " + dag.dag->id, 1, dag.dag->max_active_tasks.value_or(16)}};
  if (task.max_active_tis_per_dag) {
    out.push_back({"max_active_tis_per_dag of " + dag.dag->id + "." + task.id, 1,
                   *task.max_active_tis_per_dag});
  }
  return out;
}

std::map<std::string, int64_t> HistoryChecker::CountUsed() const {
  std::map<std::string, int64_t> out;
  for (const auto& [dag_id, dag] : dags_) {
    if (!dag.dag) continue;
    for (const auto& [run_id, run] : dag.runs) {
      for (const auto& [task, row] : run.tasks) {
        if (!HoldsSlot(row.state) || IsStray(dag, run, row)) continue;
        for (const Share& share : SharesOf(dag, dag.dag->tasks[*dag.dag->Find(row.task_id)])) {
          out[share.limit] += share.slots;
        }
      }
    }
  }
  return out;
}

// Limits may shrink below what runs; then nothing more may start that counts against them.
void HistoryChecker::CheckLimits() {
  for (const std::string& dag_id : admitted_dags_) {
    const DagState& dag = dags_[dag_id];
    if (!dag.dag || dag.dag->max_active_runs == 0) continue;
    const auto running = std::count_if(dag.runs.begin(), dag.runs.end(), [](const auto& run) {
      return run.second.record.state == RunState::kRunning;
    });
    if (running > dag.dag->max_active_runs) {
      Fail("DAG " + dag_id + ": " + std::to_string(running) + " runs are running, and at most " +
           std::to_string(dag.dag->max_active_runs) + " may");
    }
  }
  if (admitted_.empty()) return;
  const std::map<std::string, int64_t> used = CountUsed();
  for (const auto& [run, task_id] : admitted_) {
    const DagState& dag = dags_[run.dag_id];
    const auto index = dag.dag->Find(task_id);
    if (!index) continue;
    for (const Share& share : SharesOf(dag, dag.dag->tasks[*index])) {
      const auto count = used.find(share.limit);
      if (share.capacity < 0 || count == used.end() || count->second <= share.capacity) continue;
      Fail("DAG " + run.dag_id + ", run " + run.run_id + ", task " + task_id + ": starts though " +
           std::to_string(count->second) + " of " + std::to_string(share.capacity) + " slots of " +
           share.limit + " are taken");
    }
  }
}

bool HistoryChecker::PoolFits(const Task& task) const {
  const auto pool = pools_.find(task.pool);
  return pool != pools_.end() && (pool->second < 0 || task.pool_slots <= pool->second);
}

void HistoryChecker::CheckAtRest() {
  for (auto& [dag_id, dag] : dags_) {
    if (!dag.dag || dag.record.is_paused || !dag.record.is_active) continue;
    for (auto& [run_id, run] : dag.runs) {
      if (IsFinished(run.record.state)) {
        CheckUntouchedEnd(dag, run);
      } else {
        CheckRunAtRest(&dag, &run);
      }
    }
  }
}

std::string HistoryChecker::WhyItRests(const DagState& dag, const naive::RunRows& run,
                                       const Task& task, const TaskRecord& row) const {
  if (IsFinished(row.state)) return "finished";
  if (MayHaveAttempt(row.state)) return "";
  if (row.state == TaskState::kScheduled) return PoolFits(task) ? "" : "pool";
  const bool unexpanded = row.state == TaskState::kNone;
  const auto allowed = unexpanded ? AllowedBy(dag, run, task, row)
                                  : naive::ByUpstream(*dag.dag, task, run, row.map_index);
  if (allowed.wait()) return "upstream";
  if (!allowed.run || (unexpanded && task.mapping && row.map_index < 0)) return "";
  if (naive::IsOver(task, run)) return "end_date";
  if (!naive::PastAllows(*dag.dag, task, run, dag.runs)) return "past";
  if (task.run_kind == RunKind::kEmpty) return "";
  return PoolFits(task) ? "" : "pool";
}

// Returns what to say of the task where it has not finished.
std::string HistoryChecker::CheckTaskAtRest(const DagState& dag, const naive::RunRows& run,
                                            const Task& task, bool* waits) {
  std::string reasons;
  const auto rows = naive::RowsOf(task, run);
  if (rows.empty() && naive::TakesPart(task, run)) {
    Fail("DAG " + run.record.key.dag_id + ", run " + run.record.key.run_id + ", task " + task.id +
         ": stays without a row though it could move");
  }
  for (const TaskRecord* row : rows) {
    const std::string why = WhyItRests(dag, run, task, *row);
    if (why.empty()) Fail(*row, "stays " + NameOf(row->state) + " though it could move");
    if (why != "finished") reasons += " " + NameOf(*row) + " (" + NameOf(row->state) + "): " + why;
    *waits = *waits || why == "past" || why == "pool";
  }
  return reasons;
}

void HistoryChecker::CheckRunAtRest(DagState* dag, naive::RunRows* run) {
  const std::string name = "DAG " + run->record.key.dag_id + ", run " + run->record.key.run_id;
  CheckSlas(*dag, *run);
  if (run->record.state == RunState::kQueued) {
    const auto running = std::count_if(dag->runs.begin(), dag->runs.end(), [](const auto& other) {
      return other.second.record.state == RunState::kRunning;
    });
    const bool full = dag->dag->max_active_runs != 0 && running >= dag->dag->max_active_runs;
    if (!full) Fail(name + ": stays queued though it could run");
    return;
  }
  bool waits = false;
  std::string reasons;
  for (const Task& task : dag->dag->tasks) reasons += CheckTaskAtRest(*dag, *run, task, &waits);
  if (!waits) Fail(name + ": stays running though nothing in it waits for anything:" + reasons);
}

// A run that nobody touched: each task instance is where its upstream and its attempts put it.
void HistoryChecker::CheckUntouchedEnd(const DagState& dag, const naive::RunRows& run) {
  const auto found = notes_.find({run.record.key.dag_id, run.record.key.run_id});
  const RunNote note = found == notes_.end() ? RunNote() : found->second;
  if (note.touched || note.timed_out || dag.dag->fail_fast) return;
  for (const auto& [key, row] : run.tasks) {
    if (IsStray(dag, run, row)) continue;
    const Task& task = dag.dag->tasks[*dag.dag->Find(row.task_id)];
    if (IsFineEnd(dag, run, task, row)) continue;
    Fail(row, "ended as " + NameOf(row.state) + ", which the naive scheduler excludes");
  }
}

bool HistoryChecker::IsFineEnd(const DagState& dag, const naive::RunRows& run, const Task& task,
                               const TaskRecord& row) const {
  const auto allowed = AllowedBy(dag, run, task, row);
  const bool unexpanded = task.mapping && row.map_index < 0;
  const auto execution = executions_->find(row.attempt);
  switch (row.state) {
    case TaskState::kSuccess:
      return !unexpanded && allowed.run &&
             (task.run_kind == RunKind::kEmpty || Reported(row.attempt, {Outcome::kSuccess}));
    case TaskState::kSkipped:
      return allowed.skip || IsBranchedAway(run, task) ||
             Reported(row.attempt, {Outcome::kSkipped});
    case TaskState::kUpstreamFailed:
      return allowed.upstream_failed;
    case TaskState::kFailed:
      return !unexpanded && allowed.run && execution != executions_->end() &&
             std::any_of(execution->second.ends.begin(), execution->second.ends.end(), IsFailedEnd);
    case TaskState::kNone:  // a deadlock
      return run.record.state == RunState::kFailed && (allowed.wait() || naive::IsOver(task, run));
    default:
      return false;
  }
}

}  // namespace beeflow
