// Task instances: shapes, filters, batches, mapped ones, tries, dependencies, links.
#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"

namespace beeflow {
namespace {

constexpr const char* kMapped = R"({"dags": [{
    "dag_id": "fan", "start_date": "2021-01-01T00:00:00+00:00", "is_paused_upon_creation": false,
    "tasks": [{"task_id": "each", "map": [{"literal": 2}]}, {"task_id": "one"}]}]})";
constexpr const char* kMappedRows = R"sql(
INSERT INTO dag_run (dag_id, run_id, execution_date, state) VALUES
  ('fan', 'r', '2021-01-03 00:00:00.000000', 'running');
INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state, try_number, start_date) VALUES
  ('fan', 'r', 'each', 0, 'success', 1, '2021-01-03 00:00:02.000000'),
  ('fan', 'r', 'each', 1, NULL, 0, NULL), ('fan', 'r', 'one', -1, 'queued', 1, NULL);
)sql";

class TaskApiTest : public ApiTest {
 protected:
  void AddMapped() {
    database_.AddFile("fan.py", kMapped);
    database_.Edit(kMappedRows);
  }
  // As "task" or "task[index]".
  static std::string Ids(const Json& answer) {
    std::string ids;
    for (const Json& task : answer["task_instances"]) {
      ids += (ids.empty() ? "" : " ") + task["task_id"].get<std::string>();
      const int index = task["map_index"];
      if (index >= 0) ids += "[" + std::to_string(index) + "]";
    }
    return ids;
  }

  const std::string first_ = "/dags/etl/dagRuns/manual__a%2Fb/taskInstances";
  const std::string second_ = "/dags/etl/dagRuns/second/taskInstances";
  const std::string fan_ = "/dags/fan/dagRuns/r/taskInstances";
  const std::string all_ = "/dags/~/dagRuns/~/taskInstances";
};

TEST_F(TaskApiTest, ATaskInstanceHasAirflowsShape) {
  EXPECT_EQ(Get(first_ + "/extract"), Json::parse(R"({
      "task_id": "extract", "task_display_name": "extract", "dag_id": "etl",
      "dag_run_id": "manual__a/b", "execution_date": "2021-01-01T00:00:00+00:00",
      "start_date": "2021-02-01T00:00:01+00:00", "end_date": "2021-02-01T00:00:02.500000+00:00",
      "duration": 1.5, "state": "success", "try_number": 1, "max_tries": 0, "map_index": -1,
      "hostname": "", "unixname": "", "pool": "default_pool", "pool_slots": 1, "queue": "default",
      "priority_weight": 3, "operator": "BashOperator", "queued_when": null, "pid": null,
      "executor": null, "executor_config": "{}", "note": null, "rendered_map_index": null,
      "rendered_fields": {"bash_command": "extract of manual__a/b"},
      "sla_miss": null, "trigger": null, "triggerer_job": null})"));
}

TEST_F(TaskApiTest, TriggerSlaMissAndNoteAreShown) {
  database_.Edit(
      "INSERT INTO trigger (id, classpath, kwargs, created_date) VALUES"
      " (5, 'm.T', '{\"s\": 1}', '2021-01-02 00:00:01.000000');"
      "UPDATE task_instance SET state = 'deferred', trigger_id = 5"
      " WHERE run_id = 'second' AND task_id = 'load';"
      "INSERT INTO sla_miss (task_id, dag_id, execution_date, notification_sent, timestamp)"
      " VALUES ('load', 'etl', '2021-01-02 00:00:00.000000', 1, '2021-01-03 00:00:00.000000')");
  const Json task = Patch(second_ + "/load/setNote", {{"note", "late"}});
  EXPECT_EQ(task["note"], "late");
  EXPECT_EQ(task["state"], "deferred");
  EXPECT_EQ(task["trigger"], Json::parse(R"({"id": 5, "classpath": "m.T", "kwargs": "{\"s\": 1}",
      "created_date": "2021-01-02T00:00:01+00:00", "triggerer_id": null})"));
  EXPECT_EQ(task["sla_miss"], Json::parse(R"({"task_id": "load", "dag_id": "etl",
      "execution_date": "2021-01-02T00:00:00+00:00", "email_sent": false,
      "timestamp": "2021-01-03T00:00:00+00:00", "description": null, "notification_sent": true})"));
  Patch(second_ + "/load/setNote", {{"note", 1}}, 400);
  Patch(second_ + "/nope/setNote", {{"note", "x"}}, 404);
}

TEST_F(TaskApiTest, ListsAreFiltered) {
  AddMapped();
  EXPECT_EQ(Ids(Get(first_)), "extract load transform");
  EXPECT_EQ(Ids(Get(first_ + "?order_by=-task_id&limit=1")), "transform");
  EXPECT_EQ(Get(first_ + "?duration_gte=1.4&duration_lte=1.6")["total_entries"], 3);
  EXPECT_EQ(Get(first_ + "?duration_gte=2")["total_entries"], 0);
  EXPECT_EQ(Get(first_ + "?end_date_lte=2021-02-01T00:00:03Z")["total_entries"], 3);
  EXPECT_EQ(Get(first_ + "?start_date_gte=2021-02-01T00:00:02Z")["total_entries"], 0);
  EXPECT_EQ(Get(first_ + "?pool=default_pool&queue=default,other")["total_entries"], 3);
  EXPECT_EQ(Get(first_ + "?pool=other")["total_entries"], 0);
  EXPECT_EQ(Get(all_)["total_entries"], 9);
  EXPECT_EQ(Ids(Get(all_ + "?execution_date_gte=2021-01-03")), "each[0] each[1] one");
  EXPECT_EQ(Ids(Get(all_ + "?state=none&state=queued")), "each[1] one");
  EXPECT_EQ(Get("/dags/~/dagRuns/second/taskInstances")["total_entries"], 3);
  EXPECT_EQ(Get("/dags/etl/dagRuns/~/taskInstances?state=running")["total_entries"], 3);
  Get(first_ + "?duration_gte=long", 400);
  Get(first_ + "?order_by=colour", 400);
  Get("/dags/etl/dagRuns/nope/taskInstances", 404);
  Get("/dags/nope/dagRuns/~/taskInstances", 404);
}

TEST_F(TaskApiTest, ABatchListsManyRuns) {
  AddMapped();
  const std::string batch = "/dags/~/dagRuns/~/taskInstances/list";
  EXPECT_EQ(Post(batch, Json::object())["total_entries"], 9);
  EXPECT_EQ(Ids(Post(batch, {{"dag_ids", {"etl"}}, {"dag_run_ids", {"second"}}})),
            "extract load transform");
  EXPECT_EQ(Ids(Post(batch, {{"task_ids", {"one", "load"}}, {"state", {"queued"}}})), "one");
  EXPECT_EQ(Ids(Post(batch, {{"state", Json::array({nullptr})}})), "each[1]");
  EXPECT_EQ(Ids(Post(batch, {{"duration_gte", 1}, {"page_limit", 2}, {"order_by", "-task_id"}})),
            "transform load");
  EXPECT_EQ(Ids(Post(batch, {{"pool", {"other"}}})), "");
  Post(batch, {{"state", {"odd"}}}, 400);
  Post(batch, {{"state", "queued"}}, 400);
  Post(batch, {{"duration_lte", "x"}}, 400);
  Post(batch, {{"dag_id", "etl"}}, 400);
}

TEST_F(TaskApiTest, MappedInstances) {
  AddMapped();
  EXPECT_EQ(Get(fan_ + "/each/0")["state"], "success");
  EXPECT_EQ(Get(fan_ + "/each/1")["state"], nullptr);
  EXPECT_EQ(Ids(Get(fan_ + "/each/listMapped")), "each[0] each[1]");
  EXPECT_EQ(Ids(Get(fan_ + "/each/listMapped?order_by=-map_index&limit=1")), "each[1]");
  EXPECT_EQ(Get(fan_ + "/each/listMapped?state=success")["total_entries"], 1);
  const std::string detail = Get(fan_ + "/each", 404)["detail"];
  EXPECT_NE(detail.find("is mapped: add the map index"), std::string::npos);
  Get(fan_ + "/one/listMapped", 404);
  Get(fan_ + "/nope/listMapped", 404);
  Get(fan_ + "/each/2", 404);
  EXPECT_EQ(Patch(fan_ + "/each/1/setNote", {{"note", "mine"}})["note"], "mine");
  EXPECT_EQ(Get(fan_ + "/each/0")["note"], nullptr);
  EXPECT_EQ(Get(fan_ + "/each/0/tries")["total_entries"], 1);
  EXPECT_EQ(Get(fan_ + "/each/0/tries/1")["map_index"], 0);
}

TEST_F(TaskApiTest, TriesComeFromTheAttempts) {
  database_.Edit(
      "INSERT INTO attempt (dag_id, run_id, task_id, map_index, try_number, attempt_id, state,"
      " start_date, end_date) VALUES"
      " ('etl', 'second', 'load', -1, 1, 'a', 'deferred', '2021-02-01 00:00:01.000000',"
      "  '2021-02-01 00:00:02.000000'),"
      " ('etl', 'second', 'load', -1, 1, 'b', 'up_for_retry', '2021-02-01 00:00:05.000000',"
      "  '2021-02-01 00:00:06.000000');"
      "UPDATE task_instance SET try_number = 2, start_date = '2021-02-01 00:00:09.000000'"
      " WHERE run_id = 'second' AND task_id = 'load'");
  const Json tries = Get(second_ + "/load/tries");
  ASSERT_EQ(tries["total_entries"], 2);
  const Json first = tries["task_instances"][0];
  EXPECT_EQ(first["try_number"], 1);
  EXPECT_EQ(first["state"], "failed");
  EXPECT_EQ(first["start_date"], "2021-02-01T00:00:01+00:00");
  EXPECT_EQ(first["end_date"], "2021-02-01T00:00:06+00:00");
  EXPECT_EQ(first["duration"], 5.0);
  EXPECT_EQ(Get(second_ + "/load/tries/2")["state"], "running");
  EXPECT_EQ(
      Get(second_ + "/load/tries?order_by=-try_number&limit=1")["task_instances"][0]["try_number"],
      2);
  Get(second_ + "/load/tries/3", 404);
  Get(second_ + "/load/tries/x", 404);
  Get(second_ + "/nope/tries", 404);
}

TEST_F(TaskApiTest, DependenciesSayWhatIsMissing) {
  database_.Edit(
      "UPDATE task_instance SET state = NULL, try_number = 0 WHERE run_id = 'second'"
      " AND task_id IN ('transform', 'load'); UPDATE slot_pool SET slots = 1");
  const Json answer = Get(second_ + "/transform/dependencies");
  ASSERT_EQ(answer["dependencies"].size(), 2u);
  EXPECT_EQ(answer["dependencies"][0]["name"], "Pool Slots Available");
  EXPECT_EQ(answer["dependencies"][1]["name"], "Trigger Rule");
  const std::string reason = answer["dependencies"][1]["reason"];
  EXPECT_NE(reason.find("extract (running)"), std::string::npos) << reason;
  EXPECT_EQ(Get(second_ + "/extract/dependencies")["dependencies"], Json::array());
  Patch("/dags/etl", {{"is_paused", true}});
  EXPECT_EQ(Get(second_ + "/load/dependencies")["dependencies"][0]["name"], "Dag Not Paused");
  Get(second_ + "/nope/dependencies", 404);
}

TEST_F(TaskApiTest, ThereAreNoExtraLinks) {
  EXPECT_EQ(Get(first_ + "/extract/links"),
            Json::parse(R"({"Run": "https://jobs/manual__a/b", "Nothing": null})"));
  Get(first_ + "/nope/links", 404);
}

}  // namespace
}  // namespace beeflow
