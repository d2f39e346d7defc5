// The text of data/openapi_schemas.json, which is part of the program.
#pragma once

#include <string_view>

namespace beeflow {

extern const std::string_view kOpenApiSchemas;

}  // namespace beeflow
