// How committed facts change what the scheduler knows.
#include <algorithm>
#include <utility>

#include "scheduler/retry.h"
#include "scheduler/scheduler.h"

namespace beeflow {
namespace {

std::optional<SlotIndex> SlotOf(const Run& run, const TaskRecord& record) {
  const auto task = run.dag->Find(record.task_id);
  return task ? run.SlotOf(*task, record.map_index) : std::nullopt;
}

bool IsMapped(const Run& run, const TaskRecord& record) {
  const auto task = run.dag->Find(record.task_id);
  return task && run.dag->tasks[*task].mapping && record.map_index >= 0;
}

// Makes slots for the instances that have rows.
void ExpandAsStored(Run* run, const std::vector<TaskRecord>& rows) {
  for (const TaskRecord& row : rows) {
    if (IsMapped(*run, row)) run->Expand(*run->dag->Find(row.task_id), row.map_index + 1);
  }
}

}  // namespace

Scheduler::Scheduler(const SchedulerOptions& options)
    : options_(options), random_(options.seed), admission_(&Scheduler::NeedsOf, this) {
  admission_.SetCapacity(&parallelism_,
                         options.parallelism == 0 ? Limit::kUnlimited : options.parallelism);
}

Scheduler::~Scheduler() = default;

DagEntry* Scheduler::FindDag(const std::string& dag_id) {
  const auto it = dags_.find(dag_id);
  return it == dags_.end() ? nullptr : it->second.get();
}

DagEntry* Scheduler::EntryOf(const std::string& dag_id) {
  auto& entry = dags_[dag_id];
  if (!entry) {
    entry = std::make_unique<DagEntry>();
    entry->record.dag_id = dag_id;
  }
  return entry.get();
}

Scheduler::RunPtr Scheduler::FindRun(const RunKey& key) {
  DagEntry* entry = FindDag(key.dag_id);
  if (!entry) return nullptr;
  const auto it = entry->runs.find(key.run_id);
  return it == entry->runs.end() ? nullptr : it->second;
}

// The run that the row is of. One that was deleted and made anew under the same name, before
// anybody told of the deletion, is another one: it has none of the task instances that are known.
Scheduler::RunPtr Scheduler::FindSameRun(const RunRecord& record) {
  RunPtr run = FindRun(record.key);
  if (!run || run->record.id == record.id) return run;
  OnRunGone(record.key);
  return nullptr;
}

Scheduler::Pool* Scheduler::PoolOf(const std::string& name) { return &pools_[name]; }

void Scheduler::ListRun(const RunPtr& run) {
  if (run->listed) return;
  run->listed = true;
  dirty_runs_.push_back(run);
}

void Scheduler::ListDag(DagEntry* entry) {
  if (entry->listed) return;
  entry->listed = true;
  dirty_dags_.push_back(entry->record.dag_id);
}

Candidate Scheduler::CandidateOf(Run* run, SlotIndex task) {
  return {run->Model(task).total_priority_weight, run->record.logical_date, run, run->record.id,
          task};
}

Needs Scheduler::NeedsOf(void* scheduler, const Candidate& candidate) {
  return static_cast<Scheduler*>(scheduler)->NeedsOfTask(candidate.run, candidate.task);
}

Needs Scheduler::NeedsOfTask(Run* run, SlotIndex task) {
  const Task& model = run->Model(task);
  Needs needs;
  needs[0] = {&parallelism_, 1};
  needs[1] = {&PoolOf(model.pool)->limit, model.pool_slots};
  needs[2] = {&run->dag_entry->active_tasks, 1};
  if (model.max_active_tis_per_dag) {
    auto& limit = run->dag_entry->active_tis[model.id];
    if (!limit) limit = std::make_unique<Limit>();
    admission_.SetCapacity(limit.get(), *model.max_active_tis_per_dag);
    needs[3] = {limit.get(), 1};
  }
  if (model.max_active_tis_per_dagrun) {
    auto& limit = run->active_tis[model.id];
    if (!limit) limit = std::make_unique<Limit>();
    admission_.SetCapacity(limit.get(), *model.max_active_tis_per_dagrun);
    needs[4] = {limit.get(), 1};
  }
  return needs;
}

void Scheduler::SetHolds(Run* run, SlotIndex task, bool holds) {
  TaskSlot& slot = run->slots[task];
  if (slot.holds == holds) return;
  slot.holds = holds;
  if (holds) {
    ++run->holding;
    admission_.Take(NeedsOfTask(run, task));
  } else {
    --run->holding;
    admission_.Release(NeedsOfTask(run, task));
  }
}

void Scheduler::Load(const Snapshot& snapshot) {
  for (const PoolRecord& pool : snapshot.pools) OnPool(pool);
  for (const DagSnapshot& dag : snapshot.dags) OnDag(dag);
  for (const RunSnapshot& run : snapshot.runs) OnRunLoaded(run);
}

void Scheduler::OnPool(const PoolRecord& record) {
  Pool* pool = PoolOf(record.name);
  pool->exists = true;
  pool->slots = record.slots;
  admission_.SetCapacity(&pool->limit, record.slots < 0 ? Limit::kUnlimited : record.slots);
}

void Scheduler::OnPoolGone(const std::string& name) {
  Pool* pool = PoolOf(name);
  pool->exists = false;
  pool->slots = 0;
  admission_.SetCapacity(&pool->limit, 0);
}

void Scheduler::OnDag(const DagSnapshot& snapshot) {
  DagEntry* entry = EntryOf(snapshot.record.dag_id);
  const bool was_runnable = entry->runnable();
  entry->backfill_ends = entry->backfill_ends && snapshot.record.backfill == entry->record.backfill;
  entry->record = snapshot.record;
  entry->last_automated_interval = snapshot.last_automated_interval;
  const bool new_model =
      snapshot.dag && (!entry->dag || entry->model_hash != snapshot.record.dag_hash);
  if (new_model) {
    entry->dag = snapshot.dag;
    entry->model_hash = snapshot.record.dag_hash;
    auto timetable = Timetable::FromJson(snapshot.dag->schedule);
    entry->timetable = timetable.ok() ? *timetable : Timetable();
    admission_.SetCapacity(&entry->active_tasks, snapshot.dag->max_active_tasks.value_or(
                                                     options_.max_active_tasks_default));
    for (const auto& [run_id, run] : entry->runs) Want(run->record.key);
  }
  if (!snapshot.dag) LoseModel(entry);
  SetRunnable(entry, was_runnable);
  ListDag(entry);
}

// Its runs are left as a start without the model would find them, and are read again when there is
// one.
void Scheduler::LoseModel(DagEntry* entry) {
  if (!entry->dag) return;
  for (const auto& [run_id, run] : entry->runs) {
    Dismantle(run, "its DAG has no serialized version any more");
    run->previous = nullptr;
    run->past = Run::Past::kUnused;
  }
  entry->dag = nullptr;
  entry->model_hash.clear();
}

void Scheduler::OnDagRecord(const DagRecord& record) {
  DagEntry* entry = EntryOf(record.dag_id);
  const bool was_runnable = entry->runnable();
  if (!entry->dag || record.dag_hash != entry->model_hash) wants_.dags.push_back(record.dag_id);
  const bool schedule_moved = record.next_create_after != entry->record.next_create_after ||
                              record.next_logical_date != entry->record.next_logical_date;
  const bool datasets_moved = record.updated_datasets != entry->record.updated_datasets;
  const bool backfill_moved = record.backfill != entry->record.backfill;
  entry->record = record;
  entry->backfill_ends = entry->backfill_ends && !backfill_moved;
  entry->dataset_run_made = entry->dataset_run_made && !datasets_moved;
  SetRunnable(entry, was_runnable);
  if (datasets_moved || schedule_moved || backfill_moved || was_runnable != entry->runnable()) {
    ListDag(entry);
  }
}

// Paused: what waits for a slot steps back, and is looked at again when the DAG is unpaused.
void Scheduler::SetRunnable(DagEntry* entry, bool was_runnable) {
  if (entry->runnable() == was_runnable) return;
  for (const auto& [run_id, run] : entry->runs) {
    if (was_runnable) WithdrawAll(run.get());
    run->MarkAllDirty();
    ListRun(run);
  }
}

// Nothing of the run waits for a slot any more, until it is looked at again.
void Scheduler::WithdrawAll(Run* run) {
  for (SlotIndex i = 0; i < run->slots.size(); ++i) Withdraw(run, i);
}

void Scheduler::Withdraw(Run* run, SlotIndex task) {
  if (run->slots[task].waits) admission_.Withdraw(CandidateOf(run, task));
}

void Scheduler::RemoveEntry(const std::string& dag_id) {
  DagEntry* entry = FindDag(dag_id);
  if (!entry) return;
  for (const auto& [run_id, run] : entry->runs) run->previous = nullptr;
  for (const auto& [run_id, run] : entry->runs) Dismantle(run, "its DAG run was deleted");
  const auto gone = [entry](const RunPtr& run) { return run->dag_entry == entry; };
  std::erase_if(dirty_runs_, gone);
  std::erase_if(maybe_idle_, gone);
  admission_.Evict(&entry->active_tasks);
  for (const auto& [task, limit] : entry->active_tis) admission_.Evict(limit.get());
  dags_.erase(dag_id);
}

void Scheduler::OnDagGone(const std::string& dag_id) { RemoveEntry(dag_id); }

Scheduler::RunPtr Scheduler::AddRun(DagEntry* entry, const RunRecord& record) {
  auto run = std::make_shared<Run>();
  run->record = record;
  run->dag_entry = entry;
  const auto& only = options_.only_runs;
  if (!only.empty()) {
    const bool chosen = std::find(only.begin(), only.end(), record.key) != only.end();
    run->choice = chosen ? Run::Choice::kChosen : Run::Choice::kBarred;
  }
  entry->runs[record.key.run_id] = run;
  entry->Count(record);
  if (run->active_run()) RenewPasts(run);
  ListDag(entry);
  return run;
}

// A run came in between: the runs after it may have a new predecessor.
void Scheduler::RenewPasts(const RunPtr& added) {
  DagEntry* entry = added->dag_entry;
  if (!entry->dag || !entry->dag->uses_past) return;
  for (const auto& [run_id, run] : entry->runs) {
    const bool later = run->record.logical_date > added->record.logical_date;
    if (run->past != Run::Past::kKnown || !later) continue;
    if (run->previous && run->previous->record.logical_date >= added->record.logical_date) continue;
    run->past = Run::Past::kUnused;
    run->previous = nullptr;
    ListRun(run);
  }
}

void Scheduler::OnRun(const RunRecord& record) {
  DagEntry* entry = EntryOf(record.key.dag_id);
  const bool automated = record.type == RunType::kScheduled || record.type == RunType::kBackfill;
  if (automated && record.interval &&
      (!entry->last_automated_interval ||
       record.interval->start > entry->last_automated_interval->start)) {
    entry->last_automated_interval = record.interval;
    ListDag(entry);
  }
  const RunPtr run = FindSameRun(record);
  if (run) ApplyRun(run, record);
  const bool known = run && (!run->running() || (run->dag && run->dag == entry->dag));
  if (!known && !IsFinished(record.state)) Want(record.key);
}

void Scheduler::OnNextRun(const TimetableQuestion& question,
                          const Result<std::optional<NextRun>>& answer) {
  DagEntry* entry = FindDag(question.dag_id);
  if (!entry || entry->custom.last != question.last ||
      entry->custom.dag_hash != question.dag_hash) {
    return;
  }
  entry->custom.next = answer.ok() ? *answer : std::nullopt;
  ListDag(entry);
}

// The run has ended by our own decision: as in Airflow, an end by hand calls nobody.
void Scheduler::CallBack(const RunPtr& run) {
  const bool failed = run->record.state == RunState::kFailed;
  if (!run->dag || !(failed ? run->dag->has_failure_callback : run->dag->has_success_callback)) {
    return;
  }
  actions_.callbacks.push_back(CallbackOf(*run));
}

DagCallback Scheduler::CallbackOf(const Run& run) const {
  DagCallback callback;
  callback.run = run.record;
  callback.file = run.dag_entry->record.file;
  callback.dag_hash = run.dag_entry->model_hash;
  for (SlotIndex i = 0; i < run.slots.size(); ++i) {
    const TaskSlot& slot = run.slots[i];
    if (!slot.exists) continue;
    TaskRecord task;
    task.task_id = run.Model(i).id;
    task.map_index = run.MapIndexOf(i);
    task.state = slot.state;
    task.try_number = slot.try_number;
    callback.tasks.push_back(std::move(task));
  }
  return callback;
}

// Tasks of a run that are found to be late together are told of together.
void Scheduler::OnSlaMissed(const MissSla& missed) {
  const RunPtr run = FindRun(missed.run);
  if (!run || !run->dag_entry->dag || !run->dag_entry->dag->tells_sla_miss) return;
  std::vector<DagCallback>& callbacks = actions_.callbacks;
  if (callbacks.empty() || callbacks.back().late.empty() ||
      callbacks.back().run.key != missed.run) {
    callbacks.push_back(CallbackOf(*run));
    callbacks.back().when = missed.when;
  }
  callbacks.back().late.push_back(missed.task_id);
}

void Scheduler::ApplyRun(const RunPtr& run, const RunRecord& record) {
  DagEntry* entry = run->dag_entry;
  const bool ends = run->decided && !IsFinished(run->record.state) && IsFinished(record.state);
  const RunState old = run->record.state;
  // The place of its task instances in the order of admission; they leave it before it changes.
  const bool moved = record.logical_date != run->record.logical_date || record.id != run->record.id;
  if (old != record.state || moved) WithdrawAll(run.get());
  const bool regrouped = record.backfill_id != run->record.backfill_id ||
                         record.backfill_ordinal != run->record.backfill_ordinal;
  entry->Discount(run->record);
  run->record = record;
  entry->Count(record);
  if (regrouped) ListDag(entry);
  run->decided = false;
  if (ends) CallBack(run);
  if (old != record.state || moved) {
    run->start_armed.reset();  // A timer that came up in another state was dropped.
    run->timeout_armed.reset();
    run->sla_check = {};
    if (record.state == RunState::kRunning) run->MarkAllDirty();
    if (IsFinished(record.state)) {
      if (run->previous) maybe_idle_.push_back(std::move(run->previous));
      run->previous = nullptr;
      run->past = Run::Past::kUnused;
      for (const auto& [run_id, other] : entry->runs) {
        if (other->previous != run) continue;
        other->MarkAllDirty();
        ListRun(other);
      }
      maybe_idle_.push_back(run);
    }
    ListDag(entry);
  }
  ListRun(run);
}

// Gives back what the slots hold and wait for; the slots themselves are replaced by the caller.
void Scheduler::ForgetSlots(const RunPtr& run) {
  for (SlotIndex i = 0; i < run->slots.size(); ++i) {
    SetHolds(run.get(), i, false);
    Withdraw(run.get(), i);
  }
  for (const auto& [task, limit] : run->active_tis) admission_.Evict(limit.get());
}

// Attempts are cancelled, with the reason.
void Scheduler::Dismantle(const RunPtr& run, const char* reason) {
  for (SlotIndex i = 0; i < run->slots.size(); ++i) {
    const TaskSlot& slot = run->slots[i];
    const bool is_alive = slot.holds || slot.state == TaskState::kDeferred;
    if (!is_alive || slot.attempt == 0) continue;
    actions_.cancel.push_back({slot.attempt, run->Model(i).queue, reason});
  }
  ForgetSlots(run);
  run->slots.clear();
  run->dirty.clear();
  run->strays.clear();
}

void Scheduler::OnRunLoaded(const RunSnapshot& snapshot) {
  DagEntry* entry = EntryOf(snapshot.run.key.dag_id);
  RunPtr run = FindSameRun(snapshot.run);
  if (!run) {
    run = AddRun(entry, snapshot.run);
  } else {
    ApplyRun(run, snapshot.run);
  }
  FillRun(run, snapshot);
  if (IsFinished(run->record.state)) maybe_idle_.push_back(run);
}

void Scheduler::FillRun(const RunPtr& run, const RunSnapshot& snapshot) {
  DagEntry* entry = run->dag_entry;
  if (!entry->dag) return;
  // Attempts that are known already are not announced again; those that are gone are ended.
  std::map<AttemptId, std::string> known;  // to the queue
  for (SlotIndex i = 0; i < run->slots.size(); ++i) {
    const TaskSlot& slot = run->slots[i];
    const bool is_alive = slot.holds || slot.state == TaskState::kDeferred;
    if (is_alive && slot.attempt != 0) known[slot.attempt] = run->Model(i).queue;
  }
  ForgetSlots(run);
  run->decided = false;
  run->strays.clear();
  run->sla_check = {};
  run->Reset(entry->dag);
  if (run->record.state == RunState::kQueued && snapshot.tasks.empty()) run->slots.clear();
  ExpandAsStored(run.get(), snapshot.tasks);
  for (const TaskRecord& record : snapshot.tasks) {
    if (const auto slot = SlotOf(*run, record)) {
      ApplyTask(run, *slot, record, !known.contains(record.attempt));
    } else {
      run->strays.push_back(record);
    }
    if (MayHaveAttempt(record.state)) known.erase(record.attempt);
  }
  for (const auto& [attempt, queue] : known) {
    actions_.cancel.push_back({attempt, queue, "its task instance was changed"});
  }
  run->MarkAllDirty();
  ListRun(run);
  ListDag(entry);
}

void Scheduler::OnRunGone(const RunKey& key) {
  DagEntry* entry = FindDag(key.dag_id);
  if (!entry) return;
  wants_.dags.push_back(key.dag_id);  // the latest automated run may be another one now
  const RunPtr run = FindRun(key);
  if (!run) return;
  entry->Discount(run->record);
  Dismantle(run, "its DAG run was deleted");
  run->record.state = RunState::kFailed;  // for those that still point at it
  for (const auto& [run_id, other] : entry->runs) {
    if (other->previous != run) continue;
    other->past = Run::Past::kUnused;
    other->previous = nullptr;
    ListRun(other);
  }
  entry->runs.erase(key.run_id);
  ListDag(entry);
}

void Scheduler::OnTasksCreated(const CreateTasks& created) {
  const RunPtr run = FindRun(created.run);
  if (!run) return;
  if (run->slots.empty()) run->Reset(created.dag);
  if (run->dag != created.dag) return Want(created.run);
  for (const TaskIndex task : created.tasks) {
    run->AddRow(task);
    run->slots[task].max_tries = run->dag->tasks[task].retries;
    run->MarkDirty(task);
  }
  ListRun(run);
}

void Scheduler::OnTask(const TaskRecord& record) {
  const RunPtr run = FindRun(record.run);
  if (!run || !run->dag || run->slots.empty()) {
    if (run || MayHaveAttempt(record.state)) Want(record.run);
    return;
  }
  if (const auto slot = SlotOf(*run, record)) {
    ApplyTask(run, *slot, record, true);
  } else if (IsMapped(*run, record)) {
    return Want(record.run);  // an instance that someone else added
  } else {
    ApplyStray(run, record);
  }
  ListRun(run);
}

void Scheduler::ApplyStray(const RunPtr& run, const TaskRecord& record) {
  for (TaskRecord& stray : run->strays) {
    if (stray.task_id != record.task_id || stray.map_index != record.map_index) continue;
    if (MayHaveAttempt(stray.state) && !MayHaveAttempt(record.state) && stray.attempt != 0) {
      actions_.cancel.push_back({stray.attempt, "", "its task is no longer in the DAG"});
    }
    stray = record;
    return;
  }
  run->strays.push_back(record);
}

void Scheduler::ApplyTask(const RunPtr& run, SlotIndex task, const TaskRecord& record, bool act) {
  TaskSlot& slot = run->slots[task];
  const TaskState old_state = slot.state;
  const AttemptId old_attempt = slot.attempt;
  const bool ended = std::exchange(slot.ended, false);
  if (slot.decided) --run->pending;
  slot.decided = false;
  run->AddRow(task);
  slot.try_number = record.try_number;
  slot.max_tries = record.max_tries;
  slot.attempt = record.attempt;
  if (HoldsSlot(old_state) && record.state == TaskState::kFailed) run->failing = true;
  run->SetState(task, record.state);
  SetHolds(run.get(), task, HoldsSlot(record.state));
  if (record.state != old_state) Withdraw(run.get(), task);
  if (record.state == TaskState::kDeferred) {
    const auto timeout = record.resumption ? record.resumption->trigger_timeout : std::nullopt;
    slot.due = timeout.value_or(Time{});
  } else if (record.state == TaskState::kUpForReschedule && record.resumption &&
             record.resumption->reschedule_date) {
    slot.due = *record.resumption->reschedule_date;
    timers_.push({slot.due, Timer::Kind::kTask, record.run.dag_id, run, task});
  } else if (record.state == TaskState::kUpForRetry ||
             record.state == TaskState::kUpForReschedule) {
    const std::string identity =
        record.run.dag_id + '#' + record.run.run_id + '#' + record.task_id +
        (record.map_index < 0 ? "" : '#' + std::to_string(record.map_index));
    slot.due = record.end_date.value_or(Time{}) +
               RetryDelay(run->Model(task), identity, record.try_number);
    timers_.push({slot.due, Timer::Kind::kTask, record.run.dag_id, run, task});
  }
  if (act) Act(run, task, old_state, old_attempt, ended, record.resumption);
  run->MarkDirty(task);
  const auto is_well = [](TaskState state) {
    return state == TaskState::kSuccess || state == TaskState::kSkipped;
  };
  if (is_well(old_state) && !is_well(record.state)) run->sla_check = {};
  if (IsFinished(old_state) || IsFinished(record.state)) TouchSuccessors(run, run->TaskOf(task));
  if (IsFinished(run->record.state)) maybe_idle_.push_back(run);
}

// What executors have to do about a task instance that changed.
void Scheduler::Act(const RunPtr& run, SlotIndex task, TaskState old_state, AttemptId old_attempt,
                    bool ended, const std::shared_ptr<const Resumption>& resumption) {
  const TaskSlot& slot = run->slots[task];
  const bool same = slot.attempt == old_attempt;
  const bool held = MayHaveAttempt(old_state) && old_state != TaskState::kRestarting;
  const bool keeps =
      same && (slot.state == TaskState::kQueued || slot.state == TaskState::kRunning ||
               slot.state == TaskState::kDeferred);
  if (held && old_attempt != 0 && !keeps && !ended) {
    actions_.cancel.push_back(
        {old_attempt, run->Model(task).queue,
         "its task instance was changed to " + (slot.state == TaskState::kNone
                                                    ? std::string("none")
                                                    : std::string(ToString(slot.state)))});
  }
  if (ended) actions_.ended.insert(old_attempt);
  const bool starts = slot.state == TaskState::kQueued || slot.state == TaskState::kDeferred;
  const bool held_already = held && same;
  if (slot.attempt == 0 || held_already || !MayHaveAttempt(slot.state)) return;
  auto& list = starts ? actions_.start : actions_.resume;
  list.push_back({slot.attempt, run->record, run->dag, run->TaskOf(task), run->MapIndexOf(task),
                  slot.try_number, slot.max_tries, run->dag_entry->record.file,
                  run->dag_entry->model_hash, resumption});
}

// Tasks of later runs that depend on this task's past.
void Scheduler::TouchSuccessors(const RunPtr& run, TaskIndex task) {
  DagEntry* entry = run->dag_entry;
  if (!entry->dag || !entry->dag->uses_past) return;
  const Task& model = run->dag->tasks[task];
  for (const auto& [run_id, other] : entry->runs) {
    if (other->previous != run || other->slots.empty()) continue;
    const auto mark = [&other = other](const std::string& id) {
      const auto index = other->dag->Find(id);
      if (!index) return;
      for (const SlotIndex slot : other->SlotsOf(*index)) other->MarkDirty(slot);
    };
    mark(model.id);
    for (const TaskIndex up : model.upstream) mark(run->dag->tasks[up].id);
    ListRun(other);
  }
}

void Scheduler::OnTaskGone(const RunKey& key, const std::string& task_id, int map_index) {
  const RunPtr run = FindRun(key);
  if (!run) return;
  const auto task = run->dag ? run->dag->Find(task_id) : std::nullopt;
  // The row of a task that was expanded goes when its instances come.
  if (task && map_index < 0 && run->is_expanded(*task)) return;
  Want(key);
}

void Scheduler::OnPast(const RunKey& key, const std::optional<RunSnapshot>& previous) {
  const RunPtr run = FindRun(key);
  if (!run || run->past != Run::Past::kAsked) return;
  run->past = Run::Past::kKnown;
  if (previous) {
    run->previous = FindSameRun(previous->run);
    if (!run->previous) {
      run->previous = AddRun(run->dag_entry, previous->run);
      FillRun(run->previous, *previous);
    }
  }
  run->MarkAllDirty();
  ListRun(run);
}

void Scheduler::Rejected(const Transition& transition) {
  if (const auto* create = std::get_if<CreateRun>(&transition)) {
    // A run of that id or logical date exists: the schedule goes on after it.
    DagEntry* entry = FindDag(create->run.key.dag_id);
    if (!entry) return;
    if (create->by_datasets) {
      entry->dataset_run_made = false;
      return wants_.dags.push_back(create->run.key.dag_id);
    }
    entry->last_automated_interval = create->run.interval;
    ListDag(entry);
  } else if (const auto* run = std::get_if<ChangeRun>(&transition)) {
    Want(run->run);
  } else if (const auto* task = std::get_if<ChangeTask>(&transition)) {
    Want(task->run);
  } else if (const auto* expand = std::get_if<ExpandTask>(&transition)) {
    Want(expand->run);
  }
}

std::unordered_set<AttemptId> Scheduler::Attempts() const {
  std::unordered_set<AttemptId> attempts;
  for (const auto& [dag_id, entry] : dags_) {
    for (const auto& [run_id, run] : entry->runs) {
      for (const TaskSlot& slot : run->slots) {
        const bool is_alive = slot.holds || slot.state == TaskState::kDeferred;
        if (slot.attempt != 0 && is_alive) attempts.insert(slot.attempt);
      }
      for (const TaskRecord& stray : run->strays) {
        if (stray.attempt != 0 && MayHaveAttempt(stray.state)) attempts.insert(stray.attempt);
      }
    }
  }
  return attempts;
}

size_t Scheduler::active_runs() const {
  size_t count = 0;
  for (const auto& [dag_id, entry] : dags_) count += entry->runs.size();
  return count;
}

size_t Scheduler::task_slots() const {
  size_t count = 0;
  for (const auto& [dag_id, entry] : dags_) {
    for (const auto& [run_id, run] : entry->runs) count += run->slots.size();
  }
  return count;
}

}  // namespace beeflow
