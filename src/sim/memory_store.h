// A metadata database in memory: the fake Store of tests and simulations. It keeps what the real
// one keeps for the control loop: rows, a change log with a feed position, transactions that roll
// back, compare-and-set guards, and the log's blind spots (task instances that are inserted without
// a state are not logged).
//
// A transaction is durable with Commit; Crash() drops the open one. Edits by others, such as an API
// or a person with a database shell, each are a transaction of their own. One that comes while the
// control loop's is open is carried out, and seen by it, where the two touch different DAGs;
// otherwise it fails with kUnavailable: in a database it would wait.
//
// Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "ports/catalog.h"
#include "ports/store.h"

namespace beeflow {

struct StoredDag {
  DagRecord record;
  std::shared_ptr<const Dag> dag;
  std::string data;  // of the latest serialized version
  std::optional<Time> last_parsed;
  bool has_import_errors = false;
};

struct StoredPool {
  PoolRecord record;
  std::string description;
};

// A change of one row: absent before it was inserted, absent after it is deleted.
template <typename Row>
struct Edit {
  std::optional<Row> before;
  std::optional<Row> after;
};
struct XComKey {
  RunKey run;
  std::string task_id;
  int map_index = -1;
  std::string key;
};
struct XComEdit {
  XComKey key;
  Edit<std::string> edit;
};
// The XCom that stands for a row of task_map: it comes and goes with the others.
inline constexpr const char* kMapLengthKey = "the length of return_value";
struct FileEdit {
  std::string path;
  Edit<std::string> import_error;
};
// Whether a row of sla_miss exists.
struct SlaEdit {
  RunKey run;
  std::string task_id;
  Edit<bool> told;  // notification_sent
};
// Whether a row of attempt exists.
struct AttemptEdit {
  RunKey run;
  std::string task_id;
  int map_index = -1;
  AttemptId attempt = 0;
  Edit<TaskState> state;
};
using RowEdit = std::variant<Edit<StoredDag>, Edit<RunRecord>, Edit<TaskRecord>, Edit<StoredPool>,
                             XComEdit, FileEdit, SlaEdit, AttemptEdit>;

// The DAG that it belongs to; "" for pools and files.
std::string DagIdOf(const RowEdit& edit);

// Something for people: the rows of Airflow's `log` table.
struct StoredNotice {
  RunKey run;
  std::string task_id;
  std::string event;
  std::string text;
};

// Sees each committed transaction: what it changed, in order.
class CommitObserver {
 public:
  virtual ~CommitObserver() = default;
  // `by_hand`: an edit by others, not the control loop's.
  virtual void OnCommit(const std::vector<RowEdit>& edits, bool by_hand) = 0;
};

class MemoryTransaction;

class MemoryStore : public Store {
 public:
  MemoryStore();
  ~MemoryStore() override;

  Result<Snapshot> LoadActive() override;
  Result<std::unique_ptr<Transaction>> Begin() override;
  Result<bool> HasChanges() override;

  // As a killed control process: what is not committed is lost.
  void Crash();
  // Starts the feed again `back` entries earlier, as a store may that lost its position.
  void RewindFeed(int64_t back);
  // `observer` outlives the store or is replaced; null: nobody.
  void Observe(CommitObserver* observer) { observer_ = observer; }

  // Edits by others, with the meaning of their namesakes in ports/catalog.h.
  Status SetPaused(const std::string& dag_id, bool paused);
  Result<RunRecord> CreateRun(const RunRecord& run);
  Status DeleteDag(const std::string& dag_id);
  Status DeleteRun(const RunKey& run);
  Result<int64_t> Clear(const TaskSelection& selection);
  Result<int64_t> SetTaskState(const TaskSelection& selection, TaskState state, Time now);
  Status SetRunState(const RunKey& run, RunState state, Time now);
  // With these runs, where there is none for their dates, or one that is to start anew.
  Status StartBackfill(const BackfillOrder& order, const BackfillRecord& backfill,
                       const std::vector<RunRecord>& runs);
  // Changes the backfill that goes on.
  Status SetBackfill(const std::string& dag_id, const BackfillRecord& backfill);
  Status CancelBackfill(const std::string& dag_id, Time now);
  Status SetPool(const std::string& name, int slots);
  Status DeletePool(const std::string& name);
  Status SyncFile(const ParsedFile& file, bool paused_at_creation, Time now);
  Status RemoveFile(const std::string& path);
  // Writes a row as a person with a database shell would; inserts it where it does not exist.
  Status WriteRun(const RunRecord& run);
  Status WriteTask(const TaskRecord& task);
  Status DeleteTask(const RunKey& run, const std::string& task_id, int map_index);

  // The rows as they are, the open transaction's changes included.
  struct StoredRun {
    RunRecord record;
    std::map<std::pair<std::string, int>, TaskRecord> tasks;  // by task id and map index
  };
  using RunsOfDag = std::map<std::string, StoredRun>;  // by run id
  const std::map<std::string, StoredDag>& dags() const { return dags_; }
  const std::map<std::string, RunsOfDag>& runs() const { return runs_; }
  const std::map<std::string, StoredPool>& pools() const { return pools_; }
  const StoredRun* FindRun(const RunKey& run) const;
  const TaskRecord* FindTask(const RunKey& run, const std::string& task_id,
                             int map_index = -1) const;
  const std::vector<StoredNotice>& notices() const { return notices_; }
  const std::map<std::string, std::string>& import_errors() const { return import_errors_; }
  int64_t task_fails() const { return task_fails_; }
  // How an attempt has ended; null where its end is not recorded.
  const TaskState* FindAttempt(const RunKey& run, const std::string& task_id, int map_index,
                               AttemptId attempt) const;
  int64_t feed_position() const { return position_; }

  // The change log, for a feed that keeps a position of its own: entry i has sequence i + 1.
  int64_t log_size() const { return static_cast<int64_t>(log_.size()); }
  bool IsByHand(int64_t sequence) const { return log_[Place(sequence)].by_hand; }
  // The row as it is now of which the entry tells; of that sequence.
  Change ChangeAt(int64_t sequence) const { return CurrentRow(sequence, log_[Place(sequence)]); }
  // Where an attempt runs or ran whose task instance went to running; "" where none did.
  std::string HostOf(AttemptId attempt) const;

 private:
  friend class MemoryTransaction;
  // Which row a log entry is about; `task_id` and `name` where it is one of a task or pool.
  struct LogEntry {
    enum class Table : uint8_t { kDag, kRun, kTask, kPool } table = Table::kDag;
    RunKey run;
    std::string task_id;  // the pool's name, for pools
    int map_index = -1;
    bool by_hand = false;  // made by others than the control loop
    auto Key() const { return std::tie(table, run.dag_id, run.run_id, task_id, map_index); }
  };
  struct XComOrder {
    bool operator()(const XComKey& a, const XComKey& b) const {
      return std::tie(a.run.dag_id, a.run.run_id, a.task_id, a.map_index, a.key) <
             std::tie(b.run.dag_id, b.run.run_id, b.task_id, b.map_index, b.key);
    }
  };

  // Every change of a row goes through one of these, which log it as the database's triggers do.
  void PutDag(StoredDag row);
  void PutRun(RunRecord row);
  void PutTask(TaskRecord row);
  void PutPool(StoredPool row);
  void PutXCom(const XComKey& key, std::optional<std::string> value);
  void PutImportError(const std::string& path, std::optional<std::string> text);
  void EraseDag(const std::string& dag_id);
  void EraseRun(const RunKey& key);
  void EraseTask(const TaskRecord& row);
  void ErasePool(const std::string& name);
  void Log(LogEntry::Table table, const RunKey& run, const std::string& task_id, int map_index);
  void LogTask(const TaskRecord& row) {
    Log(LogEntry::Table::kTask, row.run, row.task_id, row.map_index);
  }
  // Writes the row as it is after the edit.
  void Write(const Edit<StoredDag>& edit);
  void Write(const Edit<RunRecord>& edit);
  void Write(const Edit<TaskRecord>& edit);
  void Write(const Edit<StoredPool>& edit);
  void Write(const XComEdit& edit);
  void Write(const FileEdit& edit);
  void Write(const SlaEdit& edit);
  void Write(const AttemptEdit& edit);
  // Writes the edit and notes it for a roll-back and for the observer.
  void Make(RowEdit edit);

  static size_t Place(int64_t sequence) { return static_cast<size_t>(sequence - 1); }
  void Open(bool by_hand);
  void Commit();
  void RollBack();
  // Runs `edit` as a transaction by others; it is taken back where it fails.
  template <typename Action>
  auto ByHand(const Action& action) -> decltype(action()) {
    std::optional<OpenTransaction> other = std::exchange(open_, std::nullopt);
    Open(/*by_hand=*/true);
    auto result = action();
    if (result.ok() && other && Collide(open_->edits, other->edits)) {
      result = Unavailable("the DAG is locked by the control process");
    }
    if (result.ok()) {
      Commit();
    } else {
      RollBack();
    }
    open_ = std::move(other);
    return result;
  }

  bool Apply(const beeflow::CreateRun& create);
  bool Apply(const ChangeRun& change);
  bool Apply(const CreateTasks& create);
  bool Apply(const ExpandTask& expand);
  bool Apply(const ChangeTask& change);
  bool Apply(const SetNextRun& next);
  bool Apply(const CompleteBackfill& done);
  bool Apply(const Notice& notice);
  bool Apply(const MissSla& missed);
  bool Apply(const NoteSlaTold& told);
  bool Apply(const RecordAttempt& ended);
  void ApplyXComs(const ChangeTask& change);
  // "" or why the file may not have the DAG.
  std::string SyncDag(const ParsedFile& file, const ParsedDag& parsed, bool paused, Time now);
  Status DoSyncFile(const ParsedFile& file, bool paused_at_creation, Time now);
  Status DoRemoveFile(const std::string& path);
  void ClearTask(TaskRecord row);
  void TakeRunAlong(RunRecord existing, const RunRecord& run, const BackfillOrder& order);
  std::vector<TaskRecord> Selected(const TaskSelection& selection) const;
  // Those that StaysSkipped lets go.
  std::vector<TaskRecord> WithoutKeptSkips(std::vector<TaskRecord> chosen) const;
  std::vector<Change> Take(size_t max);
  Change CurrentRow(int64_t sequence, const LogEntry& entry) const;
  DagSnapshot SnapshotOf(const StoredDag& dag) const;
  static RunSnapshot SnapshotOf(const StoredRun& run);
  std::optional<int64_t> MapLength(const RunKey& run, const std::string& task_id,
                                   bool mapped) const;
  StoredRun* MutableRun(const RunKey& run);

  std::map<std::string, StoredDag> dags_;
  std::map<std::string, RunsOfDag> runs_;
  std::map<std::string, std::map<Time, std::string>> dates_;  // of each DAG: date to run id
  std::map<std::string, StoredPool> pools_;
  std::map<XComKey, std::string, XComOrder> xcoms_;
  std::map<std::string, std::string> import_errors_;
  using SlaKey = std::tuple<std::string, std::string, std::string>;  // DAG, run, task
  std::map<SlaKey, bool> sla_misses_;                                // whether it was told of
  using AttemptKey = std::tuple<std::string, int, AttemptId>;        // task, map index
  std::map<std::pair<std::string, std::string>, std::map<AttemptKey, TaskState>>
      attempts_;                            // of each DAG and run
  std::map<AttemptId, std::string> hosts_;  // of attempts that went to running
  std::vector<StoredNotice> notices_;
  int64_t task_fails_ = 0;
  int64_t last_run_id_ = 0;
  std::vector<LogEntry> log_;  // entry i has sequence i + 1
  int64_t position_ = 0;

  // What an open transaction has done, and what was before.
  struct OpenTransaction {
    bool by_hand = false;
    std::vector<RowEdit> edits;
    size_t log_before = 0;
    size_t notices_before = 0;
    int64_t task_fails_before = 0;
    int64_t position_before = 0;
  };
  // Whether they change the same DAG or what belongs to it, or both a pool.
  static bool Collide(const std::vector<RowEdit>& a, const std::vector<RowEdit>& b);

  MemoryTransaction* transaction_ = nullptr;
  std::optional<OpenTransaction> open_;
  CommitObserver* observer_ = nullptr;
};

}  // namespace beeflow
