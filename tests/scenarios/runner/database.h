// A metadata database that a scenario runs on: the Store of the control loop, and the edits that
// other people make in it. The same scenarios run on every kind.
#pragma once

#include <memory>
#include <string>

#include "ports/catalog.h"
#include "ports/store.h"

namespace beeflow::scenario {

class Database {
 public:
  virtual ~Database() = default;

  virtual Store* store() = 0;
  // As when the control process starts anew: whatever the store keeps in memory is made again.
  virtual Status Reopen() = 0;

  virtual Status SetPaused(const std::string& dag_id, bool paused) = 0;
  virtual Status CreateRun(const RunRecord& run) = 0;
  virtual Status DeleteDag(const std::string& dag_id) = 0;
  virtual Status DeleteRun(const RunKey& run) = 0;
  virtual Status Clear(const TaskSelection& selection) = 0;
  virtual Status SetTaskState(const TaskSelection& selection, TaskState state, Time now) = 0;
  virtual Status SetRunState(const RunKey& run, RunState state, Time now) = 0;
  virtual Status SetPool(const std::string& name, int slots) = 0;
  virtual Status DeletePool(const std::string& name) = 0;
  virtual Status StartBackfill(const BackfillOrder& order, Time now) = 0;
  // Of the one that the DAG has.
  virtual Status PauseBackfill(const std::string& dag_id, bool paused, Time now) = 0;
  virtual Status CancelBackfill(const std::string& dag_id, Time now) = 0;

  // Edits by hand, with a database shell. The rows exist.
  virtual Status WriteTask(const TaskRecord& task) = 0;
  virtual Status WriteRun(const RunRecord& run) = 0;
  virtual Status WriteBackfill(const std::string& dag_id, const BackfillRecord& backfill) = 0;
  virtual Status DeleteTask(const TaskRecord& task) = 0;
};

std::unique_ptr<Database> NewMemoryDatabase();
// In a temporary folder, which goes with it.
Result<std::unique_ptr<Database>> NewSqliteDatabase();
// On a server in a temporary folder, which goes with the program.
std::unique_ptr<Database> NewPostgresDatabase();

}  // namespace beeflow::scenario
