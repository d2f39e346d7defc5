#include "control/answer.h"

#include <optional>

namespace beeflow {

Result<Json> AnswerRequest(Store* store, const std::string& method, const Json& params) {
  JsonReader in(params, method);
  std::optional<std::string> value;
  BEEFLOW_ASSIGN_OR_RETURN(const auto transaction, store->Begin());
  if (method == "xcom_get") {
    const RunKey run{in.String("dag_id"), in.String("run_id")};
    const auto map_index = static_cast<int>(in.Integer("map_index", -1, -1, 1'000'000));
    const std::string task_id = in.String("task_id");
    const std::string key = in.String("key", "return_value");
    BEEFLOW_RETURN_IF_ERROR(in.status());
    BEEFLOW_ASSIGN_OR_RETURN(value, transaction->XCom(run, task_id, map_index, key));
  } else if (method == "variable_get") {
    const std::string key = in.String("key");
    BEEFLOW_RETURN_IF_ERROR(in.status());
    BEEFLOW_ASSIGN_OR_RETURN(value, transaction->Variable(key));
    return value ? Json(*value) : Json();  // a Variable is text
  } else {
    return Invalid("unknown request '" + method + "'");
  }
  return value ? ParseJson(*value) : Result<Json>(Json());
}

}  // namespace beeflow
