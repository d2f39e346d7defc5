// The largest XCom: [core] max_xcom_bytes. Every value passes through the control process.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {

// `task` is "dag.task". `bytes` are those of the value as JSON.
Status CheckXComSize(const std::string& key, const std::string& task, size_t bytes,
                     int64_t bytes_max);

// The same for all values of an object of keys to values; the first that is too large counts.
Status CheckXComSizes(const Json& xcoms, const std::string& task, int64_t bytes_max);

}  // namespace beeflow
