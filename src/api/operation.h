// What the API can do, as data: each operation with its path, parameters, rights and schemas. The
// server checks requests against it before a handler sees them, and /openapi.json is made from it,
// so the document says what the server does.
#pragma once

#include <string>
#include <vector>

#include "api/identity.h"

namespace beeflow {

enum class ParameterType { kText, kInteger, kNumber, kBoolean, kTime };

struct Parameter {
  std::string name{};
  ParameterType type = ParameterType::kText;
  std::string description{};
  bool repeated = false;  // may stand several times, or hold several values with commas between
};

struct Operation {
  std::string method{};  // GET, POST, PATCH, PUT or DELETE
  std::string path{};    // with its base: "/api/v1/dags/{dag_id}"
  std::string id{};      // Airflow's operationId: "get_dag"
  std::string summary{};
  // All are needed. Of those on "DAGs", where the path names one, the DAG's own access_control is
  // enough; where it names none, the right on any one DAG is, and the handler shows no others.
  std::vector<Permission> permissions{};
  std::vector<Parameter> query{};
  std::string body{};    // a schema of data/openapi_schemas.json; "": takes none
  std::string answer{};  // a schema; "": answers with an empty body, or as answer_type says
  int status = 200;      // of success
  std::string answer_type = "application/json";
  bool is_open = false;  // needs no rights, not even to have signed in
};

// limit and offset, which every list has.
std::vector<Parameter> WithPaging(std::vector<Parameter> query);

}  // namespace beeflow
