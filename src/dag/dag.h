// The DAG model: an immutable value made from serialized JSON (docs/formats/serialized-dag.md).
// Tasks are addressed by their index in Dag::tasks; ids are for people and the database.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "dag/dataset_condition.h"

namespace beeflow {

enum class TriggerRule : uint8_t {
  kAllSuccess,
  kAllFailed,
  kAllDone,
  kAllSkipped,
  kOneSuccess,
  kOneFailed,
  kOneDone,
  kNoneFailed,
  kNoneFailedMinOneSuccess,
  kNoneSkipped,
  kAlways,
  kAllDoneSetupSuccess,  // of teardowns
};

// Reads Airflow's name, deprecated aliases ("dummy", "none_failed_or_skipped") included.
std::optional<TriggerRule> ParseTriggerRule(std::string_view name);
std::string_view ToString(TriggerRule rule);

enum class WeightRule : uint8_t { kDownstream, kUpstream, kAbsolute };

// How an attempt is run: see "run.kind" in the format.
enum class RunKind : uint8_t { kEmpty, kBash, kBashTemplate, kPython };

using TaskIndex = uint32_t;

// How many instances a mapped task has, or one factor of it: the "Length" of the format.
struct MapLength {
  enum class Kind : uint8_t { kLiteral, kTask, kZip, kConcat };
  Kind kind = Kind::kLiteral;
  int64_t literal = 0;
  TaskIndex task = 0;            // kTask: whose returned value is mapped over
  bool longest = false;          // kZip: as the longest part, not as the shortest
  std::vector<MapLength> parts;  // kZip, kConcat
};

// Why a task has more than one instance: its own expand(), or that of a task group around it.
struct Mapping {
  std::vector<MapLength> lengths;  // as many instances as the product of these
  std::vector<TaskIndex> sources;  // whose returned values the lengths need
  std::optional<uint32_t> group;   // of tasks in one group, instance i depends on instance i
};

// A dataset that a task updates.
struct Outlet {
  std::string dataset;  // its name, see dataset_condition.h
  std::string extra;    // JSON text; "" where there is none
};

struct Task {
  std::string id;
  std::string operator_name;
  std::string owner;
  std::vector<TaskIndex> upstream;
  std::vector<TaskIndex> downstream;
  TriggerRule trigger_rule = TriggerRule::kAllSuccess;
  int retries = 0;
  Duration retry_delay{};
  bool retry_exponential_backoff = false;
  std::optional<Duration> max_retry_delay;
  std::optional<Duration> execution_timeout;
  std::optional<Duration> sla;  // from the end of the run's data interval
  bool depends_on_past = false;
  bool wait_for_downstream = false;
  bool ignore_first_depends_on_past = true;
  std::optional<Time> start_date;
  std::optional<Time> end_date;
  std::string pool;
  int pool_slots = 1;
  std::string queue;
  int priority_weight = 1;            // as written in the file
  int64_t total_priority_weight = 1;  // by the weight rule, over the whole DAG
  std::optional<int> max_active_tis_per_dag;
  std::optional<int> max_active_tis_per_dagrun;
  bool is_setup = false;
  bool is_teardown = false;
  bool on_failure_fail_dagrun = false;     // of a teardown
  std::vector<TaskIndex> setups;           // what it needs: setups upstream, direct or not
  std::vector<TaskIndex> scope;            // of a setup: who has it among `setups`
  bool decides_run = false;                // a leaf whose state is that of the run
  std::shared_ptr<const Mapping> mapping;  // null: not mapped
  std::vector<TaskIndex> mapped_over_by;   // tasks that have this one among their sources
  std::vector<Outlet> outlets;
  bool do_xcom_push = true;
  RunKind run_kind = RunKind::kPython;
  std::string executor_config;  // JSON text of an object; "" where there is none
  std::string run;              // the plan as JSON text, handed to the executor as it is
};

struct Dag {
  std::string id;
  Json schedule;  // read by Timetable::FromJson
  std::optional<Time> start_date;
  std::optional<Time> end_date;
  bool catchup = true;
  int max_active_runs = 16;             // 0: no limit
  std::optional<int> max_active_tasks;  // absent: the configuration's default
  std::optional<Duration> dagrun_timeout;
  bool fail_fast = false;
  std::optional<bool> is_paused_upon_creation;
  std::optional<DatasetCondition> datasets;  // of the schedule
  Json params;         // null, or name to default value; those that have none are left out
  Json params_schema;  // null, or name to JSON schema
  std::string description;
  std::vector<std::string> tags;
  std::vector<std::string> owners;
  std::vector<Task> tasks;
  std::unordered_map<std::string, TaskIndex> index;  // task id to index
  bool uses_past = false;  // some task has depends_on_past or wait_for_downstream
  bool maps = false;       // some task is mapped
  bool has_success_callback = false;
  bool has_failure_callback = false;
  bool tells_sla_miss = false;  // a callback, or tasks with an e-mail address
  bool checks_sla = false;      // some task has an SLA, and the schedule is by time

  std::optional<TaskIndex> Find(const std::string& task_id) const;
};

// Reads one serialized DAG. Fails, naming DAG and task, on unknown tasks or trigger rules, cycles,
// duplicate ids, and values out of range.
Result<std::shared_ptr<const Dag>> DagFromJson(const Json& json);

// The ids that Airflow accepts for DAGs, tasks and run ids' parts: letters, digits, '-', '_', '.',
// up to 250 characters.
Status CheckId(std::string_view what, std::string_view id);

// The tasks that `roots` reach, the roots included, in the order of their index.
std::vector<TaskIndex> Closure(const Dag& dag, const std::vector<TaskIndex>& roots, bool upstream,
                               bool downstream);

// The setups that the tasks need, and the teardowns of these, as far as `tasks` lacks them: who
// clears a task clears them too.
std::vector<TaskIndex> SetupsAndTeardowns(const Dag& dag, const std::vector<TaskIndex>& tasks);

}  // namespace beeflow
