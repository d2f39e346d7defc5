// Queries over runs, task instances and XComs with filters, an order and pages, for people who look
// at what happened. Each answer is one consistent view of the last commit; nothing here writes.
//
// Threads: a History belongs to one thread; several may be open on the same database at once.
// Errors: kNotFound names what is missing, kInvalid a column that cannot be ordered by.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ports/catalog.h"
#include "scheduler/records.h"

namespace beeflow {

// Both ends belong to it; an absent one is open.
template <typename T>
struct ValueRange {
  std::optional<T> from{};
  std::optional<T> to{};
};

// Any of these; absent: all, empty: none.
using Choice = std::optional<std::vector<std::string>>;

// `order_by` is the name of a column as the REST API has it, with "-" before it for the reverse; ""
// is the list's own order. Equal rows always come in the same order.
struct Paging {
  std::string order_by{};
  int64_t limit = 100;
  int64_t offset = 0;
};

template <typename T>
struct Listing {
  std::vector<T> entries;
  int64_t total = 0;  // before limit and offset
};

struct RunQuery {
  Choice dag_ids{};
  std::vector<RunState> states{};  // empty: any
  ValueRange<Time> logical_date{};
  ValueRange<Time> start_date{};
  ValueRange<Time> end_date{};
  ValueRange<Time> updated_at{};
  Paging paging{};  // at first by id
};

struct RunEntry {
  RunRecord record;
  std::optional<std::string> note{};
  std::optional<Time> last_scheduling_decision{};
};

struct TaskQuery {
  Choice dag_ids{};
  Choice run_ids{};
  Choice task_ids{};
  std::optional<int> map_index{};
  bool only_mapped = false;         // those with a map index
  std::vector<TaskState> states{};  // empty: any
  Choice pools{};
  Choice queues{};
  ValueRange<Time> logical_date{};  // of the run
  ValueRange<Time> start_date{};
  ValueRange<Time> end_date{};
  ValueRange<Time> updated_at{};
  ValueRange<double> duration{};  // seconds
  Paging paging{};                // at first by DAG, run, task and map index
};

// What a deferred task instance waits for.
struct TriggerEntry {
  int64_t id = 0;
  std::string classpath;
  std::string kwargs;
  std::optional<Time> created_date{};
};

struct SlaMissEntry {
  bool email_sent = false;
  bool notification_sent = false;
  std::optional<Time> timestamp{};
  std::optional<std::string> description{};
};

struct TaskEntry {
  TaskInfo info;
  Time logical_date{};
  std::optional<std::string> note{};
  std::optional<TriggerEntry> trigger{};
  std::optional<SlaMissEntry> sla_miss{};
};

struct XComQuery {
  Choice dag_ids{};
  Choice run_ids{};
  Choice task_ids{};
  std::optional<int> map_index{};
  std::optional<std::string> key{};
  Paging paging{};  // by logical date, DAG, task, map index and key; there is no other order
};

struct XComEntry {
  RunKey run;
  std::string task_id;
  int map_index = -1;
  std::string key;
  Time logical_date{};
  std::optional<Time> timestamp{};
  std::string value{};  // JSON text; a list leaves it out
};

// An update of a dataset.
struct DatasetEventEntry {
  int64_t id = 0;
  int64_t dataset_id = 0;
  std::string dataset_uri;
  std::string extra;  // JSON text, "" where there is none
  std::optional<std::string> source_dag_id{};
  std::optional<std::string> source_run_id{};
  std::optional<std::string> source_task_id{};
  std::optional<int64_t> source_map_index{};
  Time timestamp{};
  std::vector<RunRecord> created_runs{};
};

class History {
 public:
  virtual ~History() = default;

  virtual Result<Listing<RunEntry>> Runs(const RunQuery& query) = 0;
  virtual Result<RunEntry> Run(const RunKey& run) = 0;
  virtual Result<Listing<TaskEntry>> Tasks(const TaskQuery& query) = 0;
  virtual Result<TaskEntry> Task(const RunKey& run, const std::string& task_id, int map_index) = 0;
  // The attempts of one task instance that have ended, by try.
  virtual Result<std::vector<AttemptInfo>> Attempts(const RunKey& run, const std::string& task_id,
                                                    int map_index) = 0;
  virtual Result<Listing<XComEntry>> XComs(const XComQuery& query) = 0;
  virtual Result<XComEntry> XCom(const RunKey& run, const std::string& task_id, int map_index,
                                 const std::string& key) = 0;
  // The updates of datasets that started the run, the first one first.
  virtual Result<std::vector<DatasetEventEntry>> UpstreamDatasetEvents(const RunKey& run) = 0;
};

}  // namespace beeflow
