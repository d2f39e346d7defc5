// Pools, Variables, connections, datasets, the audit log and settings over the API, as its users
// see them: a real server on a free loopback port over a real database.
#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include "api/api.h"
#include "api/api_options_for_test.h"
#include "api/json_answer_for_test.h"
#include "http/http_server.h"
#include "store/sql/sql_inventory.h"
#include "store/sql/sql_secret_store.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

class ThingsClock : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-03-04T05:06:07"); }
};

// Lets in whoever the test says.
class GivenIdentity : public Authenticator {
 public:
  std::variant<Identity, HttpResponse> Identify(const HttpRequest&) override { return who; }
  Identity who;
};

class ObjectsApiTest : public testing::Test {
 protected:
  void SetUp() override {
    door_.who = {"ann", {}, true, true};
    options_ = OptionsFor(database_);
    options_.clock = &clock_;
    options_.authenticator = &door_;
    options_.config = *Config::Load({{"BEEFLOW_HOME", database_.home()}});
    options_.test_connection = [](const StoredConnection& connection) -> Result<ConnectionTest> {
      return ConnectionTest{false, "no way in with " + connection.password.value_or("none")};
    };
    options_.list_providers = []() -> Result<std::vector<ProviderInfo>> {
      return std::vector<ProviderInfo>{{"apache-airflow-providers-http", "HTTP", "4.0"}};
    };
    Start();
  }

  // With what options_ says now.
  void Start() {
    HttpRouter router;
    AddApiRoutes(options_, &router);
    server_ = std::make_unique<HttpServer>(std::move(router));
    const auto port = server_->Start({});
    ASSERT_TRUE(port.ok()) << port.error().message;
    client_ = std::make_unique<httplib::Client>("127.0.0.1", *port);
    client_->set_url_encode(false);
  }
  void Set(const char* section, const char* key, const char* value) {
    ASSERT_TRUE(options_.config.Override(section, key, value, "test").ok());
  }
  void BeUserWho(std::set<Permission> permissions,
                 std::map<std::string, std::set<Action>> dags = {}) {
    door_.who = {"eve", {}, true, false, std::move(permissions), std::move(dags)};
  }

  Json Get(const std::string& path, int status = 200) {
    return ReadAnswer(client_->Get(base_ + path), status);
  }
  Json Post(const std::string& path, const Json& body, int status = 200) {
    return ReadAnswer(client_->Post(base_ + path, body.dump(), "application/json"), status);
  }
  Json Patch(const std::string& path, const Json& body, int status = 200) {
    return ReadAnswer(client_->Patch(base_ + path, body.dump(), "application/json"), status);
  }
  Json Delete(const std::string& path, int status = 204) {
    return ReadAnswer(client_->Delete(base_ + path), status);
  }
  void Edit(const std::string& sql) {
    const auto database =
        std::move(*sqlite::Database::Open(database_.path(), sqlite::OpenMode::kExisting));
    const Status edited = database->ExecuteScript(sql);
    ASSERT_TRUE(edited.ok()) << edited.error().message;
  }
  std::string WholeAuditLog() { return Get("/eventLogs").dump(); }

  SeededDatabase database_;
  ThingsClock clock_;
  GivenIdentity door_;
  ApiOptions options_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<httplib::Client> client_;
  std::string base_ = "/api/v1";
};

TEST_F(ObjectsApiTest, PoolsAreCreatedChangedRenamedAndDeleted) {
  const Json made = Post("/pools", {{"name", "gpu"}, {"slots", 2}, {"include_deferred", true}});
  EXPECT_EQ(made["name"], "gpu");
  EXPECT_EQ(made["open_slots"], 2);
  EXPECT_EQ(made["description"], nullptr);
  EXPECT_EQ(made["include_deferred"], true);
  Post("/pools", {{"name", "gpu"}, {"slots", 3}}, 409);
  Post("/pools", {{"name", "other"}}, 400);
  Post("/pools", {{"name", "other"}, {"slots", "many"}}, 400);
  Post("/pools", {{"name", "other"}, {"slots", -2}}, 400);

  EXPECT_EQ(Patch("/pools/gpu?update_mask=slots", {{"slots", 5}, {"description", "x"}})["slots"],
            5);
  EXPECT_EQ(Get("/pools/gpu")["description"], nullptr);
  Patch("/pools/gpu", {{"slots", 5}}, 400);
  Patch("/pools/gpu?update_mask=open_slots", {{"open_slots", 5}}, 400);
  Patch("/pools/nope", {{"name", "nope"}, {"slots", 1}}, 404);
  // What was read may be sent back.
  Json whole = Get("/pools/gpu");
  whole["name"] = "tpu";
  EXPECT_EQ(Patch("/pools/gpu", whole)["name"], "tpu");
  Get("/pools/gpu", 404);
  Patch("/pools/tpu?update_mask=name", {{"name", "default_pool"}}, 409);
  EXPECT_EQ(Delete("/pools/tpu"), nullptr);
  Delete("/pools/tpu", 404);
  EXPECT_NE(WholeAuditLog().find("post_pool"), std::string::npos);
}

TEST_F(ObjectsApiTest, OfTheDefaultPoolOnlyTheSlotsChange) {
  EXPECT_EQ(Patch("/pools/default_pool?update_mask=slots,include_deferred",
                  {{"slots", 7}, {"include_deferred", true}})["slots"],
            7);
  Patch("/pools/default_pool", {{"name", "mine"}, {"slots", 7}}, 400);
  Patch("/pools/default_pool?update_mask=description", {{"description", "mine"}}, 400);
  EXPECT_EQ(Patch("/pools/default_pool", {{"name", "default_pool"}, {"slots", 9}})["slots"], 9);
  Delete("/pools/default_pool", 400);
}

TEST_F(ObjectsApiTest, PoolsAreOrderedAndPaged) {
  Post("/pools", {{"name", "a"}, {"slots", 9}});
  Post("/pools", {{"name", "b"}, {"slots", 3}});
  EXPECT_EQ(Get("/pools?order_by=slots")["pools"][0]["name"], "b");
  EXPECT_EQ(Get("/pools?order_by=-name")["pools"][0]["name"], "default_pool");
  EXPECT_EQ(Get("/pools?limit=1&offset=1")["pools"][0]["name"], "b");
  EXPECT_EQ(Get("/pools?limit=1")["total_entries"], 3);
  Get("/pools?order_by=colour", 400);
}

TEST_F(ObjectsApiTest, VariablesAreSetChangedAndDeleted) {
  const Json made = Post("/variables", {{"key", "city/x"}, {"value", "Bonn"}});
  EXPECT_EQ(made, Json({{"key", "city/x"}, {"value", "Bonn"}, {"description", nullptr}}));
  EXPECT_EQ(Get("/variables/city%2Fx")["value"], "Bonn");
  EXPECT_EQ(Get("/variables")["variables"][0]["value"], "Bonn");
  EXPECT_EQ(Patch("/variables/city%2Fx?update_mask=description",
                  {{"key", "city/x"}, {"value", "Rome"}, {"description", "where"}}),
            Json({{"key", "city/x"}, {"value", "Bonn"}, {"description", "where"}}));
  Patch("/variables/city%2Fx", {{"value", "Rome"}}, 400);
  Patch("/variables/nope", {{"key", "nope"}, {"value", "Rome"}}, 404);
  Post("/variables", {{"key", "k"}}, 400);
  Post("/variables", {{"key", ""}, {"value", "v"}}, 400);
  EXPECT_EQ(Delete("/variables/city%2Fx"), nullptr);
  Delete("/variables/city%2Fx", 404);
  const std::string log = WholeAuditLog();
  EXPECT_NE(log.find("variable.edit"), std::string::npos);
  EXPECT_EQ(log.find("Bonn"), std::string::npos);
}

TEST_F(ObjectsApiTest, SensitiveVariablesAreForThoseWhoMayEditThem) {
  Post("/variables", {{"key", "API_TOKEN"}, {"value", "t0p"}});
  Post("/variables", {{"key", "city"}, {"value", "Bonn"}});
  EXPECT_EQ(Get("/variables/API_TOKEN")["value"], "t0p");
  BeUserWho({{Action::kRead, resource::kVariable}});
  EXPECT_EQ(Get("/variables/API_TOKEN")["value"], "***");
  const Json list = Get("/variables?order_by=key")["variables"];
  EXPECT_EQ(list[0]["value"], "***");
  EXPECT_EQ(list[1]["value"], "Bonn");
  Patch("/variables/API_TOKEN", {{"key", "API_TOKEN"}, {"value", "x"}}, 403);
  BeUserWho({{Action::kRead, resource::kPool}});
  Get("/variables", 403);
  Get("/variables/city", 403);
}

TEST_F(ObjectsApiTest, WordsOfTheSettingsMakeVariablesSensitiveToo) {
  Post("/variables", {{"key", "badge"}, {"value", "b1"}});
  BeUserWho({{Action::kRead, resource::kVariable}});
  EXPECT_EQ(Get("/variables/badge")["value"], "b1");
  Set("core", "sensitive_var_conn_names", "pin, Badge");
  Start();
  EXPECT_EQ(Get("/variables/badge")["value"], "***");
  Set("core", "hide_sensitive_var_conn_fields", "False");
  Start();
  EXPECT_EQ(Get("/variables/badge")["value"], "b1");
}

TEST_F(ObjectsApiTest, ConnectionsNeverShowTheirPassword) {
  const Json made = Post("/connections", {{"connection_id", "wh"},
                                          {"conn_type", "postgres"},
                                          {"host", "db"},
                                          {"login", "ann"},
                                          {"password", "s3cret"},
                                          {"port", 5432},
                                          {"extra", R"({"api_key": "k1", "depth": {"token": ["k2"]},
                                                        "mode": "fast"})"}});
  EXPECT_EQ(made["connection_id"], "wh");
  EXPECT_EQ(made["port"], 5432);
  EXPECT_EQ(made["schema"], nullptr);
  EXPECT_FALSE(made.contains("password"));
  EXPECT_EQ(Json::parse(made["extra"].get<std::string>()),
            Json::parse(R"({"api_key": "***", "depth": {"token": ["***"]}, "mode": "fast"})"));
  const Json list = Get("/connections");
  EXPECT_EQ(list["total_entries"], 1);
  EXPECT_FALSE(list["connections"][0].contains("extra"));
  // Sent back as it was read, with one change, it keeps what was hidden.
  Json whole = Get("/connections/wh");
  whole["host"] = "db2";
  EXPECT_EQ(Patch("/connections/wh", whole)["host"], "db2");
  const auto stored = *(*(*options_.open_secrets())->Connection("wh"));
  EXPECT_EQ(stored.password, "s3cret");
  EXPECT_EQ(Json::parse(*stored.extra)["depth"]["token"][0], "k2");
  const std::string all = list.dump() + Get("/connections/wh").dump() + WholeAuditLog();
  for (const char* secret : {"s3cret", "k1", "k2"}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
}

TEST_F(ObjectsApiTest, ConnectionsAreChangedByFieldAndDeleted) {
  Post("/connections", {{"connection_id", "wh"}, {"conn_type", "http"}, {"extra", "not json"}});
  EXPECT_EQ(Get("/connections/wh")["extra"], "***");
  Post("/connections", {{"connection_id", "wh"}, {"conn_type", "http"}}, 409);
  Post("/connections", {{"connection_id", "no type"}}, 400);
  Post("/connections", {{"connection_id", "a?b"}, {"conn_type", "http"}}, 400);
  Post("/connections", {{"connection_id", "p"}, {"conn_type", "http"}, {"port", 70000}}, 400);
  Patch("/connections/wh?update_mask=login,port", {{"login", "bob"}, {"port", 1}, {"host", "h"}});
  EXPECT_EQ(Get("/connections/wh")["login"], "bob");
  EXPECT_EQ(Get("/connections/wh")["host"], nullptr);
  EXPECT_EQ(Patch("/connections/wh", {{"port", nullptr}})["port"], nullptr);
  Patch("/connections/wh", {{"connection_id", "other"}}, 400);
  Patch("/connections/wh?update_mask=connection_id", {{"connection_id", "wh"}}, 400);
  Patch("/connections/nope", {{"login", "x"}}, 404);
  EXPECT_EQ(Delete("/connections/wh"), nullptr);
  Delete("/connections/wh", 404);
  BeUserWho({{Action::kRead, resource::kVariable}});
  Get("/connections", 403);
}

TEST_F(ObjectsApiTest, ConnectionsAreTriedOutOnlyWhereThatIsEnabled) {
  const Json body = {{"connection_id", "x"}, {"conn_type", "http"}, {"password", "s3cret"}};
  Post("/connections/test", body, 403);
  Set("core", "test_connection", "Enabled");
  Start();
  EXPECT_EQ(Post("/connections/test", body),
            Json({{"status", false}, {"message", "no way in with ***"}}));
  Post("/connections/test", {{"connection_id", "x"}}, 400);
  EXPECT_EQ(Get("/connections")["total_entries"], 0);
}

TEST_F(ObjectsApiTest, AuditLogIsFilteredAndShowsNobodyOthersDags) {
  Edit(
      "INSERT INTO log (id, dttm, dag_id, event, owner, map_index) VALUES"
      " (101, '2021-01-01 00:00:00.000000', 'etl', 'trigger', 'ann', NULL),"
      " (102, '2021-01-02 00:00:00.000000', 'hourly', 'paused', 'bob', 3),"
      " (103, '2021-01-03 00:00:00.000000', NULL, 'post_pool', 'ann', NULL)");
  const Json all = Get("/eventLogs?order_by=-when&limit=2");
  EXPECT_EQ(all["total_entries"], 3);
  EXPECT_EQ(all["event_logs"][0]["event_log_id"], 103);
  EXPECT_EQ(all["event_logs"][1]["map_index"], 3);
  EXPECT_EQ(all["event_logs"][1]["when"], "2021-01-02T00:00:00+00:00");
  EXPECT_EQ(Get("/eventLogs?owner=ann&dag_id=etl")["total_entries"], 1);
  EXPECT_EQ(Get("/eventLogs?included_events=paused,trigger&excluded_events=paused")["event_logs"][0]
                                                                                   ["event"],
            "trigger");
  EXPECT_EQ(
      Get("/eventLogs?after=2021-01-01T00:00:00Z&before=2021-01-03T00:00:00Z")["event_logs"][0]
                                                                              ["event_log_id"],
      102);
  EXPECT_EQ(Get("/eventLogs/101")["owner"], "ann");
  Get("/eventLogs/9", 404);
  Get("/eventLogs/x", 404);
  Get("/eventLogs?order_by=colour", 400);
  BeUserWho({{Action::kRead, resource::kAuditLog}}, {{"etl", {Action::kRead}}});
  EXPECT_EQ(Get("/eventLogs")["total_entries"], 1);
  Get("/eventLogs/102", 404);
  Get("/eventLogs/103", 404);
}

TEST_F(ObjectsApiTest, ImportErrorsAreShownToThoseWhoMayReadTheFilesDags) {
  Edit("INSERT INTO dag (dag_id, fileloc) VALUES ('old', '" + database_.home() +
       "/dags/broken.py'), ('older', '" + database_.home() + "/dags/broken.py')");
  const std::set<Permission> errors = {{Action::kRead, resource::kImportError}};
  EXPECT_EQ(Get("/importErrors?order_by=-timestamp")["total_entries"], 1);
  const std::string path =
      "/importErrors/" + Get("/importErrors")["import_errors"][0]["import_error_id"].dump();
  BeUserWho(errors, {{"etl", {Action::kRead}}});
  EXPECT_EQ(Get("/importErrors")["total_entries"], 0);
  Get(path, 404);
  BeUserWho(errors, {{"old", {Action::kRead}}});
  EXPECT_EQ(Get(path)["stack_trace"].get<std::string>().find("Traceback"), std::string::npos);
  BeUserWho(errors, {{"old", {Action::kRead}}, {"older", {Action::kRead}}});
  EXPECT_NE(Get(path)["stack_trace"].get<std::string>().find("Traceback"), std::string::npos);
}

TEST_F(ObjectsApiTest, DagsThatNameAMissingPoolAreWarnedOf) {
  EXPECT_EQ(Get("/dagWarnings")["total_entries"], 0);
  Edit(
      "UPDATE serialized_dag SET data = json_set(data, '$.tasks[0].pool', 'gpu')"
      " WHERE dag_id = 'etl'");
  const Json warning = Get("/dagWarnings?dag_id=etl&warning_type=non-existent%20pool");
  ASSERT_EQ(warning["total_entries"], 1);
  EXPECT_EQ(warning["dag_warnings"][0]["message"],
            "Dag 'etl' references non-existent pools: ['gpu']");
  EXPECT_EQ(Get("/dagWarnings?dag_id=hourly")["total_entries"], 0);
  BeUserWho({{Action::kRead, resource::kDagWarning}}, {{"hourly", {Action::kRead}}});
  EXPECT_EQ(Get("/dagWarnings")["total_entries"], 0);
}

class DatasetApiTest : public ObjectsApiTest {
 protected:
  void SetUp() override {
    ObjectsApiTest::SetUp();
    const std::string times = "'2021-01-01 00:00:00.000000', '2021-01-01 00:00:00.000000')";
    Edit("INSERT INTO dataset (id, uri, created_at, updated_at) VALUES (1, 's3://bucket/a', " +
         times + ", (2, 's3://bucket/b', " + times);
    Edit("INSERT INTO dag_schedule_dataset_reference VALUES (1, 'etl', " + times + ", (2, 'etl', " +
         times);
    Edit("INSERT INTO task_outlet_dataset_reference VALUES (1, 'hourly', 'only', " + times);
  }
};

TEST_F(DatasetApiTest, DatasetsHaveTheirConsumersAndProducers) {
  const Json dataset = Get("/datasets/s3%3A%2F%2Fbucket%2Fa");
  EXPECT_EQ(dataset["id"], 1);
  EXPECT_EQ(dataset["extra"], Json::object());
  EXPECT_EQ(dataset["consuming_dags"][0]["dag_id"], "etl");
  EXPECT_EQ(dataset["producing_tasks"][0]["task_id"], "only");
  EXPECT_EQ(dataset["created_at"], "2021-01-01T00:00:00+00:00");
  EXPECT_EQ(Get("/datasets?uri_pattern=bucket&order_by=-uri")["datasets"][0]["id"], 2);
  EXPECT_EQ(Get("/datasets?dag_ids=hourly,none")["total_entries"], 1);
  Get("/datasets/s3%3A%2F%2Fnope", 404);
}

TEST_F(DatasetApiTest, EventsAreCreatedListedAndQueued) {
  const Json event =
      Post("/datasets/events", {{"dataset_uri", "s3://bucket/a"}, {"extra", {{"rows", 3}}}});
  EXPECT_EQ(event["dataset_id"], 1);
  EXPECT_EQ(event["extra"], Json({{"rows", 3}, {"from_rest_api", true}}));
  EXPECT_EQ(event["source_task_id"], nullptr);
  EXPECT_EQ(event["created_dagruns"], Json::array());
  EXPECT_EQ(event["timestamp"], "2021-03-04T05:06:07+00:00");
  EXPECT_EQ(Get("/datasets/events?dataset_id=1")["dataset_events"][0], event);
  EXPECT_EQ(Get("/datasets/events?source_dag_id=x")["total_entries"], 0);
  Post("/datasets/events", {{"dataset_uri", "s3://nope"}}, 404);
  Post("/datasets/events", {{"dataset_uri", "s3://bucket/a"}, {"extra", "text"}}, 400);
  Post("/datasets/events", Json::object(), 400);

  const Json queued = Get("/dags/etl/datasets/queuedEvent");
  EXPECT_EQ(queued["total_entries"], 1);
  EXPECT_EQ(queued["queued_events"][0]["uri"], "s3://bucket/a");
  EXPECT_EQ(queued["datasets"], queued["queued_events"]);
  EXPECT_EQ(Get("/dags/etl/datasets/queuedEvent/s3%3A%2F%2Fbucket%2Fa")["dag_id"], "etl");
  EXPECT_EQ(Get("/datasets/queuedEvent/s3%3A%2F%2Fbucket%2Fa")["total_entries"], 1);
  Get("/datasets/queuedEvent/s3%3A%2F%2Fbucket%2Fb", 404);
  Get("/dags/etl/datasets/queuedEvent?before=2021-01-01T00:00:00Z", 404);
}

TEST_F(DatasetApiTest, QueuedEventsAreForgotten) {
  for (const char* uri : {"s3://bucket/a", "s3://bucket/b"}) {
    Post("/datasets/events", {{"dataset_uri", uri}});
  }
  EXPECT_EQ(Delete("/dags/etl/datasets/queuedEvent/s3%3A%2F%2Fbucket%2Fa"), nullptr);
  Delete("/dags/etl/datasets/queuedEvent/s3%3A%2F%2Fbucket%2Fa", 404);
  EXPECT_EQ(Get("/dags/etl/datasets/queuedEvent")["total_entries"], 1);
  BeUserWho({{Action::kDelete, resource::kDataset}}, {{"hourly", {Action::kRead}}});
  Delete("/datasets/queuedEvent/s3%3A%2F%2Fbucket%2Fb", 404);
  Delete("/dags/etl/datasets/queuedEvent", 403);
  BeUserWho({{Action::kDelete, resource::kDataset}}, {{"etl", {Action::kRead}}});
  EXPECT_EQ(Delete("/datasets/queuedEvent/s3%3A%2F%2Fbucket%2Fb"), nullptr);
}

TEST_F(ObjectsApiTest, SettingsAreShownOnlyWhereTheyAreExposed) {
  Get("/config", 403);
  Get("/config/section/core/option/parallelism", 403);
  Set("webserver", "expose_config", "non-sensitive-only");
  Set("core", "fernet_key", "k3y");
  Start();
  const Json one = Get("/config/section/core/option/parallelism");
  EXPECT_EQ(one["sections"][0]["name"], "core");
  EXPECT_EQ(one["sections"][0]["options"][0]["value"], "1024");
  EXPECT_EQ(Get("/config?section=core")["sections"].size(), 1U);
  Get("/config?section=nope", 404);
  Get("/config/section/core/option/nope", 404);
  const auto text = client_->Get("/api/v1/config", {{"Accept", "text/plain"}});
  EXPECT_EQ(text->get_header_value("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_NE(text->body.find("[core]\n"), std::string::npos);
  EXPECT_NE(text->body.find("fernet_key = < hidden >\n"), std::string::npos);
  EXPECT_EQ(text->body.find("k3y"), std::string::npos);
  EXPECT_EQ(client_->Get("/api/v1/config", {{"Accept", "text/html"}})->status, 406);
  BeUserWho({});
  Get("/config", 403);
}

class V2Test : public DatasetApiTest {
 protected:
  void SetUp() override {
    DatasetApiTest::SetUp();
    base_ = "/api/v2";
  }
};

TEST_F(V2Test, DagsAndRunsHaveAirflow3sNames) {
  Json dag = Get("/dags")["dags"][0];
  EXPECT_EQ(dag, Get("/dags/etl"));
  EXPECT_EQ(dag["timetable_summary"], "@daily");
  EXPECT_EQ(dag["is_stale"], false);
  EXPECT_EQ(dag["tags"][0]["dag_id"], "etl");
  for (const char* gone : {"schedule_interval", "next_dagrun", "is_active", "pickle_id"}) {
    EXPECT_FALSE(dag.contains(gone)) << gone;
  }
  EXPECT_TRUE(dag.contains("next_dagrun_run_after"));
  const Json run =
      Post("/dags/etl/dagRuns", {{"logical_date", "2021-02-03T00:00:00Z"}, {"run_after", nullptr}});
  EXPECT_EQ(run["logical_date"], "2021-02-03T00:00:00+00:00");
  EXPECT_EQ(run["run_after"], run["logical_date"]);
  EXPECT_FALSE(run.contains("execution_date"));
  const std::string id = run["dag_run_id"];
  const Json list =
      Get("/dags/etl/dagRuns?logical_date_gte=2021-02-03T00:00:00Z&order_by=-logical_date");
  EXPECT_EQ(list["total_entries"], 1);
  EXPECT_EQ(list["dag_runs"][0]["dag_run_id"], id);
  EXPECT_EQ(Get("/dags/etl/dagRuns/" + id)["state"], "queued");
  Get("/dags/nope", 404);
}

TEST_F(V2Test, TaskInstancesHaveAirflow3sNames) {
  database_.AddRun("r1", "2021-01-01", RunState::kSuccess, TaskState::kSuccess);
  const Json task = Get("/dags/etl/dagRuns/r1/taskInstances/extract");
  EXPECT_EQ(task["logical_date"], "2021-01-01T00:00:00+00:00");
  EXPECT_EQ(task["operator_name"], "BashOperator");
  EXPECT_FALSE(task.contains("execution_date"));
  Json listed = Get("/dags/etl/dagRuns/r1/taskInstances")["task_instances"][0];
  EXPECT_EQ(listed["rendered_fields"], Json::object());
  listed["rendered_fields"] = task["rendered_fields"];
  EXPECT_EQ(listed, task);
  const Json batch = Post("/dags/~/dagRuns/~/taskInstances/list",
                          {{"logical_date_gte", "2021-01-01T00:00:00Z"}, {"order_by", "task_id"}});
  EXPECT_EQ(batch["task_instances"][0],
            Get("/dags/etl/dagRuns/r1/taskInstances?order_by=task_id")["task_instances"][0]);
  const Json tries = Get("/dags/etl/dagRuns/r1/taskInstances/extract/tries");
  EXPECT_EQ(tries["total_entries"], 1);
  EXPECT_EQ(tries["task_instances"][0]["logical_date"], "2021-01-01T00:00:00+00:00");
}

TEST_F(V2Test, StatesAndNotesAreSetByOneRequest) {
  database_.AddRun("r1", "2021-01-01", RunState::kSuccess, TaskState::kSuccess);
  const std::string run = "/dags/etl/dagRuns/r1";
  const Json marked = Patch(run, {{"state", "failed"}, {"note", "why"}});
  EXPECT_EQ(marked["state"], "failed");
  EXPECT_EQ(marked["note"], "why");
  const std::string task = run + "/taskInstances/extract";
  const Json noted = Patch(task, {{"note", "n"}});
  EXPECT_EQ(noted["note"], "n");
  EXPECT_EQ(noted["state"], "success");
  EXPECT_EQ(Patch(task, {{"new_state", "failed"}})["state"], "failed");
  Patch(task, {{"new_state", "odd"}}, 400);
  Patch(task, Json::object(), 400);
  Patch("/dags/etl/dagRuns/nope", {{"note", "n"}}, 404);
  const Json cleared =
      Post("/dags/etl/clearTaskInstances", {{"dag_run_id", "r1"}, {"dry_run", true}});
  EXPECT_EQ(cleared["task_instances"][0]["logical_date"], "2021-01-01T00:00:00+00:00");
  EXPECT_EQ(Post(run + "/clear", {{"dry_run", true}})["total_entries"], 3);
  EXPECT_EQ(Post(run + "/clear", {{"dry_run", false}})["logical_date"],
            "2021-01-01T00:00:00+00:00");
}

TEST_F(V2Test, XComsComeAsJson) {
  database_.AddRun("r1", "2021-01-01", RunState::kSuccess, TaskState::kSuccess);
  database_.Edit(
      "INSERT INTO xcom (dag_run_id, dag_id, run_id, task_id, key, value) SELECT id, dag_id, "
      "run_id,"
      " 'load', 'k', '{\"a\": [1]}' FROM dag_run WHERE run_id = 'r1'");
  const std::string entries = "/dags/etl/dagRuns/r1/taskInstances/load/xcomEntries";
  EXPECT_EQ(Get(entries)["xcom_entries"][0]["logical_date"], "2021-01-01T00:00:00+00:00");
  EXPECT_EQ(Get(entries + "/k")["value"], Json::parse(R"({"a": [1]})"));
  EXPECT_EQ(Get(entries + "/k?stringify=true")["value"], "{'a': [1]}");
}

TEST_F(V2Test, AssetsAreFoundByTheirId) {
  EXPECT_EQ(Get("/assets?order_by=-name")["assets"][0]["name"], "s3://bucket/b");
  EXPECT_EQ(Get("/assets/1")["uri"], "s3://bucket/a");
  Get("/assets/9", 404);
  const Json event = Post("/assets/events", {{"asset_id", 2}, {"extra", {{"x", 1}}}});
  EXPECT_EQ(event["asset_id"], 2);
  EXPECT_EQ(event["uri"], "s3://bucket/b");
  Post("/assets/events", {{"asset_id", 9}}, 404);
  EXPECT_EQ(Get("/assets/events?asset_id=2")["asset_events"][0], event);
  Get("/assets/9/queuedEvents", 404);
}

TEST_F(V2Test, ThingsAreChangedByFieldAndGuardedAsInVersion1) {
  EXPECT_EQ(Post("/pools", {{"name", "gpu"}, {"slots", 1}}, 201)["slots"], 1);
  EXPECT_EQ(Patch("/pools/gpu", {{"slots", 2}})["slots"], 2);
  EXPECT_EQ(Patch("/pools/gpu", {{"pool", "tpu"}})["name"], "tpu");
  Post("/variables", {{"key", "token"}, {"value", "t"}}, 201);
  EXPECT_EQ(Patch("/variables/token", {{"key", "token"}, {"description", "d"}})["value"], "t");
  Post("/connections", {{"connection_id", "c"}, {"conn_type", "http"}, {"password", "p"}}, 201);
  EXPECT_EQ(Get("/connections/c")["password"], nullptr);
  Get("/config", 403);
  EXPECT_EQ(Get("/monitor/health")["metadatabase"]["status"], "healthy");
  EXPECT_EQ(Get("/version")["version"], "0.1.0");
  EXPECT_EQ(Get("/importErrors")["import_errors"][0]["bundle_name"], "dags-folder");
  EXPECT_GT(Get("/eventLogs?limit=1")["total_entries"], 1);
  BeUserWho({{Action::kRead, resource::kVariable}});
  EXPECT_EQ(Get("/variables/token")["value"], "***");
  Get("/pools", 403);
}

TEST_F(ObjectsApiTest, PluginsAndProvidersHaveAirflowsShape) {
  EXPECT_EQ(Get("/plugins?limit=5"), Json::parse(R"({"plugins": [], "total_entries": 0})"));
  const Json providers = Get("/providers");
  EXPECT_EQ(providers["total_entries"], 1);
  EXPECT_EQ(providers["providers"][0]["package_name"], "apache-airflow-providers-http");
}

}  // namespace
}  // namespace beeflow
