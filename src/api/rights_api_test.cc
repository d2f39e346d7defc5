// What somebody sees and may do whose rights are on single DAGs.
#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"

namespace beeflow {
namespace {

// Somebody who may read and edit the DAG "fan", and read "etl" or not.
class RightsApiTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    database_.AddFile("fan.py", R"({"dags": [{"dag_id": "fan", "tasks": [{"task_id": "t"}]},
                                             {"dag_id": "twin", "tasks": [{"task_id": "t"}]}]})");
    database_.Edit(
        "INSERT INTO dag_run (id, dag_id, run_id, execution_date, state) VALUES"
        " (9, 'fan', 'r', '2021-01-03 00:00:00.000000', 'success');"
        "INSERT INTO task_instance (dag_id, run_id, task_id, state) VALUES"
        " ('fan', 'r', 't', 'success');"
        "INSERT INTO xcom (dag_run_id, dag_id, run_id, task_id, key, value) VALUES"
        " (9, 'fan', 'r', 't', 'k', '1'), (1, 'etl', 'second', 'load', 'k', '1')");
    std::set<Permission> rights;
    for (const char* what : {resource::kDagRun, resource::kTaskInstance, resource::kXCom,
                             resource::kDagCode, resource::kTaskLog}) {
      for (const Action action : {Action::kRead, Action::kCreate, Action::kEdit, Action::kDelete}) {
        rights.insert({action, what});
      }
    }
    BeUserWho(rights, {{"fan", {Action::kRead, Action::kEdit}}});
  }
};

TEST_F(RightsApiTest, ListsShowTheirDagsAlone) {
  EXPECT_EQ(Get("/dags")["total_entries"], 1);
  EXPECT_EQ(Get("/dags")["dags"][0]["dag_id"], "fan");
  EXPECT_EQ(Get("/dags/~/dagRuns")["total_entries"], 1);
  EXPECT_EQ(Get("/dags/~/dagRuns/~/taskInstances")["total_entries"], 1);
  EXPECT_EQ(Get("/dags/~/dagRuns/second/taskInstances")["total_entries"], 0);
  EXPECT_EQ(Get("/dags/~/dagRuns/~/taskInstances/~/xcomEntries")["total_entries"], 1);
  EXPECT_EQ(Post("/dags/~/dagRuns/list", Json::object())["total_entries"], 1);
  EXPECT_EQ(Post("/dags/~/dagRuns/list", {{"dag_ids", {"etl"}}})["total_entries"], 0);
  const std::string batch = "/dags/~/dagRuns/~/taskInstances/list";
  EXPECT_EQ(Post(batch, Json::object())["total_entries"], 1);
  Post(batch, {{"dag_ids", {"fan", "etl"}}}, 403);
}

// Who updates a dataset and who waits for it are things of DAGs.
TEST_F(RightsApiTest, DatasetsTellOfTheirDagsAlone) {
  database_.Edit(
      "INSERT INTO dataset (id, uri, created_at, updated_at) VALUES"
      " (1, 'u', '2021-01-01 00:00:00.000000', '2021-01-01 00:00:00.000000');"
      "INSERT INTO dag_schedule_dataset_reference (dataset_id, dag_id, created_at, updated_at)"
      " VALUES (1, 'fan', '2021-01-01', '2021-01-01'), (1, 'etl', '2021-01-01', '2021-01-01');"
      "INSERT INTO task_outlet_dataset_reference (dataset_id, dag_id, task_id, created_at,"
      " updated_at) VALUES (1, 'etl', 'load', '2021-01-01', '2021-01-01');"
      "INSERT INTO dataset_event (dataset_id, source_dag_id, source_task_id, source_run_id,"
      " timestamp) VALUES (1, 'etl', 'load', 'second', '2021-01-01 00:00:00.000000')");
  const Identity all = std::get<Identity>(OpenDoor("api").Identify({}));
  door_.Be(all);
  EXPECT_NE(Get("/datasets").dump().find("etl"), std::string::npos);
  EXPECT_NE(Get("/datasets/events").dump().find("etl"), std::string::npos);
  BeUserWho({{Action::kRead, resource::kDataset}}, {{"fan", {Action::kRead}}});
  for (const char* path : {"/datasets", "/datasets/u", "/datasets/events"}) {
    EXPECT_EQ(Get(path).dump().find("etl"), std::string::npos) << path;
  }
  EXPECT_EQ(Get("/datasets/u")["consuming_dags"][0]["dag_id"], "fan");
  EXPECT_EQ(Get("/datasets/events")["total_entries"], 1);
}

TEST_F(RightsApiTest, MetricsNameTheirDagsAlone) {
  database_.Edit("UPDATE dag_run SET start_date = execution_date, end_date = execution_date");
  BeUserWho({{Action::kRead, resource::kClusterActivity}}, {{"fan", {Action::kRead}}});
  const std::string text = client_->Get("/metrics")->body;
  EXPECT_NE(text.find("airflow_dagrun_duration_success{dag_id=\"fan\"} 0\n"), std::string::npos);
  EXPECT_EQ(text.find("etl"), std::string::npos);
}

TEST_F(RightsApiTest, OtherDagsAreRefused) {
  Get("/dags/etl", 403);
  Get("/dags/etl/details", 403);
  Get("/dags/etl/tasks", 403);
  Get("/dags/etl/dagRuns", 403);
  Get("/dags/etl/dagRuns/second", 403);
  Get("/dags/etl/dagRuns/second/taskInstances/load", 403);
  Get("/dags/etl/dagRuns/second/taskInstances/load/xcomEntries/k", 403);
  Post("/dags/etl/dagRuns", Json::object(), 403);
  Post("/dags/etl/clearTaskInstances", {{"dry_run", true}}, 403);
  Patch("/dags/etl/dagRuns/second", {{"state", "failed"}}, 403);
  Patch("/dags/etl/dagRuns/second/setNote", {{"note", "x"}}, 403);
  Delete("/dags/etl/dagRuns/second", 403);
  Delete("/dags/fan", 403);
}

TEST_F(RightsApiTest, BackfillsAreThoseOfTheirDags) {
  database_.Edit(
      "INSERT INTO backfill (id, dag_id, from_date, to_date, created_at, updated_at)"
      " SELECT CASE d.dag_id WHEN 'etl' THEN 1 ELSE 2 END, d.dag_id, '2021-01-01 00:00:00.000000',"
      " '2021-01-02 00:00:00.000000', '2021-01-03 00:00:00.000000', '2021-01-03 00:00:00.000000'"
      " FROM dag d WHERE d.dag_id IN ('etl', 'fan')");
  const auto get = [&](const std::string& path) {
    return client_->Get("/api/v2/backfills" + path)->status;
  };
  const auto put = [&](const std::string& path) {
    return client_->Put("/api/v2/backfills" + path, "", "application/json")->status;
  };
  const auto post = [&](const std::string& dag_id) {
    const Json body = {{"dag_id", dag_id}, {"from_date", "2021-01-01"}, {"to_date", "2021-01-02"}};
    return client_->Post("/api/v2/backfills", body.dump(), "application/json")->status;
  };
  EXPECT_EQ(get("?dag_id=fan"), 403) << "without a right on Backfills";
  BeUserWho({{Action::kRead, resource::kBackfill}}, {{"fan", {Action::kRead, Action::kEdit}}});
  EXPECT_EQ(get("?dag_id=fan"), 200);
  EXPECT_EQ(get("?dag_id=etl"), 403);
  EXPECT_EQ(get("/1"), 403);
  EXPECT_EQ(get("/2"), 200);
  EXPECT_EQ(put("/2/pause"), 403);
  EXPECT_EQ(post("fan"), 403);
  BeUserWho({{Action::kCreate, resource::kBackfill}, {Action::kEdit, resource::kBackfill}},
            {{"fan", {Action::kRead, Action::kEdit}}});
  EXPECT_EQ(put("/1/pause"), 403);
  EXPECT_EQ(put("/2/pause"), 200);
  EXPECT_EQ(LastAudit().event, "pause_backfill");
  EXPECT_EQ(post("etl"), 403);
  EXPECT_EQ(post("fan"), 422) << "it has no schedule";
}

TEST_F(RightsApiTest, TheirOwnDagIsServed) {
  Get("/dags/fan/dagRuns/r/taskInstances/t");
  EXPECT_EQ(Patch("/dags/fan/dagRuns/r/setNote", {{"note", "x"}})["note"], "x");
  EXPECT_EQ(LastAudit().owner, "eve");
  EXPECT_EQ(Patch("/dags?dag_id_pattern=~", {{"is_paused", true}})["total_entries"], 1);
  EXPECT_FALSE(OpenCatalog()->Dag("etl")->record.is_paused);
}

TEST_F(RightsApiTest, AFileIsShownToThoseWhoSeeAllItsDags) {
  const httplib::Headers json = {{"Accept", "application/json"}};
  EXPECT_EQ(client_->Get("/api/v1/dagSources/fan", json)->status, 403);
  EXPECT_EQ(client_->Get("/api/v1/dagSources/etl", json)->status, 403);
  BeUserWho({{Action::kRead, resource::kDag}, {Action::kRead, resource::kDagCode}});
  EXPECT_EQ(client_->Get("/api/v1/dagSources/fan", json)->status, 200);
}

}  // namespace
}  // namespace beeflow
