// JSON Schema, as far as params of DAGs use it: type (one or a list), const, enum, minimum,
// maximum, their exclusive forms, multipleOf, minLength, maxLength, pattern, format (date,
// date-time, time, regex), items, minItems, maxItems, uniqueItems, properties, required,
// additionalProperties, allOf, anyOf, oneOf and not. Other keywords have no effect;
// python/airflow/models/json_schema.py is the same for Python.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace beeflow {

// How `value` breaks the schema ('"a" is not of type integer'), or nothing. A pattern that cannot
// be compiled, or that takes too long to match, is taken to match.
std::optional<std::string> FindMismatch(const Json& value, const Json& schema);

}  // namespace beeflow
