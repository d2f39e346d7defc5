#include "api/source_access.h"

namespace beeflow {

std::optional<HttpResponse> RefuseSource(ApiCall& call, const std::string& dag_id, Action action) {
  const auto catalog = call.catalog();
  if (!catalog.ok()) return ErrorResponse(catalog.error());
  const auto dag = (*catalog)->Dag(dag_id);
  if (!dag.ok()) return std::nullopt;
  const auto all = (*catalog)->Dags(false);
  if (!all.ok()) return ErrorResponse(all.error());
  for (const DagInfo& other : *all) {
    if (other.record.file != dag->record.file) continue;
    if (call.who().CanOnDag(action, other.record.dag_id)) continue;
    return ProblemResponse(
        403, "Forbidden",
        call.who().username + " lacks " + std::string(ToString(action)) + " on a DAG of that file");
  }
  return std::nullopt;
}

}  // namespace beeflow
