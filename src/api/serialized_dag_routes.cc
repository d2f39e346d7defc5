// serialized: a DAG as it is stored, for the CLI on another machine; Airflow has no such thing
#include "api/api_context.h"

namespace beeflow {
namespace {

HttpResponse GetSerializedDag(ApiCall& call) {
  const auto catalog = call.catalog();
  if (!catalog.ok()) return ErrorResponse(catalog.error());
  auto text = (*catalog)->SerializedDag(call.Field("dag_id"));
  if (!text.ok()) return ErrorResponse(text.error());
  return {200, "application/json", std::move(*text)};
}

}  // namespace

void AddSerializedDagRoutes(ApiRoutes* routes) {
  routes->Add({"GET",
               "/api/v1/dags/{dag_id}/serialized",
               "get_serialized_dag",
               "A DAG as it is stored",
               {{Action::kRead, resource::kDag}, {Action::kRead, resource::kDagCode}},
               {},
               "",
               "SerializedDag"},
              GetSerializedDag);
}

}  // namespace beeflow
