// Who may read the file of a DAG.
#pragma once

#include <optional>
#include <string>

#include "api/api_context.h"

namespace beeflow {

// A file is shown to those who may see every DAG in it: the answer to who may not, else absent. An
// unknown DAG is refused to nobody.
std::optional<HttpResponse> RefuseSource(ApiCall& call, const std::string& dag_id, Action action);

}  // namespace beeflow
