// DAGs: lists in any order, fields, pausing many, deleting, details, tasks, source.
#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"

namespace beeflow {
namespace {

constexpr const char* kRich = R"({"dags": [{
    "dag_id": "rich", "doc_md": "# Rich", "start_date": "2021-01-01T00:00:00+00:00",
    "schedule": {"kind": "datasets", "condition": {"any": [{"uri": "s3://a"}, {"uri": "s3://b"}]}},
    "catchup": false, "dagrun_timeout": 90061.5, "is_paused_upon_creation": true,
    "params": {"n": 5}, "params_schema": {"n": {"type": "integer", "description": "how many"}},
    "tasks": [{"task_id": "b", "operator": "BashOperator", "retries": 2, "retry_delay": 60,
               "weight_rule": "upstream", "ui_color": "#ffefeb", "downstream": ["a"],
               "doc_md": "why"},
              {"task_id": "a", "map": [{"literal": 2}], "execution_timeout": 5}],
    "operators": {"BashOperator": {"module": "airflow.operators.bash",
                                   "template_fields": ["bash_command"], "links": ["Run"]}}}]})";

class DagApiTest : public ApiTest {
 protected:
  std::string Ids(const std::string& query) {
    std::string ids;
    const Json answer = Get("/dags" + query);
    for (const Json& dag : answer["dags"]) {
      ids += (ids.empty() ? "" : " ") + dag["dag_id"].get<std::string>();
    }
    return ids;
  }
};

TEST_F(DagApiTest, ListsComeInTheOrderThatWasAskedFor) {
  database_.AddFile("rich.py", kRich);
  EXPECT_EQ(Ids(""), "etl hourly rich");
  EXPECT_EQ(Ids("?order_by=-dag_id"), "rich hourly etl");
  EXPECT_EQ(Ids("?order_by=-is_paused"), "rich hourly etl");
  EXPECT_EQ(Ids("?order_by=fileloc&limit=2"), "etl hourly");
  const std::string detail = Get("/dags?order_by=colour", 400)["detail"];
  EXPECT_NE(detail.find("order_by: 'colour' must be one of dag_id, "), std::string::npos);
}

TEST_F(DagApiTest, OnlyTheFieldsThatWereAskedFor) {
  EXPECT_EQ(Get("/dags/etl?fields=dag_id&fields=is_paused"),
            Json({{"dag_id", "etl"}, {"is_paused", false}}));
  EXPECT_EQ(Get("/dags?fields=dag_id,owners&limit=1")["dags"],
            Json::parse(R"([{"dag_id": "etl", "owners": ["ann"]}])"));
  EXPECT_EQ(Get("/dags/etl?fields=colour", 400)["detail"],
            "query parameter fields: there is no field 'colour' here");
  EXPECT_EQ(Get("/dags/etl/details?fields=timezone"), Json({{"timezone", "Timezone('UTC')"}}));
}

TEST_F(DagApiTest, ManyArePausedByTheirPattern) {
  const Json answer = Patch("/dags?dag_id_pattern=t", {{"is_paused", true}});
  EXPECT_EQ(answer["total_entries"], 1);
  EXPECT_EQ(answer["dags"][0]["is_paused"], true);
  EXPECT_TRUE(OpenCatalog()->Dag("etl")->record.is_paused);
  EXPECT_EQ(LastAudit().event, "paused");
  EXPECT_EQ(LastAudit().dag_id, "etl");
  Patch("/dags?dag_id_pattern=~&update_mask=is_paused", {{"is_paused", false}});
  EXPECT_FALSE(OpenCatalog()->Dag("hourly")->record.is_paused);
  Patch("/dags", {{"is_paused", true}}, 400);
  Patch("/dags?dag_id_pattern=~&update_mask=owners", {{"is_paused", true}}, 400);
  EXPECT_FALSE(OpenCatalog()->Dag("etl")->record.is_paused);
}

TEST_F(DagApiTest, StatsCountTheRunsOfEachState) {
  const Json stats = Get("/dagStats?dag_ids=hourly,etl,nope");
  EXPECT_EQ(stats["total_entries"], 2);
  EXPECT_EQ(stats["dags"][0], Json::parse(R"({"dag_id": "etl", "stats": [
      {"state": "queued", "count": 0}, {"state": "running", "count": 1},
      {"state": "success", "count": 1}, {"state": "failed", "count": 0}]})"));
  EXPECT_EQ(Get("/dagStats")["dags"][0], stats["dags"][0]);
}

TEST_F(DagApiTest, DeletingWaitsForRunningTasks) {
  const std::string detail = Delete("/dags/etl", 409)["detail"];
  EXPECT_NE(detail.find("is running"), std::string::npos);
  Delete("/dags/hourly");
  Get("/dags/hourly", 404);
  Delete("/dags/hourly", 404);
  EXPECT_EQ(LastAudit().event, "delete_dag");
}

TEST_F(DagApiTest, DetailsHaveWhatTheFileSays) {
  database_.AddFile("rich.py", kRich);
  const Json dag = Get("/dags/rich/details");
  EXPECT_EQ(dag["dag_id"], "rich");
  EXPECT_EQ(dag["doc_md"], "# Rich");
  EXPECT_EQ(dag["catchup"], false);
  EXPECT_EQ(dag["start_date"], "2021-01-01T00:00:00+00:00");
  EXPECT_EQ(dag["end_date"], nullptr);
  EXPECT_EQ(dag["dag_run_timeout"],
            Json::parse(R"({"__type": "TimeDelta", "days": 1, "seconds": 3661,
                            "microseconds": 500000})"));
  EXPECT_EQ(dag["dataset_expression"], Json::parse(R"({"any": ["s3://a", "s3://b"]})"));
  EXPECT_EQ(dag["is_paused_upon_creation"], true);
  EXPECT_EQ(dag["params"]["n"]["value"], 5);
  EXPECT_EQ(dag["params"]["n"]["description"], "how many");
  EXPECT_EQ(dag["params"]["n"]["__class"], "airflow.models.param.Param");
  EXPECT_EQ(Get("/dags/etl/details")["dataset_expression"], nullptr);
  EXPECT_EQ(Get("/dags/etl/details")["params"], Json::object());
  Get("/dags/nope/details", 404);
}

TEST_F(DagApiTest, Version2HasItsOwnShapesOfWhatAFileSays) {
  database_.AddFile("rich.py", kRich);
  const auto get = [this](const std::string& path) {
    return Json::parse(client_->Get("/api/v2/dags/rich" + path)->body);
  };
  EXPECT_EQ(get("/tasks")["tasks"][1]["extra_links"], Json::array({"Run"}));
  EXPECT_EQ(get("/tasks/b")["extra_links"], Json::array({"Run"}));
  const Json details = get("/details");
  EXPECT_EQ(details["dag_run_timeout"], "P1DT1H1M1.500000S");
  EXPECT_EQ(details["asset_expression"], Json::parse(R"({"any": ["s3://a", "s3://b"]})"));
}

TEST_F(DagApiTest, TasksHaveAirflowsShape) {
  database_.AddFile("rich.py", kRich);
  const Json tasks = Get("/dags/rich/tasks");
  EXPECT_EQ(tasks["total_entries"], 2);
  EXPECT_EQ(tasks["tasks"][0]["task_id"], "a");
  EXPECT_EQ(tasks["tasks"][0]["is_mapped"], true);
  EXPECT_EQ(tasks["tasks"][0]["execution_timeout"]["seconds"], 5);
  EXPECT_EQ(Get("/dags/rich/tasks?order_by=-task_id")["tasks"][0]["task_id"], "b");
  Get("/dags/rich/tasks?order_by=colour", 400);
  const Json task = Get("/dags/rich/tasks/b");
  EXPECT_EQ(task["class_ref"], Json::parse(R"({"class_name": "BashOperator",
                                               "module_path": "airflow.operators.bash"})"));
  EXPECT_EQ(task["template_fields"], Json::array({"bash_command"}));
  EXPECT_EQ(task["extra_links"][0]["class_ref"]["class_name"], "Run");
  EXPECT_EQ(Get("/dags/rich/tasks/a")["template_fields"], Json::array());
  EXPECT_EQ(task["retries"], 2.0);
  EXPECT_EQ(task["retry_delay"]["seconds"], 60);
  EXPECT_EQ(task["execution_timeout"], nullptr);
  EXPECT_EQ(task["weight_rule"], "upstream");
  EXPECT_EQ(task["ui_color"], "#ffefeb");
  EXPECT_EQ(task["trigger_rule"], "all_success");
  EXPECT_EQ(task["downstream_task_ids"], Json::array({"a"}));
  EXPECT_EQ(task["start_date"], "2021-01-01T00:00:00+00:00");
  EXPECT_EQ(task["doc_md"], "why");
  EXPECT_FALSE(task.contains("sub_dag"));
  Get("/dags/rich/tasks/z", 404);
  Get("/dags/nope/tasks", 404);
}

TEST_F(DagApiTest, AFileIsImportedAnewForThoseWhoMayEditAllOfIt) {
  database_.AddFile("two.py", R"({"dags": [{"dag_id": "one", "tasks": [{"task_id": "t"}]},
                                           {"dag_id": "two", "tasks": [{"task_id": "t"}]}]})");
  const auto put = [&](const std::string& token) {
    return client_->Put("/api/v1/parseDagFile/" + token)->status;
  };
  EXPECT_EQ(put("two"), 201);
  EXPECT_EQ(reimported_, (std::vector<std::string>{database_.home() + "/dags/two.py"}));
  EXPECT_EQ(LastAudit().event, "reparse_dag_file");
  EXPECT_EQ(put("nope"), 404);
  BeUserWho({}, {{"one", {Action::kEdit}}});
  EXPECT_EQ(put("one"), 403);
  BeUserWho({}, {{"one", {Action::kEdit}}, {"two", {Action::kEdit}}});
  EXPECT_EQ(put("one"), 201);
  EXPECT_EQ(reimported_.size(), 2U);
}

TEST_F(DagApiTest, SourceComesAsTextOrJson) {
  database_.Edit(
      "INSERT OR REPLACE INTO dag_code (fileloc, last_updated, source_code) SELECT fileloc, "
      "'2021-01-01', 'print(1)' FROM dag WHERE dag_id = 'hourly'");
  const std::string token = Get("/dags/hourly")["file_token"];
  const std::string url = "/api/v1/dagSources/" + token;
  const auto text = client_->Get(url, {{"Accept", "text/plain"}});
  EXPECT_EQ(text->body, "print(1)");
  EXPECT_EQ(text->get_header_value("Content-Type"), "text/plain; charset=utf-8");
  const auto json = client_->Get(url, {{"Accept", "application/json"}});
  EXPECT_EQ(Json::parse(json->body)["content"], "print(1)");
  EXPECT_EQ(client_->Get(url, {{"Accept", "*/*"}})->body, "print(1)");
  EXPECT_EQ(client_->Get(url, {{"Accept", "image/png"}})->status, 406);
  const httplib::Headers any = {{"Accept", "application/json"}};
  EXPECT_EQ(client_->Get("/api/v1/dagSources/..%2F..%2Fetc%2Fpasswd", any)->status, 404);
  EXPECT_EQ(client_->Get("/api/v1/dagSources/%2Fetc%2Fpasswd", any)->status, 404);
}

}  // namespace
}  // namespace beeflow
