// The names of Airflow 3 under /api/v2 for what version 1 of the API does: a request is written
// anew with the older names, answered by the handler of version 1, and what it says gets the newer
// names. Rights, parameters and the audit log are so the same.
#pragma once

#include <vector>

#include "api/operation.h"
#include "http/router.h"

namespace beeflow {

// For those operations of version 1 that are among `operations`, whose routes `router` has by now.
// /openapi.json describes version 1 alone.
void AddV2Routes(const std::vector<Operation>& operations, HttpRouter* router);

}  // namespace beeflow
