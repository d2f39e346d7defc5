// Answers a request of a running task, also where the author's code must be asked before.
#pragma once

#include <functional>
#include <string>

#include "control/answer.h"
#include "ports/dag_code.h"

namespace beeflow {

// `respond` is called once: at once, or when `dag_code` has answered. The store of `context` and
// `dag_code` outlive that.
void AnswerTask(const RequestContext& context, DagCode* dag_code, const std::string& method,
                const Json& params, const std::function<void(const Result<Json>&)>& respond);

}  // namespace beeflow
