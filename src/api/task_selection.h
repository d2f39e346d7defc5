// Which task instances clearing and marking concern: tasks with what is up- and downstream of them,
// in one run or in those before and after it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/api_context.h"
#include "base/json.h"
#include "ports/catalog.h"

namespace beeflow {

// How far from a task, and from its run, an action reaches.
struct Reach {
  bool upstream = false;
  bool downstream = false;
  bool past = false;
  bool future = false;
};

// Those tasks and, as far as the reach goes, their relatives. kNotFound for a task that the DAG
// does not have.
Result<std::vector<std::string>> RelatedTasks(const Dag& dag, const std::vector<std::string>& ids,
                                              const Reach& reach);

struct ClearRequest {
  std::string dag_id;
  std::optional<std::string> run_id{};  // one run, as far as the reach goes
  std::optional<Time> from{}, to{};     // otherwise: logical dates
  std::vector<std::string> tasks{};     // empty, and no instances either: all
  // Of mapped tasks only these, by task and map index. The relatives of such a task are whole.
  std::vector<std::pair<std::string, int>> instances{};
  Reach reach{};
  bool only_failed = true;
  bool only_running = false;
  bool requeue_runs = true;
};

// What was, or would be, done: references to task instances, and the runs that they belong to.
struct TouchedTasks {
  Json references = Json::array();
  std::vector<std::pair<RunKey, int64_t>> runs{};  // with the number of their task instances
};

// Clears, or, for a dry run, only tells. `task_id` is what the audit lines name, one for each run.
Result<TouchedTasks> ClearTasks(ApiCall& call, const ClearRequest& request, bool is_dry_run,
                                const std::string& task_id);

struct MarkRequest {
  RunKey run;
  std::string task_id;
  std::optional<int> map_index{};  // only this instance
  Reach reach{};
  TaskState state = TaskState::kSuccess;
  Time now{};
};

// As in Airflow: marks those that are in another state, then clears what had failed downstream of
// the task, so that the run goes on from there.
Result<TouchedTasks> MarkTasks(Catalog* catalog, const MarkRequest& request, bool apply);

}  // namespace beeflow
