// queuedEvent: what was updated, of the datasets that a DAG waits for, while it waits for others
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

Json QueuedToJson(const QueuedDatasetEvent& event) {
  return {
      {"dag_id", event.dag_id}, {"uri", event.uri}, {"created_at", FormatIso(event.created_at)}};
}

// Those that the path and the query choose, of DAGs that the caller may read. kNotFound, as in
// Airflow, where there are none.
Result<std::vector<QueuedDatasetEvent>> ChosenEvents(ApiCall& call) {
  QueryReader query(call.request());
  QueuedEventFilter filter;
  filter.before = query.OptionalTime("before");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  if (!call.Field("dag_id").empty()) filter.dag_id = call.Field("dag_id");
  if (!call.Field("uri").empty()) filter.uri = call.Field("uri");
  BEEFLOW_ASSIGN_OR_RETURN(Inventory * inventory, call.inventory());
  BEEFLOW_ASSIGN_OR_RETURN(auto events, inventory->QueuedEvents(filter));
  std::erase_if(events, [&](const QueuedDatasetEvent& event) {
    return !call.who().CanOnDag(Action::kRead, event.dag_id);
  });
  if (!events.empty()) return events;
  return NotFound("no event is queued" +
                  (filter.dag_id ? " for DAG '" + *filter.dag_id + "'" : "") +
                  (filter.uri ? " of dataset '" + *filter.uri + "'" : ""));
}

// Airflow answers with queued_events, while its document, which clients are made from, has
// datasets.
Result<Json> ListQueued(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto events, ChosenEvents(call));
  Json list = Json::array();
  for (const QueuedDatasetEvent& event : events) list.push_back(QueuedToJson(event));
  Json answer = Collection("queued_events", list, static_cast<int64_t>(events.size()));
  answer["datasets"] = std::move(list);
  return answer;
}

Result<Json> GetQueued(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto events, ChosenEvents(call));
  return QueuedToJson(events.front());
}

Result<Json> DeleteQueued(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto events, ChosenEvents(call));
  BEEFLOW_ASSIGN_OR_RETURN(Inventory * inventory, call.inventory());
  AuditNote note{"delete_queued_events", call.Field("dag_id")};
  Json list = Json::array();
  for (const QueuedDatasetEvent& event : events) list.push_back(QueuedToJson(event));
  note.extra = DumpJson(list);
  const auto remove = [&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(inventory->DeleteQueuedEvents(events));
    return Ok();
  };
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso(note, remove));
  return Json();
}

}  // namespace

void AddQueuedEventRoutes(ApiRoutes* routes) {
  const std::string of_dag = "/api/v1/dags/{dag_id}/datasets/queuedEvent";
  const std::string of_dataset = "/api/v1/datasets/queuedEvent/{uri}";
  const std::vector<Permission> read = {{Action::kRead, resource::kDataset},
                                        {Action::kRead, resource::kDag}};
  const std::vector<Permission> remove = {{Action::kDelete, resource::kDataset},
                                          {Action::kRead, resource::kDag}};
  const std::vector<Parameter> before = {{"before", ParameterType::kTime, "Only earlier ones."}};
  const auto add_get = [&](const std::string& path, const char* id, const char* summary,
                           const char* answer, ApiRoutes::JsonHandler handler) {
    routes->AddJson({"GET", path, id, summary, read, before, "", answer}, std::move(handler));
  };
  const auto add_delete = [&](const std::string& path, const char* id, const char* summary) {
    routes->AddJson({"DELETE", path, id, summary, remove, before, "", "", 204}, DeleteQueued);
  };
  add_get(of_dag + "/{uri}", "get_dag_dataset_queued_event", "A queued event for a DAG",
          "QueuedEvent", GetQueued);
  add_delete(of_dag + "/{uri}", "delete_dag_dataset_queued_event",
             "Forget a queued event for a DAG");
  add_get(of_dag, "get_dag_dataset_queued_events", "List queued events for a DAG",
          "QueuedEventCollection", ListQueued);
  add_delete(of_dag, "delete_dag_dataset_queued_events", "Forget queued events for a DAG");
  add_get(of_dataset, "get_dataset_queued_events", "List queued events of a dataset",
          "QueuedEventCollection", ListQueued);
  add_delete(of_dataset, "delete_dataset_queued_events", "Forget queued events of a dataset");
}

}  // namespace beeflow
