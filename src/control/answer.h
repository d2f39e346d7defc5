// Answers what running tasks ask: XComs, Variables, Connections, runs and tasks of any DAG
// (docs/formats/environment-protocol.md, "Requests").
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"
#include "ports/dag_code.h"
#include "ports/request_store.h"

namespace beeflow {

struct RequestContext {
  RequestStore* store = nullptr;
  Time now{};
  int64_t max_xcom_bytes = 4 << 20;
  std::optional<DataInterval> manual_interval = {};  // the answer to FindQuestion
};

// What the author's code must be asked before the request can be answered: nothing for most.
Result<std::optional<ManualIntervalQuestion>> FindQuestion(const RequestContext& context,
                                                           const std::string& method,
                                                           const Json& params);

// Errors are for the task's author, and hold no secret; those of trigger_dag begin with "exists:"
// or "not found:" where the run exists or the DAG does not. Not to be called within a transaction
// of the Store on the same database: a request that writes would wait for it.
Result<Json> AnswerRequest(const RequestContext& context, const std::string& method,
                           const Json& params);

}  // namespace beeflow
