// datasets: list, one, their events
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_filters.h"
#include "api/list_reader.h"

namespace beeflow {
namespace {

Json OrNull(const std::optional<std::string>& text) {
  return text && !text->empty() ? Json(*text) : Json(nullptr);
}

// An object; what else stands there was written by hand.
Json ExtraToJson(const std::string& extra) {
  const auto json = ParseJson(extra);
  return json.ok() && json->is_object() ? *json : Json::object();
}

Json ReferenceToJson(const DatasetReference& reference) {
  Json json = {{"dag_id", reference.dag_id},
               {"created_at", FormatIso(reference.created_at)},
               {"updated_at", FormatIso(reference.updated_at)}};
  if (!reference.task_id.empty()) json["task_id"] = reference.task_id;
  return json;
}

// Those of DAGs that the caller may read.
Json ReferencesToJson(const std::vector<DatasetReference>& references, const Identity& who) {
  Json list = Json::array();
  for (const DatasetReference& reference : references) {
    if (who.CanOnDag(Action::kRead, reference.dag_id)) list.push_back(ReferenceToJson(reference));
  }
  return list;
}

Json DatasetToJson(const DatasetInfo& dataset, const Identity& who) {
  return {{"id", dataset.id},
          {"uri", dataset.uri},
          {"extra", ExtraToJson(dataset.extra)},
          {"created_at", FormatIso(dataset.created_at)},
          {"updated_at", FormatIso(dataset.updated_at)},
          {"consuming_dags", ReferencesToJson(dataset.consuming_dags, who)},
          {"producing_tasks", ReferencesToJson(dataset.producing_tasks, who)}};
}

Json CreatedRunToJson(const RunRecord& run) {
  const auto start = run.interval ? std::optional(run.interval->start) : std::nullopt;
  const auto end = run.interval ? std::optional(run.interval->end) : std::nullopt;
  return {{"run_id", run.key.run_id},
          {"dag_id", run.key.dag_id},
          {"logical_date", FormatIso(run.logical_date)},
          {"start_date", ToJson(run.start_date)},
          {"end_date", ToJson(run.end_date)},
          {"data_interval_start", ToJson(start)},
          {"data_interval_end", ToJson(end)},
          {"state", ToString(run.state)}};
}

Json EventToJson(const RecordedDatasetEvent& event) {
  Json runs = Json::array();
  for (const RunRecord& run : event.created_runs) runs.push_back(CreatedRunToJson(run));
  return {{"id", event.id},
          {"dataset_id", event.dataset_id},
          {"dataset_uri", event.uri},
          {"extra", ExtraToJson(event.extra)},
          {"source_dag_id", OrNull(event.source_dag_id)},
          {"source_task_id", OrNull(event.source_task_id)},
          {"source_run_id", OrNull(event.source_run_id)},
          {"source_map_index", event.source_map_index},
          {"created_dagruns", runs},
          {"timestamp", FormatIso(event.timestamp)}};
}

Result<Json> ListDatasets(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Inventory * inventory, call.inventory());
  QueryReader query(call.request());
  DatasetFilter filter;
  filter.uri_part = query.Text("uri_pattern");
  filter.dag_ids = query.Texts("dag_ids");
  BEEFLOW_ASSIGN_OR_RETURN(filter.range, ReadListRange(&query, {{"id", "id"},
                                                                {"uri", "uri"},
                                                                {"created_at", "created_at"},
                                                                {"updated_at", "updated_at"}}));
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(const auto datasets, inventory->Datasets(filter));
  Json list = Json::array();
  for (const DatasetInfo& dataset : datasets.entries) {
    list.push_back(DatasetToJson(dataset, call.who()));
  }
  return Collection("datasets", list, datasets.total);
}

Result<Json> GetDataset(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Inventory * inventory, call.inventory());
  BEEFLOW_ASSIGN_OR_RETURN(const DatasetInfo dataset, inventory->Dataset(call.Field("uri")));
  return DatasetToJson(dataset, call.who());
}

Result<Json> ListEvents(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Inventory * inventory, call.inventory());
  QueryReader query(call.request());
  DatasetEventFilter filter;
  if (query.Text("dataset_id")) filter.dataset_id = query.Integer("dataset_id", 0, 0, INT64_MAX);
  filter.source_dag_id = query.Text("source_dag_id");
  filter.source_task_id = query.Text("source_task_id");
  filter.source_run_id = query.Text("source_run_id");
  if (query.Text("source_map_index")) {
    filter.source_map_index = query.Integer("source_map_index", -1, -1, INT32_MAX);
  }
  BEEFLOW_ASSIGN_OR_RETURN(filter.range,
                           ReadListRange(&query, {{"timestamp", "timestamp"},
                                                  {"source_dag_id", "source_dag_id"},
                                                  {"source_task_id", "source_task_id"},
                                                  {"source_run_id", "source_run_id"},
                                                  {"source_map_index", "source_map_index"}}));
  if (filter.range.order_by.empty()) filter.range.order_by = "timestamp";
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(auto events, inventory->DatasetEvents(filter));
  Json list = Json::array();
  for (RecordedDatasetEvent& event : events.entries) {
    HideOtherDags(call.who(), &event);
    list.push_back(EventToJson(event));
  }
  return Collection("dataset_events", list, events.total);
}

Result<Json> CreateEvent(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Inventory * inventory, call.inventory());
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(call.request(), {"dataset_uri", "extra"}));
  JsonReader in(body, "the body");
  const std::string uri = in.String("dataset_uri");
  if (uri.empty()) in.Fail("dataset_uri is missing");
  Json extra = in.Raw("extra");
  if (extra.is_null()) extra = Json::object();
  if (!extra.is_object()) in.Fail("extra must be an object");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  extra["from_rest_api"] = true;
  RecordedDatasetEvent event;
  AuditNote note{"dataset.create"};
  note.extra = DumpJson({{"dataset_uri", uri}});
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso(note, [&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(event, inventory->AddDatasetEvent(uri, DumpJson(extra), call.Now()));
    return Ok();
  }));
  return EventToJson(event);
}

}  // namespace

void AddDatasetRoutes(ApiRoutes* routes) {
  const std::string datasets = "/api/v1/datasets";
  const std::vector<Permission> read = {{Action::kRead, resource::kDataset}};
  const std::vector<Permission> create = {{Action::kCreate, resource::kDataset}};
  routes->AddJson(
      {"GET", datasets, "get_datasets", "List datasets", read,
       WithOrder({{"uri_pattern", ParameterType::kText, "A part of the URI; % is any text."},
                  {"dag_ids", ParameterType::kText, "Only those that these DAGs use.", true}}),
       "", "DatasetCollection"},
      ListDatasets);
  // Before the next but one, whose URI may be any text.
  routes->AddJson(
      {"GET", datasets + "/events", "get_dataset_events", "List events of datasets", read,
       WithOrder({{"dataset_id", ParameterType::kInteger, "Only of this dataset."},
                  {"source_dag_id", ParameterType::kText, "Only by this DAG."},
                  {"source_task_id", ParameterType::kText, "Only by this task."},
                  {"source_run_id", ParameterType::kText, "Only by this run."},
                  {"source_map_index", ParameterType::kInteger, "Only by this map index."}}),
       "", "DatasetEventCollection"},
      ListEvents);
  routes->AddJson({"POST",
                   datasets + "/events",
                   "create_dataset_event",
                   "Tell the DAGs that wait for a dataset that it was updated",
                   create,
                   {},
                   "CreateDatasetEvent",
                   "DatasetEvent"},
                  CreateEvent);
  routes->AddJson({"GET", datasets + "/{uri}", "get_dataset", "A dataset", read, {}, "", "Dataset"},
                  GetDataset);
}

}  // namespace beeflow
