// Runs: filters, batches, notes, marking, clearing, deleting.
#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"

namespace beeflow {
namespace {

class RunApiTest : public ApiTest {
 protected:
  static std::string Ids(const Json& answer) {
    std::string ids;
    for (const Json& run : answer["dag_runs"]) {
      ids += (ids.empty() ? "" : " ") + run["dag_run_id"].get<std::string>();
    }
    return ids;
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

  const std::string runs_ = "/dags/etl/dagRuns";
  const std::string first_ = runs_ + "/manual__a%2Fb";
  const std::string second_ = runs_ + "/second";
};

TEST_F(RunApiTest, ARunHasAirflowsShape) {
  EXPECT_EQ(Get(second_), Json::parse(R"({
      "conf": {}, "dag_id": "etl", "dag_run_id": "second",
      "data_interval_start": "2021-01-02T00:00:00+00:00",
      "data_interval_end": "2021-01-03T00:00:00+00:00", "end_date": null,
      "execution_date": "2021-01-02T00:00:00+00:00", "external_trigger": false,
      "last_scheduling_decision": null, "logical_date": "2021-01-02T00:00:00+00:00", "note": null,
      "run_type": "manual", "start_date": "2021-02-01T00:00:00+00:00", "state": "running"})"));
  EXPECT_EQ(Get(second_ + "?fields=state"), Json({{"state", "running"}}));
  Get(second_ + "?fields=colour", 400);
}

TEST_F(RunApiTest, ListsAreFilteredByEveryDate) {
  EXPECT_EQ(Ids(Get(runs_ + "?end_date_gte=2021-01-01T00:00:00Z")), "manual__a/b");
  EXPECT_EQ(Ids(Get(runs_ + "?execution_date_lte=2021-01-01T00:00:00Z")), "manual__a/b");
  EXPECT_EQ(Ids(Get(runs_ + "?start_date_gte=2021-02-02T00:00:00Z")), "");
  database_.Edit("UPDATE dag_run SET updated_at = '2021-05-01 00:00:00.000000' WHERE id = 2");
  EXPECT_EQ(Ids(Get(runs_ + "?updated_at_gte=2021-04-01")), "second");
  EXPECT_EQ(Ids(Get(runs_ + "?state=running&state=queued")), "second");
  EXPECT_EQ(Ids(Get(runs_ + "?order_by=-start_date")), "second manual__a/b");
  const Json page = Get(runs_ + "?limit=1&offset=1&fields=dag_run_id");
  EXPECT_EQ(page["total_entries"], 2);
  EXPECT_EQ(page["dag_runs"], Json::parse(R"([{"dag_run_id": "second"}])"));
  const std::string detail = Get(runs_ + "?order_by=colour", 400)["detail"];
  EXPECT_NE(detail.find("order_by: 'colour' is no column"), std::string::npos);
  Get(runs_ + "?end_date_gte=soon", 400);
}

TEST_F(RunApiTest, ABatchListsManyDags) {
  const std::string batch = "/dags/~/dagRuns/list";
  EXPECT_EQ(Post(batch, Json::object())["total_entries"], 2);
  EXPECT_EQ(Ids(Post(batch, {{"dag_ids", {"etl", "hourly"}}, {"states", {"success"}}})),
            "manual__a/b");
  EXPECT_EQ(Ids(Post(batch, {{"dag_ids", {"hourly"}}})), "");
  EXPECT_EQ(Ids(Post(batch, {{"order_by", "-execution_date"},
                             {"page_limit", 1},
                             {"page_offset", 1},
                             {"execution_date_gte", "2020-01-01T00:00:00Z"}})),
            "manual__a/b");
  Post(batch, {{"states", {"odd"}}}, 400);
  Post(batch, {{"page_limit", 0}}, 400);
  Post(batch, {{"colour", 1}}, 400);
}

TEST_F(RunApiTest, TriggeringWithALogicalDateAndANote) {
  const Json run = Post(
      runs_, {{"logical_date", "2021-03-01T00:00:00Z"}, {"dag_run_id", "mine"}, {"note", "why"}});
  EXPECT_EQ(run["logical_date"], "2021-03-01T00:00:00+00:00");
  EXPECT_EQ(run["note"], "why");
  EXPECT_EQ(run["state"], "queued");
  Post(runs_, {{"logical_date", "2021-03-01T00:00:00Z"}, {"dag_run_id", "other"}}, 409);
  Post(runs_, {{"dag_run_id", "mine"}}, 409);
  EXPECT_EQ(OpenCatalog()->AuditLog("etl", 10)->size(), 1u);
  EXPECT_EQ(LastAudit().event, "trigger");
  EXPECT_EQ(LastAudit().owner, "api");
}

TEST_F(RunApiTest, MarkingARunMarksItsTaskInstances) {
  EXPECT_EQ(Patch(second_, {{"state", "failed"}})["state"], "failed");
  EXPECT_EQ(States("second"), "failed failed failed");
  EXPECT_EQ(LastAudit().event, "dagrun_failed");
  EXPECT_EQ(LastAudit().run_id, "second");
  EXPECT_EQ(Patch(second_, {{"state", "success"}})["state"], "success");
  EXPECT_EQ(States("second"), "success success success");
  EXPECT_EQ(Patch(second_, {{"state", "queued"}})["state"], "queued");
  Patch(second_, {{"state", "running"}}, 400);
  Patch(second_, Json::object(), 400);
  Patch(second_, {{"state", 3}}, 400);
  Patch(runs_ + "/nope", {{"state", "success"}}, 404);
}

TEST_F(RunApiTest, ClearingIsADryRunUnlessToldOtherwise) {
  const Json would = Post(first_ + "/clear", Json::object());
  EXPECT_EQ(would["total_entries"], 3);
  EXPECT_EQ(would["task_instances"][0],
            Json::parse(R"({"task_id": "extract", "dag_id": "etl", "dag_run_id": "manual__a/b",
                            "execution_date": "2021-01-01T00:00:00+00:00"})"));
  EXPECT_EQ(Get(first_)["state"], "success");
  EXPECT_EQ(Post(first_ + "/clear", {{"dry_run", false}})["state"], "queued");
  EXPECT_EQ(States("manual__a/b"), "none none none");
  EXPECT_EQ(LastAudit().event, "dagrun_clear");
  Post(runs_ + "/nope/clear", {{"dry_run", false}}, 404);
  Post(first_ + "/clear", {{"dry_run", "no"}}, 400);
}

TEST_F(RunApiTest, DeletingTakesWhatBelongsToTheRun) {
  Delete(first_);
  Get(first_, 404);
  Delete(first_, 404);
  EXPECT_EQ(Get(runs_)["total_entries"], 1);
  EXPECT_EQ(LastAudit().event, "delete_dag_run");
}

TEST_F(RunApiTest, NotesAreKept) {
  EXPECT_EQ(Patch(second_ + "/setNote", {{"note", "<script>alert(1)</script>"}})["note"],
            "<script>alert(1)</script>");
  EXPECT_EQ(Get(second_)["note"], "<script>alert(1)</script>");
  Patch(second_ + "/setNote", {{"note", std::string(1001, 'x')}}, 400);
  Patch(second_ + "/setNote", Json::object(), 400);
  Patch(second_ + "/setNote", {{"text", "x"}}, 400);
  Patch(runs_ + "/nope/setNote", {{"note", "x"}}, 404);
}

TEST_F(RunApiTest, UpstreamDatasetEvents) {
  database_.Edit(
      "INSERT INTO dataset (id, uri, created_at, updated_at) VALUES (7, 's3://d', '', '');"
      "INSERT INTO dataset_event (id, dataset_id, extra, source_dag_id, timestamp)"
      " VALUES (8, 7, '{\"n\": 2}', 'hourly', '2021-01-05 00:00:00.000000');"
      "INSERT INTO dagrun_dataset_event VALUES (2, 8)");
  const Json events = Get(second_ + "/upstreamDatasetEvents");
  EXPECT_EQ(events["total_entries"], 1);
  const Json event = events["dataset_events"][0];
  EXPECT_EQ(event["dataset_uri"], "s3://d");
  EXPECT_EQ(event["extra"]["n"], 2);
  EXPECT_EQ(event["source_task_id"], nullptr);
  EXPECT_EQ(event["timestamp"], "2021-01-05T00:00:00+00:00");
  EXPECT_EQ(event["created_dagruns"][0]["run_id"], "second");
  EXPECT_EQ(Get(first_ + "/upstreamDatasetEvents")["dataset_events"], Json::array());
  Get(runs_ + "/nope/upstreamDatasetEvents", 404);
}

}  // namespace
}  // namespace beeflow
