#include "ports/xcom_limit.h"

namespace beeflow {

Status CheckXComSize(const std::string& key, const std::string& task, size_t bytes,
                     int64_t bytes_max) {
  if (bytes <= static_cast<size_t>(bytes_max)) return Ok();
  return Invalid("XCom '" + key + "' of task " + task + " has " + std::to_string(bytes) +
                 " bytes of JSON, and [core] max_xcom_bytes allows " + std::to_string(bytes_max) +
                 "; store the data in a file or a bucket and hand on its name, or allow more");
}

Status CheckXComSizes(const Json& xcoms, const std::string& task, int64_t bytes_max) {
  for (const auto& [key, value] : xcoms.items()) {
    BEEFLOW_RETURN_IF_ERROR(CheckXComSize(key, task, DumpJson(value).size(), bytes_max));
  }
  return Ok();
}

}  // namespace beeflow
