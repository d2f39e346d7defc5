// What the web UI asks, over a real server and database.
#include <gtest/gtest.h>
#include <httplib.h>

#include "api/api.h"
#include "api/api_options_for_test.h"
#include "http/http_server.h"

namespace beeflow {
namespace {

class FixedClock : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-03-04T05:06:07"); }
};

// Gives everyone the rights of the moment.
class ChangingDoor : public Authenticator {
 public:
  std::variant<Identity, HttpResponse> Identify(const HttpRequest&) override { return identity; }
  Identity identity = std::get<Identity>(OpenDoor("local").Identify({}));
};

class UiApiTest : public testing::Test {
 protected:
  void SetUp() override {
    run_ = database_.AddRun("manual__a/b", "2021-01-01", RunState::kSuccess, TaskState::kSuccess);
    database_.AddRun("second", "2021-01-02", RunState::kRunning, TaskState::kRunning);
    ApiOptions options = OptionsFor(database_);
    options.clock = &clock_;
    options.authenticator = &door_;
    options.describe_worker = [this] { return worker_; };
    HttpRouter router;
    AddApiRoutes(options, &router);
    server_ = std::make_unique<HttpServer>(std::move(router));
    const auto port = server_->Start({});
    ASSERT_TRUE(port.ok()) << port.error().message;
    client_ = std::make_unique<httplib::Client>("127.0.0.1", *port);
    client_->set_url_encode(false);
  }

  Json Get(const std::string& path, int status = 200) {
    const auto result = client_->Get("/api/v1/ui" + path);
    if (!result) {
      ADD_FAILURE() << "no answer: " << httplib::to_string(result.error());
      return {};
    }
    EXPECT_EQ(result->status, status) << result->body;
    return Json::parse(result->body);
  }

  Json worker_;  // what it says of itself
  SeededDatabase database_;
  RunKey run_;
  FixedClock clock_;
  ChangingDoor door_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(UiApiTest, DagsWithTheirNewestRuns) {
  const Json dags = Get("/dags")["dags"];
  ASSERT_EQ(dags.size(), 2U);
  const Json& etl = dags[0];
  EXPECT_EQ(etl["dag_id"], "etl");
  EXPECT_EQ(etl["schedule"], "@daily");
  EXPECT_EQ(etl["tags"], Json({"prod"}));
  ASSERT_EQ(etl["runs"].size(), 2U);
  EXPECT_EQ(etl["runs"][0]["run_id"], "manual__a/b");
  EXPECT_EQ(etl["runs"][1]["state"], "running");
  EXPECT_EQ(etl["run_states"], Json({{"running", 1}}));
  EXPECT_EQ(etl["task_states"], Json({{"running", 3}}));
  EXPECT_EQ(etl["can_trigger"], true);
  EXPECT_EQ(dags[1]["is_paused"], true);
}

TEST_F(UiApiTest, OnlyWhatTheCallerMaySee) {
  door_.identity = {"eve", {}, true};
  Get("/dags", 403);
  door_.identity.permissions = {{Action::kRead, resource::kDagRun},
                                {Action::kRead, resource::kTaskInstance},
                                {Action::kRead, resource::kWebsite}};
  door_.identity.dags = {{"hourly", {Action::kRead}}};
  const Json dags = Get("/dags")["dags"];
  ASSERT_EQ(dags.size(), 1U);
  EXPECT_EQ(dags[0]["dag_id"], "hourly");
  EXPECT_EQ(dags[0]["can_edit"], false);
  EXPECT_EQ(dags[0]["can_trigger"], false);
  Get("/dags/etl/grid", 403);
  EXPECT_EQ(Get("/search?q=etl")["results"], Json::array());
  EXPECT_EQ(Get("/search?q=default_pool")["results"], Json::array());
  EXPECT_EQ(Get("/search?q=hour")["results"].size(), 1U);
  Get("/environments", 403);
}

TEST_F(UiApiTest, StructureHasTasksWithTheirDefaults) {
  const Json dag = Get("/dags/etl/structure");
  EXPECT_EQ(dag["description"], "Nightly load");
  EXPECT_EQ(dag["timezone"], "UTC");
  EXPECT_EQ(dag["start_date"], "2021-01-01T00:00:00+00:00");
  EXPECT_EQ(dag["params"], Json::object());
  ASSERT_EQ(dag["tasks"].size(), 3U);
  const Json& extract = dag["tasks"][0];
  EXPECT_EQ(extract["downstream"], Json({"transform"}));
  EXPECT_EQ(extract["trigger_rule"], "all_success");
  EXPECT_EQ(extract["pool"], "default_pool");
  EXPECT_EQ(extract["group"], nullptr);
  Get("/dags/nope/structure", 404);
}

TEST_F(UiApiTest, StructureOfGroupsParamsAndMappedTasks) {
  database_.AddFile("grouped.py", R"({"dags": [{
    "dag_id": "grouped", "doc_md": "# About", "params": {"size": 3},
    "params_schema": {"size": {"type": "integer", "description": "How much"}, "must": {}},
    "task_groups": [{"group_id": "g", "label": "g", "map": [{"literal": 2}]},
                    {"group_id": "g.in", "label": "in", "parent": "g"}],
    "tasks": [{"task_id": "g.in.x", "group": "g.in", "outlets": [{"uri": "s3://b"}]},
              {"task_id": "y", "map": [{"literal": 3}], "ui_color": "#abc"}]}]})");
  const Json dag = Get("/dags/grouped/structure");
  EXPECT_EQ(dag["doc_md"], "# About");
  EXPECT_EQ(dag["params"]["size"], Json::parse(R"({"value": 3, "description": "How much",
                                                   "schema": {"type": "integer"}})"));
  EXPECT_EQ(dag["params"]["must"]["value"], nullptr);
  EXPECT_EQ(dag["groups"][1]["parent"], "g");
  EXPECT_EQ(dag["groups"][1]["is_mapped"], true);
  EXPECT_EQ(dag["tasks"][0]["label"], "x");
  EXPECT_EQ(dag["tasks"][0]["is_mapped"], true);
  EXPECT_EQ(dag["tasks"][0]["outlets"], Json({"s3://b"}));
  EXPECT_EQ(dag["tasks"][1]["ui_color"], "#abc");
}

TEST_F(UiApiTest, GridNamesStatesByTheirPlace) {
  const Json grid = Get("/dags/etl/grid");
  EXPECT_EQ(grid["runs_max"], 30);
  ASSERT_EQ(grid["runs"].size(), 2U);
  EXPECT_EQ(grid["runs"][0]["run_id"], "manual__a/b");
  EXPECT_EQ(grid["runs"][0]["conf"], Json::object());
  const Json& cells = grid["tasks"]["extract"];
  ASSERT_EQ(cells.size(), 2U);
  EXPECT_EQ(grid["states"][cells[0][0].get<int>()], "success");
  EXPECT_EQ(cells[0][1], 1612137601000);
  EXPECT_EQ(cells[0][2], 1500);
  EXPECT_EQ(cells[0][3], 1);
  EXPECT_EQ(cells[1][2], nullptr);
  EXPECT_EQ(Get("/dags/etl/grid?state=running&runs=5")["runs"].size(), 1U);
  EXPECT_EQ(Get("/dags/etl/grid?before=2021-01-02")["runs"].size(), 1U);
  EXPECT_EQ(Get("/dags/hourly/grid")["tasks"], Json::object());
  Get("/dags/etl/grid?state=odd", 400);
  Get("/dags/etl/grid?runs=0", 400);
  Get("/dags/nope/grid", 404);
}

TEST_F(UiApiTest, TasksOfARunWithTheirAttempts) {
  const Json tasks = Get("/dags/etl/runs/manual__a%2Fb/tasks")["tasks"];
  ASSERT_EQ(tasks.size(), 3U);
  EXPECT_EQ(tasks[0]["task_id"], "extract");
  EXPECT_EQ(tasks[0]["duration"], 1.5);
  EXPECT_EQ(Get("/dags/etl/runs/second/tasks?task_id=load")["tasks"].size(), 1U);
  Get("/dags/etl/runs/nope/tasks", 404);
}

TEST_F(UiApiTest, CalendarHasThePastAndWhatIsPlanned) {
  const Json calendar = Get("/dags/etl/calendar");
  ASSERT_EQ(calendar["days"].size(), 2U);
  EXPECT_EQ(calendar["days"][0], Json({{"date", "2021-01-01"}, {"states", {{"success", 1}}}}));
  EXPECT_EQ(calendar["planned"], Json::array());  // no engine has computed its next run
  database_.SetNextRun("etl", "2021-03-03", "2021-03-04");
  const Json planned = Get("/dags/etl/calendar")["planned"];
  EXPECT_EQ(planned[0], Json({{"date", "2021-03-03"}, {"count", 1}}));
  EXPECT_EQ(planned[1]["date"], "2021-03-04");
  EXPECT_EQ(planned.back()["date"], "2022-12-31");
}

TEST_F(UiApiTest, SourceIsShownAsItIsAndAsItWas) {
  for (const char* version : {"'2021-01-01 00:00:00.000000', 'old'", "'2021-01-02', 'new'"}) {
    database_.Edit("INSERT INTO dag_code (fileloc, last_updated, source_code) SELECT fileloc, " +
                   std::string(version) +
                   " FROM dag WHERE dag_id = 'etl' ON CONFLICT (fileloc) DO UPDATE SET"
                   " last_updated = excluded.last_updated, source_code = excluded.source_code");
  }
  database_.Edit("DELETE FROM dag_code_version WHERE source_code NOT IN ('old', 'new')");
  const Json newest = Get("/dags/etl/source");
  EXPECT_EQ(newest["source"], "new");
  EXPECT_EQ(newest["versions"], Json({"2021-01-02T00:00:00+00:00", "2021-01-01T00:00:00+00:00"}));
  EXPECT_EQ(Get("/dags/etl/source?since=2021-01-01T00:00:00Z")["source"], "old");
  Get("/dags/etl/source?since=2020-12-31T00:00:00Z", 404);
  Get("/dags/nope/source", 404);
  door_.identity = {"eve", {}, true};
  door_.identity.permissions = {{Action::kRead, resource::kDagCode},
                                {Action::kRead, resource::kWebsite}};
  door_.identity.dags = {{"hourly", {Action::kRead}}};
  Get("/dags/etl/source", 403);
}

TEST_F(UiApiTest, OneInstanceOfAMappedTaskIsCleared) {
  database_.Edit(
      "UPDATE task_instance SET map_index = 0 WHERE run_id = 'second'"
      " AND task_id = 'transform'");
  database_.Edit(
      "INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state, try_number)"
      " VALUES ('etl', 'second', 'transform', 1, 'success', 1)");
  database_.Edit("UPDATE task_instance SET state = 'success' WHERE run_id = 'second'");
  const std::string clear = "/api/v1/ui/dags/etl/runs/second/tasks/transform/";
  const auto post = [&](const std::string& index, const Json& body) {
    return client_->Post(clear + index + "/clear", body.dump(), "application/json");
  };
  const auto preview = post("1", {{"include_downstream", true}});
  EXPECT_EQ(Json::parse(preview->body)["task_instances"].size(), 2U);  // and load
  EXPECT_EQ(Json::parse(post("1", Json::object())->body)["task_instances"].size(), 1U);
  EXPECT_EQ(post("7", Json::object())->status, 404);
  EXPECT_EQ(post("x", Json::object())->status, 404);
  EXPECT_EQ(post("1", {{"dry_run", false}, {"include_downstream", true}})->status, 200);
  std::string states;
  const Json answer = Get("/dags/etl/runs/second/tasks");
  for (const Json& task : answer["tasks"]) {
    states += task["task_id"].get<std::string>() + std::to_string(int{task["map_index"]}) + " " +
              (task["state"].is_null() ? "none" : task["state"].get<std::string>()) + "; ";
  }
  EXPECT_EQ(states, "extract-1 success; load-1 none; transform0 success; transform1 none; ");
}

TEST_F(UiApiTest, EnvironmentsWithTheirLimits) {
  const Json environments = Get("/environments");
  EXPECT_EQ(environments["worker"], nullptr);
  EXPECT_EQ(environments["limits"][0]["queue"], "*");
  EXPECT_EQ(environments["limits"][0]["memory_mb"], 512);
  EXPECT_EQ(environments["starts"], Json::array());
}

TEST_F(UiApiTest, EnvironmentsAreWhatTheWorkerSaysButForHiddenDags) {
  worker_ = Json::parse(R"({"worker": {"pid": 7, "started_at": "2021-01-01T00:00:00+00:00"},
      "running": {"direct": 2, "python": 1, "container": 0},
      "environments": [{"id": "h:7/e1", "kind": "python", "file": "/dags/etl.py", "state": "busy",
        "started_at": "2021-01-01T00:00:00+00:00", "attempts": 3, "memory_bytes": 7000000,
        "task": {"dag_id": "etl", "run_id": "second", "task_id": "load", "map_index": -1}}]})");
  Json seen = Get("/environments");
  EXPECT_EQ(seen["worker"]["pid"], 7);
  EXPECT_EQ(seen["running"]["direct"], 2);
  EXPECT_EQ(seen["environments"], worker_["environments"]);
  door_.identity = {"eve", {}, true};
  door_.identity.permissions = {{Action::kRead, resource::kClusterActivity}};
  door_.identity.permissions.insert({Action::kRead, resource::kTaskInstance});
  seen = Get("/environments");
  EXPECT_EQ(seen["environments"][0]["task"], nullptr);
  EXPECT_EQ(seen["environments"][0]["file"], "");
}

TEST_F(UiApiTest, WorkersOnOtherHostsAreTold) {
  worker_ = Json::parse(R"({"worker": null, "environments": [],
      "running": {"direct": 0, "python": 0, "container": 0},
      "workers": [{"name": "w1", "pid": 7, "started_at": "2021-01-01T00:00:00+00:00",
        "queues": ["default"], "max_concurrency": 4, "running": 1}]})");
  const Json seen = Get("/environments");
  EXPECT_EQ(seen["workers"], worker_["workers"]);
  EXPECT_EQ(seen["queues"], Json::array());
}

TEST_F(UiApiTest, TemplateFieldsAreRenderedOnRequest) {
  const Json seen = Get("/dags/etl/runs/second/tasks/load/rendered");
  EXPECT_EQ(seen["fields"][0]["name"], "bash_command");
  EXPECT_EQ(seen["fields"][0]["value"], "load of second");
  Get("/dags/etl/runs/second/tasks/nope/rendered", 404);
}

TEST_F(UiApiTest, NotesAreInGridAndTries) {
  const auto catalog = std::move(*database_.OpenCatalog());
  const RunKey second{"etl", "second"};
  ASSERT_TRUE(catalog->SetRunNote(second, "late", clock_.Now()).ok());
  ASSERT_TRUE(catalog->SetTaskNote(second, "load", -1, "look", clock_.Now()).ok());
  const Json grid = Get("/dags/etl/grid");
  EXPECT_EQ(grid["runs"][0]["note"], nullptr);
  EXPECT_EQ(grid["runs"][1]["note"], "late");
  const Json tries = Get("/dags/etl/runs/second/tasks?task_id=load");
  EXPECT_EQ(tries["tasks"][0]["note"], "look");
}

TEST_F(UiApiTest, SearchTellsWhereToGo) {
  const Json results = Get("/search?q=A%2Fb")["results"];
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0]["kind"], "run");
  EXPECT_EQ(results[0]["title"], "manual__a/b");
  EXPECT_EQ(results[0]["detail"], "etl, success");
  EXPECT_EQ(results[0]["path"], "/dags/etl/runs/manual__a%2Fb");
  EXPECT_EQ(Get("/search?q=extr")["results"][0]["kind"], "task");
  EXPECT_EQ(Get("/search")["results"], Json::array());
  Get("/search?q=" + std::string(300, 'x'), 400);
}

}  // namespace
}  // namespace beeflow
