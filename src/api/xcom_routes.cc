// xcomEntries: list, one
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_filters.h"
#include "api/python_text.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

Json EntryJson(const XComEntry& entry) {
  return {{"key", entry.key},
          {"timestamp", ToJson(entry.timestamp)},
          {"execution_date", FormatIso(entry.logical_date)},
          {"map_index", entry.map_index},
          {"task_id", entry.task_id},
          {"dag_id", entry.run.dag_id},
          {"run_id", entry.run.run_id}};  // ours
}

std::optional<int> OptionalMapIndex(QueryReader* query) {
  if (!query->Text("map_index")) return std::nullopt;
  return static_cast<int>(query->Integer("map_index", -1, -1, INT32_MAX));
}

Result<Json> ListXComs(ApiCall& call) {
  QueryReader query(call.request());
  XComQuery wanted;
  wanted.paging.limit = query.Limit();
  wanted.paging.offset = query.Offset();
  wanted.map_index = OptionalMapIndex(&query);
  wanted.key = query.Text("xcom_key");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  const std::string& dag_id = call.Field("dag_id");
  const std::string& run_id = call.Field("dag_run_id");
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  if (dag_id != "~" && run_id != "~") BEEFLOW_RETURN_IF_ERROR(history->Run({dag_id, run_id}));
  wanted.dag_ids = Intersect(AllOrOne(dag_id), AllowedDags(call.who(), Action::kRead));
  wanted.run_ids = AllOrOne(run_id);
  wanted.task_ids = AllOrOne(call.Field("task_id"));
  BEEFLOW_ASSIGN_OR_RETURN(const auto entries, history->XComs(wanted));
  Json list = Json::array();
  for (const XComEntry& entry : entries.entries) list.push_back(EntryJson(entry));
  return Collection("xcom_entries", list, entries.total);
}

// Values are JSON as they are stored, so there is nothing left that `deserialize` would change.
Result<Json> GetXCom(ApiCall& call) {
  QueryReader query(call.request());
  const int map_index = OptionalMapIndex(&query).value_or(-1);
  query.Boolean("deserialize");
  const bool stringify = query.Boolean("stringify").value_or(true);
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(History * history, call.history());
  BEEFLOW_ASSIGN_OR_RETURN(const XComEntry entry,
                           history->XCom({call.Field("dag_id"), call.Field("dag_run_id")},
                                         call.Field("task_id"), map_index, call.Field("xcom_key")));
  const auto value = ParseJson(entry.value);  // edited by hand, it may be anything
  Json json = EntryJson(entry);
  if (!value.ok()) {
    json["value"] = entry.value;
  } else if (stringify && !value->is_null()) {
    json["value"] = PythonText(*value);
  } else {
    json["value"] = *value;
  }
  return json;
}

}  // namespace

void AddXComRoutes(ApiRoutes* routes) {
  const std::string entries =
      "/api/v1/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries";
  const std::vector<Permission> read = {{Action::kRead, resource::kDag},
                                        {Action::kRead, resource::kDagRun},
                                        {Action::kRead, resource::kTaskInstance},
                                        {Action::kRead, resource::kXCom}};
  const Parameter map_index{"map_index", ParameterType::kInteger,
                            "Of an instance of a mapped task."};
  routes->AddJson(
      {"GET", entries, "get_xcom_entries",
       "List the XComs of a task instance, without their values; ~ stands for all of a kind", read,
       WithPaging({map_index, {"xcom_key", ParameterType::kText, "Only those with this key."}}), "",
       "XComCollection"},
      ListXComs);
  routes->AddJson(
      {"GET",
       entries + "/{xcom_key}",
       "get_xcom_entry",
       "An XCom with its value",
       read,
       {map_index,
        {"deserialize", ParameterType::kBoolean, "Without effect: values are JSON."},
        {"stringify", ParameterType::kBoolean, "As Python's str() writes it; else as JSON."}},
       "",
       "XCom"},
      GetXCom);
}

}  // namespace beeflow
