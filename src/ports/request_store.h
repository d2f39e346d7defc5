// The metadata database as running tasks see it, through control/answer.h: what their requests need
// beyond the Catalog.
//
// It stands beside Transaction, not in it. A request is answered between two turns of the loop, on
// the loop's thread, so the turn's transaction is never open; and the answer must not leave before
// what it tells is durable, since the task relies on it, so there is nothing for a write to wait
// for and share. Each write is a transaction of its own on a connection of its own, as an edit by
// the CLI is, and reaches the scheduler in the same way: through the change log. Reads take no
// lock.
//
// Threads: one. Errors as those of the Catalog.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ports/catalog.h"
#include "ports/secret_store.h"
#include "scheduler/records.h"

namespace beeflow {

struct XComAddress {
  std::string dag_id, run_id, task_id;
  int map_index = -1;
  std::string key;
};

// Runs of one DAG. What is absent does not narrow the choice; an empty list chooses nothing.
struct RunChoice {
  std::string dag_id;
  std::optional<std::vector<Time>> logical_dates;
  std::optional<std::vector<std::string>> run_ids;
  std::optional<std::vector<RunState>> states;
};

struct TaskAtRun {
  TaskRecord task;
  Time logical_date{};
};

struct DatasetEventInfo {
  std::string uri;
  std::string extra = "{}";  // JSON text
  Time timestamp{};
  std::optional<std::string> source_dag_id, source_task_id, source_run_id;
  int source_map_index = -1;
};

class RequestStore {
 public:
  virtual ~RequestStore() = default;

  // Live as long as the store.
  virtual Catalog& catalog() = 0;
  virtual SecretStore& secrets() = 0;

  // Values are JSON text. Where `key.key` is "": what was stored last, under any key.
  virtual Result<std::optional<std::string>> XCom(const XComAddress& key) = 0;
  // Of all instances of the task, by map index; `key.map_index` is ignored. Where `key.key` is "",
  // of all keys, in the order in which they were stored.
  virtual Result<std::vector<std::pair<int, std::string>>> XComsOfTask(const XComAddress& key) = 0;
  // Of the latest run up to `until` (absent: of any) that has one; `key.run_id` is ignored.
  virtual Result<std::optional<std::string>> PriorXCom(const XComAddress& key,
                                                       std::optional<Time> until) = 0;
  // kNotFound where there is no such run.
  virtual Status SetXCom(const XComAddress& key, const std::string& value, Time now) = 0;
  // All of the task instance where `key.key` is "".
  virtual Status ClearXComs(const XComAddress& key) = 0;

  virtual Result<std::optional<RunRecord>> RunAt(const std::string& dag_id, Time logical_date) = 0;
  // The latest before that date, in that state if given.
  virtual Result<std::optional<RunRecord>> RunBefore(const std::string& dag_id, Time logical_date,
                                                     std::optional<RunState> state) = 0;
  virtual Result<int64_t> CountRuns(const RunChoice& runs) = 0;
  // Task instances of these runs, all or those of `task_ids`, by logical date, task and map index.
  virtual Result<std::vector<TaskAtRun>> TasksOf(
      const RunChoice& runs, const std::optional<std::vector<std::string>>& task_ids) = 0;

  // Oldest first.
  virtual Result<std::vector<DatasetEventInfo>> DatasetEvents(const std::string& uri) = 0;
  // Those that were written by way of a dataset alias.
  virtual Result<std::vector<DatasetEventInfo>> AliasEvents(const std::string& alias) = 0;
  // Those that led to the run.
  virtual Result<std::vector<DatasetEventInfo>> TriggeringEvents(const RunKey& run) = 0;
};

}  // namespace beeflow
