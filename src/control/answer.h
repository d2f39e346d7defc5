// Requests of running attempts: XComs, Variables (docs/formats/environment-protocol.md).
#pragma once

#include <string>

#include "base/json.h"
#include "ports/store.h"

namespace beeflow {

// Errors are for the task's author. Not to be called within a transaction of the store.
Result<Json> AnswerRequest(Store* store, const std::string& method, const Json& params);

}  // namespace beeflow
