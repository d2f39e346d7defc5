// The OpenAPI 3.0 document, made from the operations that the router knows.
#pragma once

#include <string>
#include <vector>

#include "api/operation.h"
#include "base/json.h"

namespace beeflow {

// The schemas that operations name: data/openapi_schemas.json.
Json OpenApiSchemas();

Json OpenApiDocument(const std::vector<Operation>& operations, const std::string& version);

}  // namespace beeflow
