// Whether the document says what the server does: each operation that can be asked is asked.
#include "api/openapi.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <functional>
#include <set>

#include "api/api.h"
#include "api/api_options_for_test.h"
#include "http/http_server.h"
#include "store/sql/sql_change_history.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

class FixedClock : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-03-04T05:06:07"); }
};

// Tells where a value is not as its schema has it; "" where it is.
class Check {
 public:
  std::string Value(const Json& value, const Json& schema, const std::string& where) {
    if (schema.contains("$ref")) return Value(value, Named(schema["$ref"]), where);
    if (value.is_null() && schema.value("nullable", false)) return "";
    if (schema.contains("oneOf")) return OneOf(value, schema["oneOf"], where);
    if (schema.contains("allOf")) return Value(value, schema["allOf"][0], where);
    const std::string type = schema.value("type", "");
    const bool fits =
        type.empty() || (type == "string" && value.is_string()) ||
        (type == "integer" && value.is_number_integer()) ||
        (type == "number" && value.is_number()) || (type == "boolean" && value.is_boolean()) ||
        (type == "array" && value.is_array()) || (type == "object" && value.is_object());
    if (!fits) return where + " is " + value.dump() + ", which is no " + type + "\n";
    const Json choices = schema.value("enum", Json::array({value}));
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
      return where + " is " + value.dump() + ", which is none of " + choices.dump() + "\n";
    }
    if (type == "array") return Items(value, schema["items"], where);
    return type == "object" ? Object(value, schema, where) : "";
  }

 private:
  static const Json& Named(const std::string& reference) {
    static const Json kSchemas = OpenApiSchemas();
    return kSchemas.at(reference.substr(reference.rfind('/') + 1));
  }
  std::string OneOf(const Json& value, const Json& schemas, const std::string& where) {
    std::string all;
    for (const Json& schema : schemas) {
      const std::string wrong = Value(value, schema, where);
      if (wrong.empty()) return "";
      all += wrong;
    }
    return all;
  }
  std::string Items(const Json& list, const Json& schema, const std::string& where) {
    std::string wrong;
    for (const Json& item : list) wrong += Value(item, schema, where + "[]");
    return wrong;
  }
  std::string Object(const Json& object, const Json& schema, const std::string& where) {
    std::string wrong;
    const Json& known = schema.value("properties", Json::object());
    for (const auto& [name, value] : object.items()) {
      if (known.contains(name)) {
        wrong += Value(value, known[name], where + "." + name);
      } else if (!schema.contains("additionalProperties")) {
        wrong += where + "." + name + " is not in the schema\n";
      } else if (schema["additionalProperties"].is_object()) {
        wrong += Value(value, schema["additionalProperties"], where + "." + name);
      }
    }
    for (const Json& name : schema.value("required", Json::array())) {
      if (!object.contains(name)) wrong += where + " lacks " + name.get<std::string>() + "\n";
    }
    return wrong;
  }
};

class OpenApiTest : public testing::Test {
 protected:
  void SetUp() override {
    database_.AddRun("r", "2021-01-01", RunState::kSuccess, TaskState::kSuccess);
    database_.AddRun("second", "2021-01-02", RunState::kRunning, TaskState::kRunning);
    database_.Edit(
        "INSERT INTO backfill (dag_id, from_date, to_date, created_at, updated_at) VALUES"
        " ('etl', '2021-01-01 00:00:00.000000', '2021-01-02 00:00:00.000000',"
        " '2021-01-03 00:00:00.000000', '2021-01-03 00:00:00.000000')");
    ApiOptions options = OptionsFor(database_);
    options.clock = &clock_;
    options.authenticator = &door_;
    options.events = &hub_;
    options.config = *Config::Load({{"BEEFLOW_HOME", database_.home()}});
    EXPECT_TRUE(options.config.Override("webserver", "expose_config", "True", "test").ok());
    HttpRouter router;
    operations_ = AddApiRoutes(options, &router);
    server_ = std::make_unique<HttpServer>(std::move(router));
    client_ = std::make_unique<httplib::Client>("127.0.0.1", *server_->Start({}));
    client_->set_url_encode(false);
  }
  void TearDown() override { hub_.Close(); }

  // The path of what the seeded database has; "" where it has no such thing.
  static std::string Filled(std::string path) {
    const std::map<std::string, std::string> values = {{"dag_id", "etl"},
                                                       {"run_id", "r"},
                                                       {"dag_run_id", "r"},
                                                       {"task_id", "load"},
                                                       {"pool_name", "default_pool"},
                                                       {"import_error_id", "1"},
                                                       {"backfill_id", "1"}};
    for (size_t at = path.find('{'); at != std::string::npos; at = path.find('{')) {
      const size_t end = path.find('}', at);
      const auto value = values.find(path.substr(at + 1, end - at - 1));
      if (value == values.end()) return "";
      path.replace(at, end - at + 1, value->second);
    }
    return path;
  }
  static std::string RequiredQuery(const Operation& operation) {
    if (operation.id == "list_backfills") return "?dag_id=etl";
    return operation.id == "get_dag_stats" ? "?dag_ids=etl" : "";
  }
  // What the seeded database, or a server without users, has none of.
  static bool IsMissingHere(const Operation& operation) {
    return operation.path.ends_with("/datasets/queuedEvent") ||
           operation.path.ends_with("/listMapped") || operation.path.ends_with("/tokens");
  }
  static std::string Example(const Parameter& parameter) {
    switch (parameter.type) {
      case ParameterType::kInteger:
      case ParameterType::kNumber:
        return "1";
      case ParameterType::kBoolean:
        return "true";
      case ParameterType::kTime:
        return "2021-01-01T00:00:00Z";
      case ParameterType::kText:
        break;
    }
    return "x";
  }

  SeededDatabase database_;
  FixedClock clock_;
  OpenDoor door_{"api"};
  EventHub hub_{[this]() -> Result<std::unique_ptr<ChangeHistory>> {
    BEEFLOW_ASSIGN_OR_RETURN(auto history, sqlite::OpenAs<SqlChangeHistory>(
                                               database_.path(), sqlite::OpenMode::kExisting));
    return std::unique_ptr<ChangeHistory>(std::move(history));
  }};
  std::vector<Operation> operations_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(OpenApiTest, EverySchemaThatIsNamedExists) {
  const Json schemas = OpenApiSchemas();
  for (const Operation& operation : operations_) {
    for (const std::string& name : {operation.body, operation.answer}) {
      EXPECT_TRUE(name.empty() || schemas.contains(name)) << name << " of " << operation.id;
    }
  }
  std::function<void(const Json&)> visit = [&](const Json& json) {
    if (json.is_object() && json.contains("$ref")) {
      const std::string reference = json["$ref"];
      EXPECT_TRUE(schemas.contains(reference.substr(reference.rfind('/') + 1))) << reference;
    }
    if (!json.is_structured()) return;
    for (const Json& part : json) visit(part);
  };
  visit(schemas);
}

TEST_F(OpenApiTest, EachThingThatCanBeReadIsAsItsSchemaSays) {
  int asked = 0;
  for (const Operation& operation : operations_) {
    const std::string path = Filled(operation.path);
    if (operation.method != "GET" || operation.answer.empty() || path.empty()) continue;
    const auto result = client_->Get(path + RequiredQuery(operation));
    ASSERT_TRUE(result) << path;
    if (IsMissingHere(operation)) continue;
    EXPECT_EQ(result->status, operation.status) << path << ": " << result->body;
    const Json schema = {{"$ref", "#/" + operation.answer}};
    EXPECT_EQ(Check().Value(Json::parse(result->body), schema, operation.answer), "") << path;
    ++asked;
  }
  EXPECT_GE(asked, 15);
}

// "x" is no value of some; the point is that the handler knows the parameter.
TEST_F(OpenApiTest, EachParameterIsKnownToItsHandler) {
  for (const Operation& operation : operations_) {
    const std::string path = Filled(operation.path);
    if (operation.method != "GET" || operation.answer.empty() || path.empty()) continue;
    for (const Parameter& parameter : operation.query) {
      const auto result = client_->Get(path + "?" + parameter.name + "=" + Example(parameter));
      ASSERT_TRUE(result) << path;
      EXPECT_EQ(result->body.find("not known here"), std::string::npos)
          << path << ": " << result->body;
      EXPECT_LT(result->status, 500) << path << ": " << result->body;
    }
  }
}

TEST_F(OpenApiTest, TheDocumentHasAllOperations) {
  const Json document = Json::parse(client_->Get("/openapi.json")->body);
  EXPECT_EQ(Json::parse(client_->Get("/api/v1/openapi.json")->body), document);
  EXPECT_EQ(document["openapi"], "3.0.3");
  std::set<std::string> ids;
  size_t count = 0;
  for (const Json& path : document["paths"]) {
    for (const Json& operation : path) {
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << operation["operationId"];
      ++count;
    }
  }
  EXPECT_EQ(count, operations_.size());
  const Json& get = document["paths"]["/api/v1/dags/{dag_id}"]["get"];
  EXPECT_EQ(get["operationId"], "get_dag");
  EXPECT_EQ(get["parameters"][0]["in"], "path");
  EXPECT_EQ(get["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/DAG");
}

TEST_F(OpenApiTest, MetricsHaveTheFormatOfPrometheus) {
  const auto answer = client_->Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  const std::string& text = answer->body;
  for (const char* line :
       {"# TYPE airflow_scheduler_heartbeat counter\nairflow_scheduler_heartbeat 0\n",
        "airflow_pool_open_slots{pool_name=\"default_pool\"} 125\n",
        "airflow_dagrun_duration_success{dag_id=\"etl\"} 10\n",
        "airflow_dag_processing_import_errors 1\n", "beeflow_worker_up 0\n",
        "beeflow_environments{kind=\"python\",state=\"idle\"} 0\n",
        "beeflow_active_runs{state=\"running\"} 1\n",
        "beeflow_http_request_duration_seconds_bucket{le=\"+Inf\"}"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

}  // namespace
}  // namespace beeflow
