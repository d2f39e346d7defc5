#include "control/answer.h"

#include <map>
#include <string_view>

#include "control/request_handlers.h"

namespace beeflow {
namespace {

using Handler = Result<Json> (*)(const RequestContext&, JsonReader*);

const std::map<std::string_view, Handler>& Handlers() {
  static const std::map<std::string_view, Handler> kHandlers = {
      {"xcom_get", GetXCom},
      {"xcom_get_all", GetXComsOfTask},
      {"xcom_get_prior", GetPriorXCom},
      {"xcom_set", SetXCom},
      {"xcom_clear", ClearXComs},
      {"variable_get", GetVariable},
      {"variable_set", SetVariable},
      {"variable_delete", DeleteVariable},
      {"connection_get", GetConnection},
      {"trigger_dag", TriggerDag},
      {"run_get", GetRun},
      {"run_previous", GetPreviousRun},
      {"run_count", CountRuns},
      {"task_states", GetTaskStates},
      {"dag_get", GetDag},
      {"dataset_events", GetDatasetEvents},
      {"triggering_events", GetTriggeringEvents},
      {"pool_get", GetPool},
  };
  return kHandlers;
}

}  // namespace

std::string RequiredText(JsonReader* in, const char* key) {
  std::string text = in->String(key);
  if (text.empty()) in->Fail(std::string(key) + " is missing");
  return text;
}

Result<std::optional<ManualIntervalQuestion>> FindQuestion(const RequestContext& context,
                                                           const std::string& method,
                                                           const Json& params) {
  if (method != "trigger_dag") return std::optional<ManualIntervalQuestion>();
  JsonReader in(params, method);
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return FindTriggerQuestion(context, &in);
}

Result<Json> AnswerRequest(const RequestContext& context, const std::string& method,
                           const Json& params) {
  const auto handler = Handlers().find(method);
  if (handler == Handlers().end()) return Invalid("unknown request '" + method + "'");
  JsonReader in(params, method);
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return handler->second(context, &in);
}

}  // namespace beeflow
