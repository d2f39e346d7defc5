// What the API lists beyond the Catalog: datasets with their events, the audit log with filters and
// paging, and DAGs that something is wrong with.
//
// Threads: an Inventory belongs to one thread; several may be open on the same database at once.
// Every call is one transaction of its own. Errors: kNotFound names what is missing, kConflict what
// exists already, kInvalid what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ports/catalog.h"
#include "scheduler/records.h"

namespace beeflow {

// A part of a list, in an order. Entries that are equal in it come in the order of their ids.
struct ListRange {
  std::string order_by{};  // a column of that list, whose names are given there; "": id
  bool descending = false;
  int64_t limit = 100;
  int64_t offset = 0;
};

template <typename T>
struct ListPart {
  std::vector<T> entries;
  int64_t total = 0;  // that match, in all parts
};

// A DAG that waits for a dataset, or a task that updates it.
struct DatasetReference {
  std::string dag_id;
  std::string task_id;  // "": the DAG
  Time created_at{};
  Time updated_at{};
};

struct DatasetInfo {
  int64_t id = 0;
  std::string uri;
  std::string extra;  // JSON text, or ""
  Time created_at{};
  Time updated_at{};
  std::vector<DatasetReference> consuming_dags;
  std::vector<DatasetReference> producing_tasks;
};

struct DatasetFilter {
  std::optional<std::string> uri_part{};  // % is any text, _ any character
  std::vector<std::string> dag_ids{};     // of a consumer or a producer; empty: any
  ListRange range{};                      // by id, uri, created_at or updated_at
};

struct RecordedDatasetEvent {
  int64_t id = 0;
  int64_t dataset_id = 0;
  std::string uri;
  std::string extra;  // JSON text, or ""
  Time timestamp{};
  std::optional<std::string> source_dag_id, source_task_id, source_run_id;
  int source_map_index = -1;
  std::vector<RunRecord> created_runs;
};

struct DatasetEventFilter {
  std::optional<int64_t> dataset_id{};
  std::optional<std::string> source_dag_id{}, source_task_id{}, source_run_id{};
  std::optional<int64_t> source_map_index{};
  ListRange range{};  // by id, timestamp, or one of the above
};

// That a dataset was updated, for a DAG which still waits for others.
struct QueuedDatasetEvent {
  std::string dag_id;
  std::string uri;
  Time created_at{};
};

struct QueuedEventFilter {
  std::optional<std::string> dag_id{};
  std::optional<std::string> uri{};
  std::optional<Time> before{};
};

struct AuditLine {
  AuditEntry entry;
  std::optional<int64_t> map_index;
};

struct AuditFilter {
  std::optional<std::string> dag_id{}, task_id{}, run_id{}, event{}, owner{};
  std::optional<int64_t> map_index{};
  std::optional<Time> before{}, after{};       // both exclusive
  std::vector<std::string> included_events{};  // empty: any
  std::vector<std::string> excluded_events{};
  std::optional<std::vector<std::string>> readable_dags{};  // nothing but lines of these
  ListRange range{};  // by id, dttm, dag_id, task_id, run_id, event, owner or extra
};

// A pool that tasks of the DAG name and that does not exist: they wait until it does.
struct MissingPool {
  std::string dag_id;
  std::string pool;
  Time since{};  // the DAG's version
};

class Inventory {
 public:
  virtual ~Inventory() = default;

  virtual Result<ListPart<DatasetInfo>> Datasets(const DatasetFilter& filter) = 0;
  virtual Result<DatasetInfo> Dataset(const std::string& uri) = 0;
  virtual Result<ListPart<RecordedDatasetEvent>> DatasetEvents(
      const DatasetEventFilter& filter) = 0;
  // Records an event of no task and tells the DAGs that wait for the dataset, as an event of a task
  // does. kNotFound where there is no such dataset.
  virtual Result<RecordedDatasetEvent> AddDatasetEvent(const std::string& uri,
                                                       const std::string& extra, Time when) = 0;
  // By DAG and URI.
  virtual Result<std::vector<QueuedDatasetEvent>> QueuedEvents(const QueuedEventFilter& filter) = 0;
  // Those of these DAGs, in one transaction; returns how many there were.
  virtual Result<int64_t> DeleteQueuedEvents(const std::vector<QueuedDatasetEvent>& events) = 0;

  virtual Result<ListPart<AuditLine>> AuditLog(const AuditFilter& filter) = 0;
  virtual Result<AuditLine> AuditLogEntry(int64_t id) = 0;

  // By DAG and pool, of active DAGs.
  virtual Result<std::vector<MissingPool>> MissingPools() = 0;

  // What it held is the new one's; tasks that name the old one wait for a pool of its name.
  // kConflict where there is one of the new name.
  virtual Status RenamePool(const std::string& from, const std::string& to) = 0;
};

}  // namespace beeflow
