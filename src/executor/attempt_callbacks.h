// What executors with workers need of control.
#pragma once

#include <functional>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "ports/executor.h"
#include "worker/attempt_limits.h"

namespace beeflow {

struct AttemptCallbacks {
  std::function<void(NumberedReport)> on_report;
  // Answers a request of a running task (`xcom_get`, ...), at once or later; an answer that comes
  // after the executor's end is dropped.
  using Respond = std::function<void(const Result<Json>& answer)>;
  std::function<void(const std::string& method, const Json& params, Respond respond)> on_request;
  // What an attempt of that queue may use; may be empty: the defaults.
  std::function<AttemptLimits(const std::string& queue)> limits_of;
};

}  // namespace beeflow
