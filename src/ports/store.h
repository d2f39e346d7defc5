// The metadata database as the control loop sees it. The database is the only truth: the loop reads
// a snapshot once, and from then on the changes that were committed by anyone, itself included.
//
// Threads: a Store and its transactions belong to the thread of the control loop.
// Errors: kUnavailable where trying again may help (locked, disk full); after an error the
// transaction is dropped, and the caller starts from a new snapshot.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "ports/parsed_file.h"
#include "scheduler/records.h"
#include "scheduler/transition.h"

namespace beeflow {

struct DagGone {
  std::string dag_id;
};
struct RunGone {
  RunKey run;
};
struct TaskGone {
  RunKey run;
  std::string task_id;
  int map_index = -1;
};
struct PoolGone {
  std::string name;
};

// A change names a row; its record is the row as it is now, in the reading transaction. So a change
// that is delivered twice, or after a later one of the same row, tells the truth all the same.
struct Change {
  int64_t sequence = 0;  // of its entry in the log, in no particular order
  std::variant<DagRecord, DagGone, RunRecord, RunGone, TaskRecord, TaskGone, PoolRecord, PoolGone>
      row;
};

class Transaction {
 public:
  virtual ~Transaction() = default;  // rolls back what is not committed

  // The changes since the feed position: those that others committed and those that this
  // transaction made, in order. Moves the position, which is kept with the commit.
  // Bounded: at most `max` changes; call again until it is empty.
  virtual Result<std::vector<Change>> TakeChanges(size_t max) = 0;

  // Carries out one transition; false where its guard no longer held and nothing was changed.
  virtual Result<bool> Apply(const Transition& transition) = 0;

  // Stores the result of parsing a DAG file: DAGs, serialized versions, tags, code, import error.
  // DAGs of the file that it no longer defines become inactive. DAGs new to the database get
  // `paused_at_creation` unless they say otherwise.
  virtual Status SyncFile(const ParsedFile& file, bool paused_at_creation, Time now) = 0;
  // The file is gone: its DAGs become inactive, its import error goes.
  virtual Status RemoveFile(const std::string& path, Time now) = 0;

  // Reads within the transaction.
  // The DAG is null where no serialized version is known (yet).
  virtual Result<std::optional<DagSnapshot>> LoadDag(const std::string& dag_id) = 0;
  virtual Result<std::optional<RunSnapshot>> LoadRun(const RunKey& run) = 0;
  // The run of the DAG with the latest logical date before `logical_date`; as Airflow's "scheduled
  // only", if asked: of those that were not triggered by hand.
  virtual Result<std::optional<RunSnapshot>> LoadPreviousRun(const std::string& dag_id,
                                                             Time logical_date,
                                                             bool scheduled_only) = 0;
  // How many items a task returned in a run, for the tasks that are mapped over it; of one that is
  // `mapped` itself and has instances, how many of these returned something. Nothing where there is
  // no length.
  virtual Result<std::optional<int64_t>> MapLength(const RunKey& run, const std::string& task_id,
                                                   bool mapped) = 0;
  // JSON text, or absent.
  virtual Result<std::optional<std::string>> XCom(const RunKey& run, const std::string& task_id,
                                                  int map_index, const std::string& key) = 0;

  // Durable on return.
  virtual Status Commit() = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  // All that is active, and the feed position that goes with it: TakeChanges goes on from there.
  virtual Result<Snapshot> LoadActive() = 0;
  // One transaction at a time.
  virtual Result<std::unique_ptr<Transaction>> Begin() = 0;
  // True where TakeChanges would find something. Cheap; for wake-ups that may be spurious.
  virtual Result<bool> HasChanges() = 0;
};

}  // namespace beeflow
