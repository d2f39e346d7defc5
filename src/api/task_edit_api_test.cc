// Task instances: clearing and marking, in one run or several.
#include <gtest/gtest.h>

#include <algorithm>

#include "api/api_fixture_for_test.h"

namespace beeflow {
namespace {

class TaskEditApiTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    database_.AddRun("third", "2021-01-03", RunState::kSuccess, TaskState::kSuccess);
  }
  // "run.task" of each reference, sorted.
  static std::string Names(const Json& answer) {
    std::vector<std::string> names;
    for (const Json& task : answer["task_instances"]) {
      names.push_back(task["dag_run_id"].get<std::string>() + "." +
                      task["task_id"].get<std::string>());
    }
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
  }
  std::string States(const std::string& run_id) {
    std::string states;
    const auto tasks = OpenCatalog()->Tasks({"etl", run_id});
    for (const TaskInfo& task : *tasks) {
      const std::string_view state = ToString(task.record.state);
      states += (states.empty() ? "" : " ") + std::string(state.empty() ? "none" : state);
    }
    return states;
  }
  // What is given, for the run "third".
  static Json InThird(Json body) {
    body["dag_run_id"] = "third";
    return body;
  }

  const std::string clear_ = "/dags/etl/clearTaskInstances";
  const std::string mark_ = "/dags/etl/updateTaskInstancesState";
};

TEST_F(TaskEditApiTest, ClearingOnlyTellsUnlessDryRunIsFalse) {
  const Json answer = Post(clear_, InThird({{"only_failed", false}}));
  EXPECT_EQ(Names(answer), "third.extract third.load third.transform");
  EXPECT_EQ(States("third"), "success success success");
  EXPECT_EQ(answer["task_instances"][0].size(), 4u);
  EXPECT_EQ(Names(Post(clear_, InThird(Json::object()))), "");  // only_failed is the default
}

TEST_F(TaskEditApiTest, ClearingWithDownstreamQueuesTheRunAgain) {
  const Json body = {{"dry_run", false},          {"only_failed", false},
                     {"task_ids", {"transform"}}, {"include_downstream", true},
                     {"reset_dag_runs", true},    {"include_subdags", true}};
  EXPECT_EQ(Names(Post(clear_, InThird(body))), "third.load third.transform");
  EXPECT_EQ(States("third"), "success none none");
  EXPECT_EQ(Get("/dags/etl/dagRuns/third")["state"], "queued");
  EXPECT_EQ(LastAudit().event, "clear");
  EXPECT_EQ(LastAudit().run_id, "third");
  EXPECT_EQ(Json::parse(LastAudit().extra)["details"], 2);
}

TEST_F(TaskEditApiTest, ARunStaysAsItIsWhereItIsNotReset) {
  Post(clear_, InThird({{"dry_run", false}, {"only_failed", false}, {"reset_dag_runs", false}}));
  EXPECT_EQ(States("third"), "none none none");
  EXPECT_EQ(Get("/dags/etl/dagRuns/third")["state"], "success");
}

TEST_F(TaskEditApiTest, ClearingReachesOtherRuns) {
  Json body = {{"only_failed", false}, {"task_ids", {"load"}}, {"dag_run_id", "second"}};
  EXPECT_EQ(Names(Post(clear_, body)), "second.load");
  body["include_future"] = true;
  EXPECT_EQ(Names(Post(clear_, body)), "second.load third.load");
  body["include_past"] = true;
  EXPECT_EQ(Names(Post(clear_, body)), "manual__a/b.load second.load third.load");
  EXPECT_EQ(Names(Post(clear_, {{"only_failed", false},
                                {"task_ids", {"load"}},
                                {"start_date", "2021-01-01T12:00:00Z"},
                                {"end_date", "2021-01-02T12:00:00Z"}})),
            "second.load");
  EXPECT_EQ(Names(Post(clear_, {{"only_running", true}, {"task_ids", {"extract"}}})),
            "second.extract");
}

TEST_F(TaskEditApiTest, ARunningTaskIsRestarted) {
  Post(clear_, {{"dry_run", false}, {"only_running", true}, {"dag_run_id", "second"}});
  EXPECT_EQ(States("second"), "restarting restarting restarting");
}

TEST_F(TaskEditApiTest, WhatCannotBeClearedIsNamed) {
  Post(clear_, {{"dag_run_id", "nope"}}, 404);
  Post("/dags/nope/clearTaskInstances", Json::object(), 404);
  EXPECT_EQ(Post(clear_, InThird({{"task_ids", {"nope"}}}), 404)["detail"],
            "DAG 'etl' has no task 'nope'");
  Post(clear_, InThird({{"task_ids", Json::array()}}), 400);
  Post(clear_, InThird({{"task_ids", "load"}}), 400);
  Post(clear_, InThird({{"start_date", "2021-01-01T00:00:00Z"}}), 400);
  Post(clear_, {{"start_date", "2021-01-02"}, {"end_date", "2021-01-01"}}, 400);
  Post(clear_, InThird({{"only_failed", true}, {"only_running", true}}), 400);
  Post(clear_, InThird({{"colour", "red"}}), 400);
  EXPECT_TRUE(OpenCatalog()->AuditLog("etl", 9)->empty());
}

TEST_F(TaskEditApiTest, MarkingWithDownstreamAndPast) {
  Json body = {{"task_id", "transform"},     {"dag_run_id", "second"},    {"new_state", "success"},
               {"include_downstream", true}, {"include_upstream", false}, {"include_past", true},
               {"include_future", false}};
  EXPECT_EQ(Names(Post(mark_, body)), "second.load second.transform");
  EXPECT_EQ(States("second"), "running running running");
  body["dry_run"] = false;
  Post(mark_, body);
  EXPECT_EQ(States("second"), "running success success");
  EXPECT_EQ(LastAudit().event, "success");
  EXPECT_EQ(LastAudit().task_id, "transform");
  body["new_state"] = "failed";
  EXPECT_EQ(Names(Post(mark_, body)),
            "manual__a/b.load manual__a/b.transform second.load second.transform");
}

TEST_F(TaskEditApiTest, MarkingByDate) {
  EXPECT_EQ(Names(Post(mark_, {{"task_id", "load"},
                               {"execution_date", "2021-01-02T00:00:00+00:00"},
                               {"new_state", "skipped"}})),
            "second.load");
  Post(mark_,
       {{"task_id", "load"}, {"execution_date", "2021-07-02T00:00:00Z"}, {"new_state", "failed"}},
       404);
}

TEST_F(TaskEditApiTest, WhatCannotBeMarkedIsNamed) {
  const Json good = {{"task_id", "load"}, {"dag_run_id", "second"}, {"new_state", "failed"}};
  const auto with = [&](const char* field, const Json& value) {
    Json body = good;
    body[field] = value;
    return body;
  };
  EXPECT_EQ(Post(mark_, with("new_state", "running"), 400)["detail"],
            "the body: new_state: 'running' must be success, failed or skipped");
  Post(mark_, with("execution_date", "2021-01-02T00:00:00Z"), 400);
  Post(mark_, with("task_id", nullptr), 400);
  Post(mark_, with("task_id", "nope"), 404);
  Post(mark_, with("dag_run_id", "nope"), 404);
  Post(mark_, with("dry_run", "no"), 400);
  Post("/dags/nope/updateTaskInstancesState", good, 404);
}

// What had failed behind a task goes on once the task is marked.
TEST_F(TaskEditApiTest, MarkingOneTaskLetsTheRunGoOn) {
  database_.Edit(
      "UPDATE task_instance SET state = 'failed' WHERE run_id = 'third' AND task_id = 'extract';"
      "UPDATE task_instance SET state = 'upstream_failed' WHERE run_id = 'third'"
      " AND task_id <> 'extract'; UPDATE dag_run SET state = 'failed' WHERE run_id = 'third'");
  const std::string task = "/dags/etl/dagRuns/third/taskInstances/extract";
  const Json reference = Patch(task, {{"new_state", "success"}});  // a dry run
  EXPECT_EQ(reference["task_id"], "extract");
  EXPECT_EQ(reference["dag_run_id"], "third");
  EXPECT_EQ(States("third"), "failed upstream_failed upstream_failed");
  Patch(task, {{"new_state", "success"}, {"dry_run", false}});
  EXPECT_EQ(States("third"), "success none none");
  EXPECT_EQ(Get("/dags/etl/dagRuns/third")["state"], "queued");
  Patch(task, {{"new_state", "odd"}}, 400);
  Patch(task, Json::object(), 400);
  Patch("/dags/etl/dagRuns/third/taskInstances/nope", {{"new_state", "failed"}}, 404);
}

class MappedEditApiTest : public TaskEditApiTest {
 protected:
  // Of DAG "fan": each (2 instances, in this state) -> last (success).
  void AddFan(const std::string& state) {
    database_.AddFile("fan.py", R"({"dags": [{"dag_id": "fan", "tasks": [
        {"task_id": "each", "map": [{"literal": 2}], "downstream": ["last"]},
        {"task_id": "last"}]}]})");
    database_.Edit(
        "INSERT INTO dag_run (dag_id, run_id, execution_date, state) VALUES"
        " ('fan', 'r', '2021-01-03 00:00:00.000000', 'running');"
        "INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state) VALUES"
        " ('fan', 'r', 'each', 0, '" +
        state + "'), ('fan', 'r', 'each', 1, '" + state +
        "'), ('fan', 'r', 'last', -1, 'success')");
  }
};

TEST_F(MappedEditApiTest, ClearingOneInstanceOfAMappedTask) {
  AddFan("failed");
  const std::string clear = "/dags/fan/clearTaskInstances";
  Json body = {{"dag_run_id", "r"},
               {"only_failed", false},
               {"dry_run", false},
               {"task_ids", Json::array({Json::array({"each", 1})})}};
  EXPECT_EQ(Names(Post(clear, body)), "r.each");
  const std::string tasks = "/dags/fan/dagRuns/r/taskInstances/";
  EXPECT_EQ(Get(tasks + "each/0")["state"], "failed");
  EXPECT_EQ(Get(tasks + "each/1")["state"], nullptr);
  EXPECT_EQ(Get(tasks + "last")["state"], "success");
  body["dry_run"] = true;
  body["include_downstream"] = true;
  EXPECT_EQ(Names(Post(clear, body)), "r.each r.last");
  body["task_ids"].push_back("each");
  EXPECT_EQ(Names(Post(clear, body)), "r.each r.each r.last");
  for (const char* wrong : {R"([["each"]])", R"([["each", "1"]])", R"([["each", -2]])", "[7]"}) {
    body["task_ids"] = Json::parse(wrong);
    Post(clear, body, 400);
  }
}

TEST_F(MappedEditApiTest, MarkingOneInstanceOfAMappedTask) {
  AddFan("running");
  const std::string each = "/dags/fan/dagRuns/r/taskInstances/each";
  Patch(each + "/1", {{"new_state", "failed"}, {"dry_run", false}});
  EXPECT_EQ(Get(each + "/0")["state"], "running");
  EXPECT_EQ(Get(each + "/1")["state"], "failed");
  Patch(each + "/2", {{"new_state", "failed"}, {"dry_run", false}}, 404);
}

}  // namespace
}  // namespace beeflow
