// What the scheduler decides in a pass.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "scheduler/scheduler.h"
#include "scheduler/verdict.h"

namespace beeflow {
namespace {

// Whether all that is active are retries that are due and can't start: their upstream or their
// end_date changed after the first try, by an edit of a state or of the DAG.
bool OnlyBlockedRetries(const Run& run) {
  if (!run.retry_blocked || run.holding > 0) return false;
  for (SlotIndex i = 0; i < run.slots.size(); ++i) {
    const TaskSlot& slot = run.slots[i];
    if (slot.state == TaskState::kNone || IsFinished(slot.state)) continue;
    const bool retries =
        slot.state == TaskState::kUpForRetry || slot.state == TaskState::kUpForReschedule;
    const Task& task = run.Model(i);
    const bool blocked = VerdictOn(run, i) == Verdict::kWait || IsOver(task, run.record);
    if (!retries || !blocked) return false;
  }
  return true;
}

}  // namespace

void Scheduler::Decide(Time now, std::vector<Transition>* out) {
  FireTimers(now);
  for (const std::string& dag_id : std::exchange(dirty_dags_, {})) {
    if (DagEntry* entry = FindDag(dag_id)) DecideDag(entry, now, out);
  }
  const auto runs = std::exchange(dirty_runs_, {});
  for (const RunPtr& run : runs) {
    run->listed = false;
    DecideRun(run, now, out);
  }
  AdmitReady(now, out);
  for (const RunPtr& run : runs) DecideStall(run, now, out);
  Prune();
}

bool Scheduler::Live(const Timer& timer) const {
  const auto entry = dags_.find(timer.dag_id);
  if (entry == dags_.end()) return false;
  if (timer.kind == Timer::Kind::kDag) return entry->second->armed == timer.due;
  const RunPtr run = timer.run.lock();
  if (!run) return false;
  switch (timer.kind) {
    case Timer::Kind::kRunStart:
      return run->record.state == RunState::kQueued && run->start_armed == timer.due;
    case Timer::Kind::kRunTimeout:
      return run->running() && run->timeout_armed == timer.due;
    case Timer::Kind::kSla:
      return run->active_run() && run->sla_check == timer.due;
    default: {
      if (timer.task >= run->slots.size()) return false;
      const TaskSlot& slot = run->slots[timer.task];
      const bool waits = slot.state == TaskState::kUpForRetry ||
                         slot.state == TaskState::kUpForReschedule ||
                         slot.state == TaskState::kDeferred;
      return waits && slot.due == timer.due && run->may_run();
    }
  }
}

void Scheduler::FireTimers(Time now) {
  for (; !timers_.empty() && timers_.top().due <= now; timers_.pop()) {
    const Timer& timer = timers_.top();
    if (!Live(timer)) continue;
    DagEntry* entry = FindDag(timer.dag_id);
    if (timer.kind == Timer::Kind::kDag) entry->armed.reset();
    const RunPtr run = timer.run.lock();
    if (timer.kind == Timer::Kind::kTask) run->MarkDirty(timer.task);
    if (timer.kind == Timer::Kind::kRunStart) run->start_armed.reset();
    if (timer.kind == Timer::Kind::kRunTimeout) run->timeout_armed.reset();
    if (timer.kind == Timer::Kind::kSla) run->sla_check = {};
    if (run) ListRun(run);
    ListDag(entry);
  }
}

std::optional<Time> Scheduler::NextDue() {
  while (!timers_.empty() && !Live(timers_.top())) timers_.pop();
  return timers_.empty() ? std::nullopt : std::optional<Time>(timers_.top().due);
}

void Scheduler::DecideDag(DagEntry* entry, Time now, std::vector<Transition>* out) {
  entry->listed = false;
  if (!entry->dag) return;
  if (options_.only_runs.empty() && options_.use_job_schedule) {
    DecideSchedule(entry, now, out);
    DecideDatasets(entry, now, out);
  }
  StartRuns(entry, now, out);
}

// The schedule updater: creates the run that is due, or notes and arms the next one.
void Scheduler::DecideSchedule(DagEntry* entry, Time now, std::vector<Transition>* out) {
  if (entry->timetable.kind() == ScheduleKind::kCustom) AskTimetable(entry);
  const auto next = entry->NextScheduled(now);
  const bool room = entry->has_room();
  if (next && room && entry->runnable() && next->run_after <= now) {
    RunRecord run;
    run.key = {entry->record.dag_id, MakeRunId(RunType::kScheduled, next->logical_date)};
    run.type = RunType::kScheduled;
    run.logical_date = next->logical_date;
    run.interval = next->interval;
    run.queued_at = now;
    out->push_back(CreateRun{std::move(run)});
    entry->armed.reset();
    return;
  }
  SetNextRun set{entry->record.dag_id, {}, {}, {}};
  if (next) {
    set.logical_date = next->logical_date;
    set.interval = next->interval;
    if (room) set.create_after = next->run_after;
  }
  const DagRecord& row = entry->record;
  if (set.logical_date != row.next_logical_date || set.interval != row.next_interval ||
      set.create_after != row.next_create_after) {
    out->push_back(std::move(set));
  }
  if (!next || !room || !entry->runnable()) {
    entry->armed.reset();
  } else if (entry->armed != next->run_after) {
    entry->armed = next->run_after;
    timers_.push({next->run_after, Timer::Kind::kDag, entry->record.dag_id, {}, 0});
  }
}

// The author's timetable is asked once for each interval; until it answers there is no next run.
void Scheduler::AskTimetable(DagEntry* entry) {
  DagEntry::CustomTimetable& custom = entry->custom;
  const bool same =
      custom.last == entry->last_automated_interval && custom.dag_hash == entry->model_hash;
  if (std::exchange(custom.asked, true) && same) return;
  custom = {true, entry->last_automated_interval, entry->model_hash, std::nullopt};
  actions_.questions.push_back({entry->record.dag_id, entry->record.file, entry->model_hash,
                                custom.last, RestrictionOf(*entry->dag)});
}

// A run for the datasets that were updated; as in Airflow, max_active_runs does not hold it back.
void Scheduler::DecideDatasets(DagEntry* entry, Time now, std::vector<Transition>* out) {
  const DagRecord& row = entry->record;
  if (!entry->dag->datasets || !entry->runnable() || row.updated_datasets.empty()) return;
  std::set<std::string> updated;
  DataInterval interval{row.updated_datasets[0].second, row.updated_datasets[0].second};
  for (const auto& [name, when] : row.updated_datasets) {
    updated.insert(name);
    interval = {std::min(interval.start, when), std::max(interval.end, when)};
  }
  if (!entry->dag->datasets->IsMet(updated) || std::exchange(entry->dataset_run_made, true)) return;
  RunRecord run;
  run.type = RunType::kDatasetTriggered;
  run.key = {row.dag_id, MakeRunId(run.type, interval.end)};
  run.logical_date = interval.end;
  run.interval = interval;
  run.queued_at = now;
  out->push_back(CreateRun{std::move(run), true});
}

void Scheduler::StartRuns(DagEntry* entry, Time now, std::vector<Transition>* out) {
  int running = entry->running;
  const int max = entry->max_active_runs();
  for (const auto& [logical_date, run_id] : entry->queued) {
    if (max != 0 && running >= max) return;
    const RunPtr run = entry->runs.at(run_id);
    if (!run->may_run()) continue;
    if (logical_date > now) {  // As Airflow: not before its logical date.
      if (std::exchange(run->start_armed, logical_date) != logical_date) {
        timers_.push({logical_date, Timer::Kind::kRunStart, entry->record.dag_id, run, 0});
      }
      return;
    }
    ++running;
    if (!run->decided) StartRun(run, now, out);
  }
}

void Scheduler::StartRun(const RunPtr& run, Time now, std::vector<Transition>* out) {
  run->decided = true;
  CheckRows(run, out);
  ChangeRun change;
  change.run = run->record.key;
  change.from = run->record.state;
  change.to = RunState::kRunning;
  change.start_date = now;
  out->push_back(std::move(change));
}

// Makes rows for the tasks of the DAG that have none: all when the run starts, new ones when the
// DAG has changed; not while it is paused. True where none is missing.
bool Scheduler::CheckRows(const RunPtr& run, std::vector<Transition>* out) {
  if (run->slots.empty()) run->Reset(run->dag_entry->dag);
  CreateTasks create{run->record.key, run->dag, {}};
  for (TaskIndex i = 0; i < run->dag->tasks.size(); ++i) {
    const bool has_rows = run->slots[i].exists || run->is_expanded(i);
    if (has_rows || !TakesPart(run->dag->tasks[i], run->record)) continue;
    create.tasks.push_back(i);
  }
  const bool complete = create.tasks.empty();
  run->rows_checked = complete || run->may_run();
  if (!complete && run->may_run()) out->push_back(std::move(create));
  return complete;
}

void Scheduler::DecideRun(const RunPtr& run, Time now, std::vector<Transition>* out) {
  DagEntry* entry = run->dag_entry;
  if (!entry->dag) return;
  if (IsFinished(run->record.state)) return DecideStrays(run, now, out);
  if (!run->active_run()) return;
  if (entry->dag->uses_past && run->past == Run::Past::kUnused) {
    run->past = Run::Past::kAsked;
    wants_.pasts.push_back({run->record.key, run->record.logical_date, entry->dag->catchup});
  }
  const bool outdated = run->dag && run->dag != entry->dag;  // it is about to be read again
  if (!run->decided && !outdated) DecideSla(run, now, out);
  if (run->decided || outdated) return;
  DecideStrays(run, now, out);
  if (!run->running()) return;
  // As in Airflow, a paused DAG times out once it is unpaused.
  if (run->may_run() && DecideTimeout(run, now, out)) return;
  if (run->failing) DecideFailFast(run, now, out);
  if (!run->rows_checked && !CheckRows(run, out)) return;
  if (run->may_run() && !BringBack(run, out)) {
    for (const SlotIndex task : std::exchange(run->dirty, {})) {
      run->slots[task].dirty = false;
      DecideTask(run, task, now, out);
    }
  }
  DecideEnd(run, now, out);
}

// Task instances that were removed and whose task is in the DAG again start anew. The others are
// decided after that: to them, removed would be an end. False where there are none.
bool Scheduler::BringBack(const RunPtr& run, std::vector<Transition>* out) {
  bool found = false;
  for (const SlotIndex task : run->dirty) {
    const TaskSlot& slot = run->slots[task];
    // An instance that was removed since there are fewer now comes back when it is cleared.
    if (!slot.exists || slot.state != TaskState::kRemoved || run->MapIndexOf(task) >= 0) continue;
    if (!slot.decided) Change(run.get(), task, TaskState::kNone, out);
    found = true;
  }
  return found;
}

// Nothing is left to move in a run that was marked as ended, and nothing moves yet in one that was
// queued again, but what still runs there is removed: nobody would take its end for what it is.
void Scheduler::DecideStrays(const RunPtr& run, Time now, std::vector<Transition>* out) {
  for (const TaskRecord& stray : run->strays) {
    const bool is_over = run->running() ? IsFinished(stray.state) : !MayHaveAttempt(stray.state);
    if (is_over) continue;
    ChangeTask change;
    change.run = run->record.key;
    change.task_id = stray.task_id;
    change.map_index = stray.map_index;
    change.from = stray.state;
    change.from_try = change.try_number = stray.try_number;
    change.from_attempt = change.attempt = stray.attempt;
    change.to = TaskState::kRemoved;
    change.end_date = now;
    change.reason = "its task is no longer in the DAG";
    out->push_back(std::move(change));
  }
}

// dagrun_timeout: the run fails, and what has not finished is skipped.
bool Scheduler::DecideTimeout(const RunPtr& run, Time now, std::vector<Transition>* out) {
  const auto timeout = run->dag_entry->dag->dagrun_timeout;
  if (!timeout || !run->record.start_date) return false;
  const Time due = *run->record.start_date + *timeout;
  if (due > now) {
    if (std::exchange(run->timeout_armed, due) != due) {
      timers_.push({due, Timer::Kind::kRunTimeout, run->record.key.dag_id, run, 0});
    }
    return false;
  }
  StopUnfinished(run.get(), TaskState::kSkipped, now, out);
  EndRun(run.get(), RunState::kFailed, now, "the run took longer than its dagrun_timeout", out);
  return true;
}

// A task is to succeed by the end of the data interval, when the run could start, plus its SLA.
// Runs that others made have none, as in Airflow; one that goes again for the sake of cleared task
// instances is not late for what it had in time before.
void Scheduler::DecideSla(const RunPtr& run, Time now, std::vector<Transition>* out) {
  const Dag& dag = *run->dag_entry->dag;
  const RunRecord& record = run->record;
  const bool by_schedule = record.type == RunType::kScheduled && record.interval;
  if (!options_.check_slas || !dag.checks_sla || !by_schedule || !run->may_run()) return;
  if (run->sla_check > now) return;
  const bool again = WasCleared(*run);
  Time next = Time::max();
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) {
    const Task& task = dag.tasks[i];
    if (!task.sla || run->sla_missed.contains(task.id)) continue;
    if (!TakesPart(task, record) || HasSucceeded(*run, i)) continue;
    const Time due = record.interval->end + *task.sla;
    if (due > now) {
      next = std::min(next, due);
    } else if (!again || (record.start_date && *record.start_date <= due)) {
      run->sla_missed.insert(task.id);
      out->push_back(MissSla{record.key, task.id, now});
    }
  }
  run->sla_check = next;
  if (next == Time::max()) return;
  timers_.push({next, Timer::Kind::kSla, record.key.dag_id, run, 0});
}

// fail_fast: the first failure ends the run, but for its teardowns. What a transition is on its way
// for is ended when that has come back.
void Scheduler::DecideFailFast(const RunPtr& run, Time now, std::vector<Transition>* out) {
  run->failing = run->dag->fail_fast && run->pending > 0;
  if (run->dag->fail_fast) StopUnfinished(run.get(), TaskState::kFailed, now, out);
}

// Ends everything that has not finished: what runs goes to `running_to`, the rest to skipped. As in
// Airflow, teardowns are spared where the run goes on to its end by itself.
void Scheduler::StopUnfinished(Run* run, TaskState running_to, Time now,
                               std::vector<Transition>* out) {
  for (SlotIndex i = 0; i < run->slots.size(); ++i) {
    const TaskSlot& slot = run->slots[i];
    if (!slot.exists || slot.decided || IsFinished(slot.state)) continue;
    if (running_to == TaskState::kFailed && run->Model(i).is_teardown) continue;
    const bool runs = slot.state == TaskState::kRunning || slot.state == TaskState::kRestarting;
    FinishUnrun(run, i, runs ? running_to : TaskState::kSkipped, now, out);
  }
}

ChangeTask& Scheduler::Change(Run* run, SlotIndex task, TaskState to,
                              std::vector<Transition>* out) {
  TaskSlot& slot = run->slots[task];
  BEEFLOW_CHECK(!slot.decided);
  slot.decided = true;
  ++run->pending;
  Withdraw(run, task);
  ChangeTask change;
  change.run = run->record.key;
  change.dag = run->dag;
  change.task_id = run->Model(task).id;
  change.map_index = run->MapIndexOf(task);
  change.from = slot.state;
  change.from_try = change.try_number = slot.try_number;
  change.from_attempt = change.attempt = slot.attempt;
  change.to = to;
  out->push_back(std::move(change));
  return std::get<ChangeTask>(out->back());
}

void Scheduler::FinishUnrun(Run* run, SlotIndex task, TaskState to, Time now,
                            std::vector<Transition>* out) {
  const bool ran = HoldsSlot(run->slots[task].state);
  ChangeTask& change = Change(run, task, to, out);
  if (!ran) change.start_date = now;
  change.end_date = now;
}

void Scheduler::DecideTask(const RunPtr& run, SlotIndex task, Time now,
                           std::vector<Transition>* out) {
  const TaskSlot& slot = run->slots[task];
  if (!slot.exists || slot.decided) return;
  switch (slot.state) {
    case TaskState::kUpForRetry:
    case TaskState::kUpForReschedule:
      if (slot.due > now) {
        timers_.push({slot.due, Timer::Kind::kTask, run->record.key.dag_id, run, task});
        return;
      }
      [[fallthrough]];
    case TaskState::kNone:
      if (!DecideExpansion(run, task, now, out)) return;
      switch (VerdictOn(*run, task)) {
        case Verdict::kWait:
          run->retry_blocked = run->retry_blocked || slot.state != TaskState::kNone;
          return;
        case Verdict::kSkip:
          return FinishUnrun(run.get(), task, TaskState::kSkipped, now, out);
        case Verdict::kUpstreamFailed:
          return FinishUnrun(run.get(), task, TaskState::kUpstreamFailed, now, out);
        case Verdict::kRun:
          return DecideReady(run, task, now, out);
      }
      return;
    case TaskState::kDeferred:
      return DecideDeferred(run, task, now, out);
    case TaskState::kScheduled:
      offered_.push_back(CandidateOf(run.get(), task));
      return;
    case TaskState::kQueued:  // by hand, without an attempt
      if (slot.attempt == 0) Queue(run.get(), task, now, out);
      return;
    default:
      return;
  }
}

// A trigger that takes longer than its timeout: the task is told.
void Scheduler::DecideDeferred(const RunPtr& run, SlotIndex task, Time now,
                               std::vector<Transition>* out) {
  const TaskSlot& slot = run->slots[task];
  if (slot.attempt == 0) {  // by hand
    Change(run.get(), task, TaskState::kDeferred, out).attempt = NewAttemptId();
  } else if (slot.due == Time{}) {
    return;
  } else if (slot.due > now) {
    timers_.push({slot.due, Timer::Kind::kTask, run->record.key.dag_id, run, task});
  } else {
    ChangeTask& change = Change(run.get(), task, TaskState::kScheduled, out);
    change.attempt = 0;
    change.event = TriggerEvent{"error", R"("Trigger timeout")"};
  }
}

// Its trigger rule lets it run.
void Scheduler::DecideReady(const RunPtr& run, SlotIndex task, Time now,
                            std::vector<Transition>* out) {
  const Task& model = run->Model(task);
  if (IsOver(model, run->record)) {
    run->retry_blocked = run->retry_blocked || run->slots[task].state != TaskState::kNone;
    return;
  }
  if (EvaluatePast(*run, task) == PastVerdict::kWait) return;
  if (model.run_kind == RunKind::kEmpty) {
    FinishUnrun(run.get(), task, TaskState::kSuccess, now, out);
    std::get<ChangeTask>(out->back()).dataset_events = EventsOfOutlets(model);
  } else {
    offered_.push_back(CandidateOf(run.get(), task));
  }
}

AttemptId Scheduler::NewAttemptId() {
  AttemptId id = 0;
  while (id == 0) id = random_.Next();
  return id;
}

// Tries are counted when they are scheduled; coming back from up_for_reschedule is the same try.
void Scheduler::Queue(Run* run, SlotIndex task, Time now, std::vector<Transition>* out) {
  const TaskSlot& slot = run->slots[task];
  const bool new_try = slot.state == TaskState::kNone || slot.state == TaskState::kUpForRetry ||
                       slot.try_number == 0;
  ChangeTask& change = Change(run, task, TaskState::kQueued, out);
  change.clear_xcoms = new_try && change.from_try > 0;
  if (new_try) ++change.try_number;
  change.attempt = NewAttemptId();
  change.queued_at = now;
}

void Scheduler::AdmitReady(Time now, std::vector<Transition>* out) {
  for (const Candidate& candidate : offered_) {
    if (!candidate.run->slots[candidate.task].decided) admission_.Offer(candidate);
  }
  for (const Candidate& admitted : admission_.Admit()) {
    TaskSlot& slot = admitted.run->slots[admitted.task];
    slot.holds = true;  // Admit has taken what it needs.
    ++admitted.run->holding;
    Queue(admitted.run, admitted.task, now, out);
  }
  for (const Candidate& candidate : std::exchange(offered_, {})) {
    TaskSlot& slot = candidate.run->slots[candidate.task];
    if (slot.decided) continue;
    TellWhyItWaits(candidate, now, out);
    if (slot.state == TaskState::kScheduled) continue;
    const bool new_try = slot.state != TaskState::kUpForReschedule;
    ChangeTask& change = Change(candidate.run, candidate.task, TaskState::kScheduled, out);
    change.clear_xcoms = new_try && change.from_try > 0;
    if (new_try) ++change.try_number;
  }
}

// What would wait for ever without a word in Airflow.
void Scheduler::TellWhyItWaits(const Candidate& candidate, Time now, std::vector<Transition>* out) {
  TaskSlot& slot = candidate.run->slots[candidate.task];
  const Task& task = candidate.run->Model(candidate.task);
  const Pool& pool = *PoolOf(task.pool);
  const bool too_small = pool.slots >= 0 && task.pool_slots > pool.slots;
  if (slot.told || (pool.exists && !too_small)) return;
  slot.told = true;
  Notice notice{candidate.run->record.key, task.id, "waiting", "", now};
  notice.text =
      !pool.exists ? "pool '" + task.pool + "' does not exist; create it with: beeflow pools set " +
                         task.pool + " SLOTS DESCRIPTION"
                   : "it needs " + std::to_string(task.pool_slots) + " slots of pool '" +
                         task.pool + "', which has " + std::to_string(pool.slots) + " in all";
  out->push_back(std::move(notice));
}

void Scheduler::EndRun(Run* run, RunState to, Time now, const std::string& reason,
                       std::vector<Transition>* out) {
  run->decided = true;
  ChangeRun change;
  change.run = run->record.key;
  change.from = run->record.state;
  change.to = to;
  change.end_date = now;
  change.reason = reason;
  out->push_back(std::move(change));
}

// As in Airflow, the leaves say how the run ended.
void Scheduler::DecideEnd(const RunPtr& run, Time now, std::vector<Transition>* out) {
  if (!run->rows_checked || run->pending > 0 || run->finished < run->existing) return;
  EndRun(run.get(), run->failed_leaves > 0 ? RunState::kFailed : RunState::kSuccess, now, "", out);
}

// Why nothing in the run moves: the first task that its trigger rule would let run, or that can
// never run.
std::string Scheduler::WhyItStalls(const Run& run, bool* waits_for_past) const {
  std::string why = "no task of the run can ever be scheduled";
  for (SlotIndex i = 0; i < run.slots.size(); ++i) {
    const TaskSlot& slot = run.slots[i];
    const Task& task = run.Model(i);
    if (!slot.exists || slot.state != TaskState::kNone) continue;
    // One that has no instances yet waits for what it is mapped over, not for its past.
    const bool is_unexpanded = task.mapping && run.MapIndexOf(i) < 0;
    if (is_unexpanded || VerdictOn(run, i) != Verdict::kRun) {
      for (const TaskIndex up : task.upstream) {
        if (run.slots[up].exists || run.is_expanded(up)) continue;
        why = "task " + task.id + " waits for task " + run.dag->tasks[up].id +
              ", which takes no part in the run because of its start_date or end_date";
      }
      continue;
    }
    if (IsOver(task, run.record)) {
      why = "task " + task.id + " ends (end_date) before the logical date of the run";
    } else if (EvaluatePast(run, i) == PastVerdict::kWait) {
      *waits_for_past = true;
      return "task " + task.id + " depends on its past, and in the previous run it did not succeed";
    }
  }
  return why;
}

void Scheduler::DecideStall(const RunPtr& run, Time now, std::vector<Transition>* out) {
  const bool still = run->running() && !run->decided && run->rows_checked && run->pending == 0 &&
                     run->dirty.empty() && run->finished < run->existing;
  const bool asked = run->past == Run::Past::kAsked ||
                     std::any_of(run->expansions.begin(), run->expansions.end(),
                                 [](const Expansion& expansion) { return expansion.asked; });
  if (!still || !run->may_run() || asked) return;
  if (run->active > 0 && !OnlyBlockedRetries(*run)) return;
  bool waits_for_past = false;
  const std::string why = WhyItStalls(*run, &waits_for_past);
  if (!waits_for_past) return EndRun(run.get(), RunState::kFailed, now, "deadlock: " + why, out);
  // A run that is still going may yet succeed: then there is nothing to tell.
  if (run->told || (run->previous && run->previous->active_run())) return;
  run->told = true;
  out->push_back(Notice{run->record.key, "", "waiting", why, now});
}

// Forgets runs that nothing needs any more.
void Scheduler::Prune() {
  for (const RunPtr& run : std::exchange(maybe_idle_, {})) {
    DagEntry* entry = run->dag_entry;
    const auto it = entry->runs.find(run->record.key.run_id);
    if (it == entry->runs.end() || it->second != run) continue;
    bool needed = run->active_run() || run->pending > 0 || run->listed || MayHaveAttempts(*run);
    for (const auto& [run_id, other] : entry->runs) needed = needed || other->previous == run;
    if (needed) continue;
    ForgetSlots(run);
    entry->runs.erase(it);
  }
}

}  // namespace beeflow
