// xcom_get, xcom_get_all, xcom_get_prior, xcom_set, xcom_clear
#include "control/request_handlers.h"
#include "ports/xcom_limit.h"

namespace beeflow {
namespace {

constexpr const char* kReturnValue = "return_value";
constexpr int64_t kMapIndexMax = 1'000'000;

// `key` is "" where it is not given, `run_id` too.
XComAddress ReadKey(JsonReader* in) {
  XComAddress key;
  key.dag_id = RequiredText(in, "dag_id");
  key.run_id = in->String("run_id");
  key.task_id = RequiredText(in, "task_id");
  key.map_index = static_cast<int>(in->Integer("map_index", -1, -1, kMapIndexMax));
  key.key = in->String("key");
  return key;
}

XComAddress ReadKeyInRun(JsonReader* in) {
  XComAddress key = ReadKey(in);
  if (key.run_id.empty()) in->Fail("run_id is missing");
  return key;
}

XComAddress WithKey(XComAddress key) {
  if (key.key.empty()) key.key = kReturnValue;
  return key;
}

std::string Name(const XComAddress& key) {
  return "XCom '" + key.key + "' of task " + key.dag_id + "." + key.task_id;
}

Result<Json> ReadValue(const XComAddress& key, const std::optional<std::string>& text) {
  if (!text) return Json();
  auto value = ParseJson(*text);
  if (!value.ok()) return Invalid(Name(key) + " is " + value.error().message);
  return value;
}

}  // namespace

Result<Json> GetXCom(const RequestContext& context, JsonReader* in) {
  const XComAddress key = ReadKeyInRun(in);
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const auto text, context.store->XCom(key));
  return ReadValue(key, text);
}

Result<Json> GetXComsOfTask(const RequestContext& context, JsonReader* in) {
  const XComAddress key = ReadKeyInRun(in);
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const auto values, context.store->XComsOfTask(key));
  Json list = Json::array();
  for (const auto& [map_index, text] : values) {
    BEEFLOW_ASSIGN_OR_RETURN(Json value, ReadValue(key, text));
    list.push_back(Json::array({map_index, std::move(value)}));
  }
  return list;
}

Result<Json> GetPriorXCom(const RequestContext& context, JsonReader* in) {
  const XComAddress key = WithKey(ReadKey(in));
  const std::optional<Time> until = in->OptionalTime("logical_date");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_ASSIGN_OR_RETURN(const auto text, context.store->PriorXCom(key, until));
  return ReadValue(key, text);
}

Result<Json> SetXCom(const RequestContext& context, JsonReader* in) {
  const XComAddress key = WithKey(ReadKeyInRun(in));
  const std::string text = DumpJson(in->Raw("value"));
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_RETURN_IF_ERROR(
      CheckXComSize(key.key, key.dag_id + "." + key.task_id, text.size(), context.max_xcom_bytes));
  BEEFLOW_RETURN_IF_ERROR(context.store->SetXCom(key, text, context.now));
  return Json();
}

Result<Json> ClearXComs(const RequestContext& context, JsonReader* in) {
  const XComAddress key = ReadKey(in);
  if (key.run_id.empty()) in->Fail("run_id is missing");
  BEEFLOW_RETURN_IF_ERROR(in->status());
  BEEFLOW_RETURN_IF_ERROR(context.store->ClearXComs(key));
  return Json();
}

}  // namespace beeflow
