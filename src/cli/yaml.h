// YAML as JSON values: what the safe loader of Airflow's YAML library makes of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace beeflow {

// Objects keep the order of their keys, since people rely on it.
using OrderedJson = nlohmann::ordered_json;

// The first document; null where there is none. Dates stay text. kInvalid names the line.
Result<OrderedJson> ParseYaml(const std::string& text);
std::string FormatYaml(const OrderedJson& value);

}  // namespace beeflow
