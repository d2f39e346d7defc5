// What the worker needs to know of an attempt (docs/formats/environment-protocol.md, "Attempt").
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "scheduler/report.h"
#include "worker/attempt_limits.h"

namespace beeflow {

enum class AttemptKind { kBash, kBashTemplate, kContainer, kContainerTemplate, kPython };

struct AttemptSpec {
  std::string id;
  std::string dag_id, run_id, task_id;
  std::string owner;  // "": not known
  int map_index = -1;
  int try_number = 1;
  int max_tries = 0;
  std::string file, version;
  std::string log;  // below the log folder
  std::string logical_date;
  AttemptKind kind = AttemptKind::kPython;
  std::optional<Duration> execution_timeout;
  std::optional<Time> queued_at;
  std::optional<Time> start_date;  // where it goes on after a deferral or a reschedule
  bool do_xcom_push = true;
  std::string queue;
  AttemptLimits limits;
  std::vector<std::string> foreign_config;  // keys of executor_config that mean nothing here
  Json executor_config;                     // null: none
  std::string refusal;  // why it cannot run, such as a wrong executor_config; "" where it can
};

// An error only where not even its end could be told, or its log written.
Result<AttemptSpec> ReadAttemptSpec(const Json& attempt);

// The plan of a `bash` task: `run` in docs/formats/serialized-dag.md.
struct BashPlan {
  std::string command;
  std::optional<std::map<std::string, std::string>> env;
  bool append_env = false;
  std::string cwd;  // "": a temporary folder
  std::vector<int> skip_exit_codes;
};

Result<BashPlan> ReadBashPlan(const Json& run);

// "NAME=value" of all that the command sees. `inherited` is the worker's own environment.
std::vector<std::string> BashEnvironment(const AttemptSpec& attempt, const BashPlan& plan,
                                         const std::vector<std::string>& inherited);

enum class AttemptState {
  kSuccess,
  kFailed,
  kFailedWithoutRetry,
  kSkipped,
  kDeferred,
  kRescheduled,
  kTriggered,  // the attempt was that of a trigger
};
std::string_view ToString(AttemptState state);

// How an attempt ended.
struct AttemptEnd {
  AttemptState state = AttemptState::kFailed;
  std::string reason;  // one line for people; "" for a plain success
  AttemptUsage usage;
  Json xcoms = Json::object();
  Json skip_tasks = Json::array();
  Json more = Json::object();      // what else control wants to know, passed on as it is
  std::optional<Time> code_began;  // when the task's own code was reached, in an environment
  std::string traceback;           // for the log, where nothing of it is there yet
};

// What the end of the bash process means, by its wait status.
AttemptEnd BashEnd(const BashPlan& plan, int wait_status);

// What the end of a container that ran means, by its wait status.
AttemptEnd ContainerExit(const std::vector<int>& skip_exit_codes, int wait_status);

// The attempt fails with `reason`, and what it had to tell otherwise is of no interest.
void Fail(const std::string& reason, AttemptEnd* end);

// An end with an XCom that is too large becomes a failure.
void RefuseLargeXComs(const AttemptSpec& attempt, int64_t max_xcom_bytes, AttemptEnd* end);

// Reads a `finished` frame of an environment.
AttemptEnd ReadFinished(const Json& frame);

}  // namespace beeflow
