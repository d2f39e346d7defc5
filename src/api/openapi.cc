#include "api/openapi.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "api/openapi_schemas.h"

namespace beeflow {
namespace {

Json SchemaOf(ParameterType type) {
  switch (type) {
    case ParameterType::kInteger:
      return {{"type", "integer"}};
    case ParameterType::kNumber:
      return {{"type", "number"}};
    case ParameterType::kBoolean:
      return {{"type", "boolean"}};
    case ParameterType::kTime:
      return {{"type", "string"}, {"format", "date-time"}};
    case ParameterType::kText:
      break;
  }
  return {{"type", "string"}};
}

Json Reference(const std::string& schema) { return {{"$ref", "#/components/schemas/" + schema}}; }

Json PathParameters(const std::string& path) {
  Json list = Json::array();
  for (size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
    const size_t end = path.find('}', at);
    list.push_back({{"name", path.substr(at + 1, end - at - 1)},
                    {"in", "path"},
                    {"required", true},
                    {"schema", {{"type", "string"}}}});
  }
  return list;
}

Json Parameters(const Operation& operation) {
  Json list = PathParameters(operation.path);
  for (const Parameter& parameter : operation.query) {
    Json schema = SchemaOf(parameter.type);
    if (parameter.repeated) schema = {{"type", "array"}, {"items", std::move(schema)}};
    list.push_back({{"name", parameter.name},
                    {"in", "query"},
                    {"description", parameter.description},
                    {"schema", std::move(schema)}});
  }
  return list;
}

Json Content(const std::string& type, const Json& schema) {
  return {{"content", {{type, {{"schema", schema}}}}}};
}

Json Responses(const Operation& operation) {
  Json success = {{"description", "Success."}};
  if (!operation.answer.empty()) {
    success.update(Content(operation.answer_type, Reference(operation.answer)));
  } else if (operation.answer_type != "application/json") {
    success.update(Content(operation.answer_type, {{"type", "string"}}));
  }
  Json problem = {{"description", "What went wrong."}};
  problem.update(Content("application/problem+json", Reference("Error")));
  return {{std::to_string(operation.status), std::move(success)}, {"default", std::move(problem)}};
}

// Several paths may be one operation of Airflow's; a document names each once.
std::string UniqueId(const std::string& id, std::vector<std::string>* taken) {
  std::string unique = id;
  for (int i = 2; std::find(taken->begin(), taken->end(), unique) != taken->end(); ++i) {
    unique = id + "_" + std::to_string(i);
  }
  taken->push_back(unique);
  return unique;
}

Json OperationJson(const Operation& operation, std::string id) {
  Json json = {{"operationId", std::move(id)},
               {"summary", operation.summary},
               {"parameters", Parameters(operation)},
               {"responses", Responses(operation)}};
  if (!operation.body.empty()) {
    json["requestBody"] = Content("application/json", Reference(operation.body));
  }
  if (operation.is_open) json["security"] = Json::array();
  std::string rights;
  for (const Permission& permission : operation.permissions) {
    rights += (rights.empty() ? "Needs " : ", ") + std::string(ToString(permission.action)) +
              " on " + permission.resource;
  }
  if (!rights.empty()) json["description"] = rights + ".";
  return json;
}

}  // namespace

Json OpenApiSchemas() { return Json::parse(kOpenApiSchemas); }

Json OpenApiDocument(const std::vector<Operation>& operations, const std::string& version) {
  Json paths = Json::object();
  std::vector<std::string> ids;
  for (const Operation& operation : operations) {
    std::string method = operation.method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    paths[operation.path][method] = OperationJson(operation, UniqueId(operation.id, &ids));
  }
  const Json schemes = {
      {"Basic", {{"type", "http"}, {"scheme", "basic"}}},
      {"Token", {{"type", "http"}, {"scheme", "bearer"}}},
      {"Session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "beeflow_session"}}}};
  return {{"openapi", "3.0.3"},
          {"info", {{"title", "Beeflow"}, {"version", version}}},
          {"paths", std::move(paths)},
          {"components", {{"schemas", OpenApiSchemas()}, {"securitySchemes", schemes}}},
          {"security",
           {{{"Basic", Json::array()}}, {{"Token", Json::array()}}, {{"Session", Json::array()}}}}};
}

}  // namespace beeflow
