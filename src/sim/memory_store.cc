#include "sim/memory_store.h"

#include <algorithm>
#include <type_traits>
#include <unordered_set>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {
namespace {

const StoredPool kDefaultPool = {{"default_pool", 128}, "Default pool"};

bool SameColumns(const StoredDag& a, const StoredDag& b) {
  const auto columns = [](const DagRecord& d) {
    return std::tie(d.file, d.is_paused, d.is_active, d.dag_hash, d.next_logical_date,
                    d.next_interval, d.next_create_after, d.backfill);
  };
  return columns(a.record) == columns(b.record);
}

bool SameColumns(const RunRecord& a, const RunRecord& b) {
  const auto columns = [](const RunRecord& r) {
    return std::tie(r.state, r.type, r.logical_date, r.interval, r.queued_at, r.start_date,
                    r.end_date, r.external_trigger, r.conf, r.backfill_id, r.backfill_ordinal);
  };
  return columns(a) == columns(b);
}

bool SameColumns(const TaskRecord& a, const TaskRecord& b) {
  const auto columns = [](const TaskRecord& t) {
    return std::tie(t.state, t.try_number, t.max_tries, t.attempt, t.start_date, t.end_date);
  };
  return columns(a) == columns(b);
}

template <typename Map>
auto FindOrNull(const Map& map, const typename Map::key_type& key) {
  const auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

}  // namespace

class MemoryTransaction : public Transaction {
 public:
  explicit MemoryTransaction(MemoryStore* store) : store_(store) {}
  ~MemoryTransaction() override {
    if (!store_) return;
    store_->RollBack();
    store_->transaction_ = nullptr;
  }
  // The store dropped the transaction.
  void Detach() { store_ = nullptr; }

  Result<std::vector<Change>> TakeChanges(size_t max) override {
    if (!store_) return Gone();
    return store_->Take(max);
  }
  Result<bool> Apply(const Transition& transition) override {
    if (!store_) return Gone();
    return std::visit([this](const auto& value) { return store_->Apply(value); }, transition);
  }
  Status SyncFile(const ParsedFile& file, bool paused_at_creation, Time now) override {
    if (!store_) return Gone();
    return store_->DoSyncFile(file, paused_at_creation, now);
  }
  Status RemoveFile(const std::string& path, Time /*now*/) override {
    if (!store_) return Gone();
    return store_->DoRemoveFile(path);
  }
  Result<std::optional<DagSnapshot>> LoadDag(const std::string& dag_id) override {
    if (!store_) return Gone();
    const StoredDag* dag = FindOrNull(store_->dags_, dag_id);
    if (!dag) return std::optional<DagSnapshot>();
    return std::optional<DagSnapshot>(store_->SnapshotOf(*dag));
  }
  Result<std::optional<RunSnapshot>> LoadRun(const RunKey& key) override {
    if (!store_) return Gone();
    const auto* run = store_->FindRun(key);
    if (!run) return std::optional<RunSnapshot>();
    return std::optional<RunSnapshot>(MemoryStore::SnapshotOf(*run));
  }
  Result<std::optional<RunSnapshot>> LoadPreviousRun(const std::string& dag_id, Time logical_date,
                                                     bool scheduled_only) override;
  Result<std::optional<int64_t>> MapLength(const RunKey& run, const std::string& task_id,
                                           bool mapped) override {
    if (!store_) return Gone();
    return store_->MapLength(run, task_id, mapped);
  }
  Result<std::optional<std::string>> XCom(const RunKey& run, const std::string& task_id,
                                          int map_index, const std::string& key) override {
    if (!store_) return Gone();
    const std::string* value = FindOrNull(store_->xcoms_, XComKey{run, task_id, map_index, key});
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }
  Status Commit() override {
    if (!store_) return Gone();
    store_->Commit();
    store_->transaction_ = nullptr;
    store_ = nullptr;
    return Ok();
  }

 private:
  static Error Gone() { return Unavailable("the transaction has ended; begin a new one"); }

  MemoryStore* store_;  // null once it has ended
};

Result<std::optional<RunSnapshot>> MemoryTransaction::LoadPreviousRun(const std::string& dag_id,
                                                                      Time logical_date,
                                                                      bool scheduled_only) {
  if (!store_) return Gone();
  const auto dates = store_->dates_.find(dag_id);
  if (dates == store_->dates_.end()) return std::optional<RunSnapshot>();
  auto it = dates->second.lower_bound(logical_date);
  while (it != dates->second.begin()) {
    --it;
    const auto* run = store_->FindRun({dag_id, it->second});
    if (scheduled_only && run->record.type == RunType::kManual) continue;
    return std::optional<RunSnapshot>(MemoryStore::SnapshotOf(*run));
  }
  return std::optional<RunSnapshot>();
}

MemoryStore::MemoryStore() { pools_[kDefaultPool.record.name] = kDefaultPool; }

MemoryStore::~MemoryStore() { Crash(); }

void MemoryStore::Crash() {
  if (!open_) return;
  RollBack();
  if (transaction_) transaction_->Detach();
  transaction_ = nullptr;
}

void MemoryStore::RewindFeed(int64_t back) { position_ = std::max<int64_t>(0, position_ - back); }

void MemoryStore::Write(const AttemptEdit& edit) {
  auto& attempts = attempts_[{edit.run.dag_id, edit.run.run_id}];
  const AttemptKey key{edit.task_id, edit.map_index, edit.attempt};
  if (edit.state.after) {
    attempts[key] = *edit.state.after;
  } else {
    attempts.erase(key);
  }
}

Result<bool> MemoryStore::HasChanges() { return position_ < static_cast<int64_t>(log_.size()); }

Result<std::unique_ptr<Transaction>> MemoryStore::Begin() {
  Open(/*by_hand=*/false);
  auto transaction = std::make_unique<MemoryTransaction>(this);
  transaction_ = transaction.get();
  return std::unique_ptr<Transaction>(std::move(transaction));
}

void MemoryStore::Open(bool by_hand) {
  BEEFLOW_CHECK(!open_);  // One transaction at a time.
  open_ = {by_hand, {}, log_.size(), notices_.size(), task_fails_, position_};
}

void MemoryStore::Commit() {
  const OpenTransaction done = *std::exchange(open_, std::nullopt);
  if (observer_) observer_->OnCommit(done.edits, done.by_hand);
}

void MemoryStore::RollBack() {
  OpenTransaction undone = *std::exchange(open_, std::nullopt);
  for (; !undone.edits.empty(); undone.edits.pop_back()) {
    std::visit(
        [this](auto& edit) {
          if constexpr (requires { edit.before; }) {
            std::swap(edit.before, edit.after);
          } else if constexpr (requires { edit.edit; }) {
            std::swap(edit.edit.before, edit.edit.after);
          } else if constexpr (requires { edit.told; }) {
            std::swap(edit.told.before, edit.told.after);
          } else if constexpr (requires { edit.state; }) {
            std::swap(edit.state.before, edit.state.after);
          } else {
            std::swap(edit.import_error.before, edit.import_error.after);
          }
          // The key of a row that comes back or goes is in whichever side is present.
          Write(edit);
        },
        undone.edits.back());
  }
  // What others have committed meanwhile stays.
  const auto first = log_.begin() + static_cast<std::ptrdiff_t>(undone.log_before);
  log_.erase(std::remove_if(first, log_.end(),
                            [&](const LogEntry& entry) { return entry.by_hand == undone.by_hand; }),
             log_.end());
  notices_.resize(undone.notices_before);
  task_fails_ = undone.task_fails_before;
  position_ = undone.position_before;
}

std::string DagIdOf(const RowEdit& edit) {
  return std::visit(
      [](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, Edit<StoredDag>>) {
          return value.after ? value.after->record.dag_id : value.before->record.dag_id;
        } else if constexpr (std::is_same_v<T, Edit<RunRecord>>) {
          return value.after ? value.after->key.dag_id : value.before->key.dag_id;
        } else if constexpr (std::is_same_v<T, Edit<TaskRecord>>) {
          return value.after ? value.after->run.dag_id : value.before->run.dag_id;
        } else if constexpr (std::is_same_v<T, XComEdit>) {
          return value.key.run.dag_id;
        } else if constexpr (requires { value.run; }) {
          return value.run.dag_id;
        } else {
          return "";
        }
      },
      edit);
}

bool MemoryStore::Collide(const std::vector<RowEdit>& a, const std::vector<RowEdit>& b) {
  return std::any_of(a.begin(), a.end(), [&b](const RowEdit& edit) {
    return std::any_of(b.begin(), b.end(),
                       [id = DagIdOf(edit)](const RowEdit& other) { return DagIdOf(other) == id; });
  });
}

// --- Rows ---

void MemoryStore::Log(LogEntry::Table table, const RunKey& run, const std::string& task_id,
                      int map_index) {
  log_.push_back({table, run, task_id, map_index, open_->by_hand});
}

void MemoryStore::Make(RowEdit edit) {
  std::visit([this](const auto& value) { Write(value); }, edit);
  open_->edits.push_back(std::move(edit));
}

void MemoryStore::Write(const Edit<StoredDag>& edit) {
  if (edit.after) {
    dags_[edit.after->record.dag_id] = *edit.after;
  } else {
    dags_.erase(edit.before->record.dag_id);
  }
}

void MemoryStore::Write(const Edit<RunRecord>& edit) {
  if (edit.before) {
    dates_[edit.before->key.dag_id].erase(edit.before->logical_date);
    if (!edit.after) runs_[edit.before->key.dag_id].erase(edit.before->key.run_id);
  }
  if (!edit.after) return;
  runs_[edit.after->key.dag_id][edit.after->key.run_id].record = *edit.after;
  dates_[edit.after->key.dag_id][edit.after->logical_date] = edit.after->key.run_id;
}

void MemoryStore::Write(const Edit<TaskRecord>& edit) {
  const TaskRecord& row = edit.after ? *edit.after : *edit.before;
  StoredRun* run = MutableRun(row.run);
  BEEFLOW_CHECK(run);
  if (edit.after) {
    run->tasks[{row.task_id, row.map_index}] = row;
  } else {
    run->tasks.erase({row.task_id, row.map_index});
  }
}

void MemoryStore::Write(const Edit<StoredPool>& edit) {
  if (edit.after) {
    pools_[edit.after->record.name] = *edit.after;
  } else {
    pools_.erase(edit.before->record.name);
  }
}

void MemoryStore::Write(const XComEdit& edit) {
  if (edit.edit.after) {
    xcoms_[edit.key] = *edit.edit.after;
  } else {
    xcoms_.erase(edit.key);
  }
}

void MemoryStore::Write(const FileEdit& edit) {
  if (edit.import_error.after) {
    import_errors_[edit.path] = *edit.import_error.after;
  } else {
    import_errors_.erase(edit.path);
  }
}

void MemoryStore::Write(const SlaEdit& edit) {
  const SlaKey key{edit.run.dag_id, edit.run.run_id, edit.task_id};
  if (edit.told.after) {
    sla_misses_[key] = *edit.told.after;
  } else {
    sla_misses_.erase(key);
  }
}

void MemoryStore::PutDag(StoredDag row) {
  const StoredDag* old = FindOrNull(dags_, row.record.dag_id);
  if (!old || !SameColumns(*old, row)) {
    Log(LogEntry::Table::kDag, {row.record.dag_id, ""}, "", -1);
  }
  auto before = old ? std::optional<StoredDag>(*old) : std::nullopt;
  Make(Edit<StoredDag>{std::move(before), std::move(row)});
}

void MemoryStore::PutRun(RunRecord row) {
  const StoredRun* old = FindRun(row.key);
  if (!old || !SameColumns(old->record, row)) Log(LogEntry::Table::kRun, row.key, "", -1);
  auto before = old ? std::optional<RunRecord>(old->record) : std::nullopt;
  Make(Edit<RunRecord>{std::move(before), std::move(row)});
}

void MemoryStore::PutTask(TaskRecord row) {
  const TaskRecord* old = FindTask(row.run, row.task_id, row.map_index);
  if (old ? !SameColumns(*old, row) : row.state != TaskState::kNone) LogTask(row);
  auto before = old ? std::optional<TaskRecord>(*old) : std::nullopt;
  Make(Edit<TaskRecord>{std::move(before), std::move(row)});
}

void MemoryStore::PutPool(StoredPool row) {
  const StoredPool* old = FindOrNull(pools_, row.record.name);
  if (!old || old->record.slots != row.record.slots) {
    Log(LogEntry::Table::kPool, {}, row.record.name, -1);
  }
  auto before = old ? std::optional<StoredPool>(*old) : std::nullopt;
  Make(Edit<StoredPool>{std::move(before), std::move(row)});
}

void MemoryStore::PutXCom(const XComKey& key, std::optional<std::string> value) {
  const std::string* old = FindOrNull(xcoms_, key);
  auto before = old ? std::optional<std::string>(*old) : std::nullopt;
  Make(XComEdit{key, {std::move(before), std::move(value)}});
}

void MemoryStore::PutImportError(const std::string& path, std::optional<std::string> text) {
  const std::string* old = FindOrNull(import_errors_, path);
  auto before = old ? std::optional<std::string>(*old) : std::nullopt;
  Make(FileEdit{path, {std::move(before), std::move(text)}});
}

void MemoryStore::EraseDag(const std::string& dag_id) {
  Make(Edit<StoredDag>{dags_.at(dag_id), std::nullopt});
  Log(LogEntry::Table::kDag, {dag_id, ""}, "", -1);
}

// The end of a whole run is one entry of the log, that of the run.
void MemoryStore::EraseRun(const RunKey& key) {
  const StoredRun run = *FindRun(key);
  for (const auto& [task, row] : run.tasks) Make(Edit<TaskRecord>{row, std::nullopt});
  std::vector<XComKey> values;
  for (const auto& [value, text] : xcoms_) {
    if (value.run == key) values.push_back(value);
  }
  for (const XComKey& value : values) PutXCom(value, std::nullopt);
  std::vector<SlaEdit> misses;
  for (const auto& [miss, told] : sla_misses_) {
    const auto& [dag_id, run_id, task_id] = miss;
    if (dag_id == key.dag_id && run_id == key.run_id) misses.push_back({key, task_id, {told, {}}});
  }
  for (const SlaEdit& miss : misses) Make(miss);
  const auto attempts = attempts_[{key.dag_id, key.run_id}];
  for (const auto& [attempt, state] : attempts) {
    const auto& [task_id, map_index, id] = attempt;
    Make(AttemptEdit{key, task_id, map_index, id, {state, std::nullopt}});
  }
  Make(Edit<RunRecord>{run.record, std::nullopt});
  Log(LogEntry::Table::kRun, key, "", -1);
}

void MemoryStore::EraseTask(const TaskRecord& row) {
  LogTask(row);
  Make(Edit<TaskRecord>{row, std::nullopt});
}

void MemoryStore::ErasePool(const std::string& name) {
  Make(Edit<StoredPool>{pools_.at(name), std::nullopt});
  Log(LogEntry::Table::kPool, {}, name, -1);
}

MemoryStore::StoredRun* MemoryStore::MutableRun(const RunKey& run) {
  return const_cast<StoredRun*>(FindRun(run));
}

const MemoryStore::StoredRun* MemoryStore::FindRun(const RunKey& run) const {
  const RunsOfDag* runs = FindOrNull(runs_, run.dag_id);
  return runs ? FindOrNull(*runs, run.run_id) : nullptr;
}

const TaskRecord* MemoryStore::FindTask(const RunKey& run, const std::string& task_id,
                                        int map_index) const {
  const StoredRun* stored = FindRun(run);
  return stored ? FindOrNull(stored->tasks, {task_id, map_index}) : nullptr;
}

const TaskState* MemoryStore::FindAttempt(const RunKey& run, const std::string& task_id,
                                          int map_index, AttemptId attempt) const {
  const auto* attempts = FindOrNull(attempts_, {run.dag_id, run.run_id});
  return attempts ? FindOrNull(*attempts, {task_id, map_index, attempt}) : nullptr;
}

// An attempt that a transaction let run which was rolled back is named again by the one that does
// it.
std::string MemoryStore::HostOf(AttemptId attempt) const {
  const std::string* host = FindOrNull(hosts_, attempt);
  return host ? *host : "";
}

// --- Reads ---

RunSnapshot MemoryStore::SnapshotOf(const StoredRun& run) {
  RunSnapshot out{run.record, {}};
  out.tasks.reserve(run.tasks.size());
  for (const auto& [key, task] : run.tasks) out.tasks.push_back(task);
  return out;
}

DagSnapshot MemoryStore::SnapshotOf(const StoredDag& dag) const {
  DagSnapshot out;
  out.record = dag.record;
  out.dag = dag.dag;
  const auto* dates = FindOrNull(dates_, dag.record.dag_id);
  if (!dates) return out;
  for (const auto& [date, run_id] : *dates) {  // the latest one stays
    const RunRecord& run = FindRun({dag.record.dag_id, run_id})->record;
    const bool automated = run.type == RunType::kScheduled || run.type == RunType::kBackfill;
    if (automated) out.last_automated_interval = run.interval;
  }
  return out;
}

Result<Snapshot> MemoryStore::LoadActive() {
  BEEFLOW_CHECK(!open_);
  Snapshot out;
  for (const auto& [dag_id, dag] : dags_) {
    if (dag.dag) out.dags.push_back(SnapshotOf(dag));
  }
  for (const auto& [name, pool] : pools_) out.pools.push_back(pool.record);
  for (const auto& [dag_id, runs] : runs_) {
    for (const auto& [run_id, run] : runs) {
      const bool holds = std::any_of(run.tasks.begin(), run.tasks.end(), [](const auto& task) {
        return MayHaveAttempt(task.second.state);
      });
      if (holds || !IsFinished(run.record.state)) out.runs.push_back(SnapshotOf(run));
    }
  }
  std::sort(out.runs.begin(), out.runs.end(),
            [](const auto& a, const auto& b) { return a.run.id < b.run.id; });
  position_ = static_cast<int64_t>(log_.size());
  return out;
}

Change MemoryStore::CurrentRow(int64_t sequence, const LogEntry& entry) const {
  Change out;
  out.sequence = sequence;
  switch (entry.table) {
    case LogEntry::Table::kDag: {
      const StoredDag* dag = FindOrNull(dags_, entry.run.dag_id);
      if (dag) {
        out.row = dag->record;
      } else {
        out.row = DagGone{entry.run.dag_id};
      }
      return out;
    }
    case LogEntry::Table::kRun: {
      const StoredRun* run = FindRun(entry.run);
      if (run) {
        out.row = run->record;
      } else {
        out.row = RunGone{entry.run};
      }
      return out;
    }
    case LogEntry::Table::kTask: {
      const TaskRecord* task = FindTask(entry.run, entry.task_id, entry.map_index);
      if (task) {
        out.row = *task;
      } else {
        out.row = TaskGone{entry.run, entry.task_id, entry.map_index};
      }
      return out;
    }
    case LogEntry::Table::kPool:
      break;
  }
  const StoredPool* pool = FindOrNull(pools_, entry.task_id);
  if (pool) {
    out.row = pool->record;
  } else {
    out.row = PoolGone{entry.task_id};
  }
  return out;
}

// Several entries about one row in a batch are folded into the first.
std::vector<Change> MemoryStore::Take(size_t max) {
  std::vector<Change> out;
  std::vector<const LogEntry*> taken;
  const auto before = [](const LogEntry* a, const LogEntry* b) { return a->Key() < b->Key(); };
  for (size_t i = 0; i < max && position_ < static_cast<int64_t>(log_.size()); ++i) {
    const LogEntry* entry = &log_[static_cast<size_t>(position_++)];
    const auto place = std::lower_bound(taken.begin(), taken.end(), entry, before);
    if (place != taken.end() && (*place)->Key() == entry->Key()) continue;
    taken.insert(place, entry);
    out.push_back(CurrentRow(position_, *entry));
  }
  return out;
}

// --- Transitions ---

bool MemoryStore::Apply(const beeflow::CreateRun& create) {
  RunRecord run = create.run;
  const auto* dates = FindOrNull(dates_, run.key.dag_id);
  if (FindRun(run.key) || (dates && dates->contains(run.logical_date))) return false;
  run.id = ++last_run_id_;
  run.state = RunState::kQueued;
  PutRun(std::move(run));
  return true;
}

bool MemoryStore::Apply(const ChangeRun& change) {
  const StoredRun* stored = FindRun(change.run);
  if (!stored || stored->record.state != change.from) return false;
  RunRecord run = stored->record;
  run.state = change.to;
  // A run that is active again has no end, and one that waits again has not begun.
  if (change.start_date || !IsFinished(change.to)) run.start_date = change.start_date;
  if (change.end_date || !IsFinished(change.to)) run.end_date = change.end_date;
  PutRun(std::move(run));
  if (!change.reason.empty()) {
    notices_.push_back({change.run, "", std::string(ToString(change.to)), change.reason});
  }
  return true;
}

bool MemoryStore::Apply(const CreateTasks& create) {
  if (!FindRun(create.run)) return false;
  for (const TaskIndex index : create.tasks) {
    const Task& task = create.dag->tasks[index];
    if (FindTask(create.run, task.id)) continue;
    TaskRecord row;
    row.run = create.run;
    row.task_id = task.id;
    row.max_tries = task.retries;
    PutTask(std::move(row));
  }
  return true;
}

bool MemoryStore::Apply(const ExpandTask& expand) {
  const Task& task = expand.dag->tasks[expand.task];
  if (expand.from == 0) {
    const TaskRecord* unmapped = FindTask(expand.run, task.id);
    if (!unmapped || unmapped->state != TaskState::kNone) return false;
    EraseTask(TaskRecord(*unmapped));
  }
  for (int i = expand.from; i < expand.to; ++i) {
    if (FindTask(expand.run, task.id, i)) continue;
    TaskRecord row;
    row.run = expand.run;
    row.task_id = task.id;
    row.map_index = i;
    row.max_tries = task.retries;
    PutTask(std::move(row));
  }
  return true;
}

std::optional<int64_t> MemoryStore::MapLength(const RunKey& run, const std::string& task_id,
                                              bool mapped) const {
  if (mapped && FindTask(run, task_id, 0)) {
    int64_t values = 0;
    for (const auto& [key, value] : xcoms_) {
      values += key.run == run && key.task_id == task_id && key.map_index >= 0 &&
                key.key == "return_value";
    }
    return values;
  }
  const std::string* length = FindOrNull(xcoms_, XComKey{run, task_id, -1, kMapLengthKey});
  return length ? std::optional<int64_t>(std::stoll(*length)) : std::nullopt;
}

// Mirrors what the columns next_method, trigger_id and the table task_reschedule hold.
std::shared_ptr<const Resumption> ResumptionAfter(const TaskRecord& before,
                                                  const ChangeTask& change,
                                                  const TaskRecord& after) {
  Resumption now = before.resumption ? *before.resumption : Resumption();
  if (before.try_number != after.try_number) now = {};
  if (change.deferral) {
    now.trigger_class = change.deferral->trigger_class;
    now.trigger_kwargs = change.deferral->trigger_kwargs;
    if (change.deferral->timeout) {
      now.trigger_timeout = change.trigger_since.value_or(Time{}) + *change.deferral->timeout;
    }
    now.next_method = change.deferral->next_method;
    now.next_kwargs = change.deferral->next_kwargs;
  } else if (change.to != TaskState::kDeferred) {
    now.trigger_class = now.trigger_kwargs = "";
    now.trigger_timeout.reset();
  }
  if (change.event) {
    Json kwargs = ParseJson(now.next_kwargs).value();
    kwargs[change.event->key] = ParseJson(change.event->value).value();
    now.next_kwargs = DumpJson(kwargs);
  }
  if (IsFinished(change.to) || change.to == TaskState::kUpForReschedule) {
    now.next_method = now.next_kwargs = "";
  }
  if (change.reschedule_date) {
    now.reschedule_date = change.reschedule_date;
    ++now.reschedules;
  }
  now.start_date = after.start_date;
  const bool is_used = !now.next_method.empty() || now.reschedules > 0;
  return is_used ? std::make_shared<const Resumption>(std::move(now)) : nullptr;
}

bool MemoryStore::Apply(const ChangeTask& change) {
  if (change.usage) {  // kept even where the task instance has gone on without the attempt
    RecordAttempt ended;
    ended.run = change.run;
    ended.task_id = change.task_id;
    ended.map_index = change.map_index;
    ended.attempt = change.from_attempt;
    ended.state = change.task_failed ? TaskState::kFailed : change.to;
    (void)Apply(ended);
  }
  const TaskRecord* stored = FindTask(change.run, change.task_id, change.map_index);
  if (!stored || stored->state != change.from || stored->try_number != change.from_try ||
      stored->attempt != change.from_attempt) {
    return false;
  }
  TaskRecord row = *stored;
  row.state = change.to;
  row.try_number = change.try_number;
  row.attempt = change.attempt;
  if (change.to == TaskState::kRunning) hosts_[change.attempt] = change.hostname;
  if (change.start_date) row.start_date = change.start_date;
  // A try that begins has no end yet: the one before may have left one.
  if (change.end_date || change.to == TaskState::kRunning) row.end_date = change.end_date;
  if (change.max_tries) row.max_tries = *change.max_tries;
  row.resumption = ResumptionAfter(*stored, change, row);
  PutTask(std::move(row));
  ApplyXComs(change);
  if (change.task_failed) ++task_fails_;
  if (!change.reason.empty()) {
    const auto name = change.to == TaskState::kNone ? "none" : ToString(change.to);
    notices_.push_back({change.run, change.task_id, std::string(name), change.reason});
  }
  return true;
}

void MemoryStore::ApplyXComs(const ChangeTask& change) {
  XComKey key{change.run, change.task_id, change.map_index, ""};
  if (change.clear_xcoms) {
    std::vector<XComKey> old;
    for (auto it = xcoms_.lower_bound(key); it != xcoms_.end(); ++it) {
      if (it->first.run != key.run || it->first.task_id != key.task_id ||
          it->first.map_index != key.map_index) {
        break;
      }
      old.push_back(it->first);
    }
    for (const XComKey& value : old) PutXCom(value, std::nullopt);
  }
  for (const auto& [name, value] : change.xcoms) {
    key.key = name;
    PutXCom(key, value);
  }
  key.key = kMapLengthKey;
  if (change.map_length) PutXCom(key, std::to_string(*change.map_length));
}

bool MemoryStore::Apply(const SetNextRun& next) {
  const StoredDag* stored = FindOrNull(dags_, next.dag_id);
  if (!stored) return false;
  StoredDag dag = *stored;
  dag.record.next_logical_date = next.logical_date;
  dag.record.next_interval = next.interval;
  dag.record.next_create_after = next.create_after;
  PutDag(std::move(dag));
  return true;
}

bool MemoryStore::Apply(const Notice& notice) {
  notices_.push_back({notice.run, notice.task_id, notice.event, notice.text});
  return true;
}

bool MemoryStore::Apply(const MissSla& missed) {
  const SlaKey key{missed.run.dag_id, missed.run.run_id, missed.task_id};
  if (!FindRun(missed.run) || sla_misses_.contains(key)) return false;
  Make(SlaEdit{missed.run, missed.task_id, {std::nullopt, false}});
  return true;
}

bool MemoryStore::Apply(const NoteSlaTold& told) {
  bool found = false;
  for (const std::string& task_id : told.tasks) {
    const bool* row = FindOrNull(sla_misses_, {told.run.dag_id, told.run.run_id, task_id});
    if (!row) continue;
    Make(SlaEdit{told.run, task_id, {*row, told.notification_sent}});
    found = true;
  }
  return found;
}

bool MemoryStore::Apply(const RecordAttempt& ended) {
  const bool exists = FindAttempt(ended.run, ended.task_id, ended.map_index, ended.attempt);
  if (!FindRun(ended.run) || exists) return false;
  Make(AttemptEdit{
      ended.run, ended.task_id, ended.map_index, ended.attempt, {std::nullopt, ended.state}});
  return true;
}

// --- DAG files ---

std::string MemoryStore::SyncDag(const ParsedFile& file, const ParsedDag& parsed, bool paused,
                                 Time now) {
  const std::string& dag_id = parsed.dag->id;
  const StoredDag* stored = FindOrNull(dags_, dag_id);
  StoredDag row;
  if (stored) {
    row = *stored;
    if (row.record.file != file.path && row.record.is_active) {
      return "DAG " + dag_id + " is already defined by " + row.record.file +
             "; the definition in " + file.path +
             " is ignored. Give one of the two another dag_id, or delete one of the files\n";
    }
  } else {
    row.record.dag_id = dag_id;
    row.record.is_paused = parsed.dag->is_paused_upon_creation.value_or(paused);
  }
  row.record.file = file.path;
  row.record.is_active = true;
  row.last_parsed = now;
  row.has_import_errors = false;
  if (row.record.dag_hash != parsed.hash || !row.dag) {
    row.record.dag_hash = parsed.hash;
    row.dag = parsed.dag;
    row.data = parsed.data;
  }
  PutDag(std::move(row));
  return "";
}

Status MemoryStore::DoSyncFile(const ParsedFile& file, bool paused_at_creation, Time now) {
  std::string errors;
  std::unordered_set<std::string> defined;
  if (file.error) {
    errors = file.error->message + "\n" + file.path;
    if (file.error->line) errors += ":" + std::to_string(*file.error->line);
    if (!file.error->traceback.empty()) errors += "\n" + file.error->traceback;
  }
  for (const ParsedDag& parsed : file.dags) {
    if (file.error) break;
    const std::string conflict = SyncDag(file, parsed, paused_at_creation, now);
    if (conflict.empty()) defined.insert(parsed.dag->id);
    errors += conflict;
  }
  std::vector<StoredDag> own;
  for (const auto& [dag_id, dag] : dags_) {
    if (dag.record.file == file.path) own.push_back(dag);
  }
  for (StoredDag& dag : own) {
    if (!file.error && !defined.contains(dag.record.dag_id)) dag.record.is_active = false;
    dag.has_import_errors = !errors.empty();
    PutDag(std::move(dag));
  }
  PutImportError(file.path, errors.empty() ? std::nullopt : std::optional<std::string>(errors));
  return Ok();
}

Status MemoryStore::DoRemoveFile(const std::string& path) {
  std::vector<StoredDag> own;
  for (const auto& [dag_id, dag] : dags_) {
    if (dag.record.file == path) own.push_back(dag);
  }
  for (StoredDag& dag : own) {
    dag.record.is_active = false;
    dag.has_import_errors = false;
    PutDag(std::move(dag));
  }
  PutImportError(path, std::nullopt);
  return Ok();
}

}  // namespace beeflow
