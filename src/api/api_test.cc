// The first look at the API: health, DAGs, runs, task instances, logs, pools and the page.
#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"

namespace beeflow {
namespace {

TEST_F(ApiTest, HealthAndVersion) {
  EXPECT_EQ(Get("/health")["metadatabase"]["status"], "healthy");
  EXPECT_EQ(Json::parse(client_->Get("/health")->body)["scheduler"]["status"], "healthy");
  EXPECT_EQ(Get("/version")["version"], "0.1.0");
}

TEST_F(ApiTest, DagHasAirflowsShape) {
  const Json dag = Get("/dags/etl");
  EXPECT_EQ(dag["dag_id"], "etl");
  EXPECT_EQ(dag["is_paused"], false);
  EXPECT_EQ(dag["fileloc"], database_.home() + "/dags/etl.py");
  EXPECT_EQ(dag["schedule_interval"], Json({{"__type", "CronExpression"}, {"value", "@daily"}}));
  EXPECT_EQ(dag["tags"], Json::parse(R"([{"name": "prod"}])"));
  EXPECT_EQ(dag["owners"], Json::parse(R"(["ann"])"));
  EXPECT_EQ(Get("/dags/hourly")["schedule_interval"],
            Json::parse(R"({"__type": "TimeDelta", "days": 0, "seconds": 3600,
                            "microseconds": 0})"));
  EXPECT_NE(Get("/dags/nope", 404)["detail"].get<std::string>().find("nope"), std::string::npos);
}

TEST_F(ApiTest, DagsAreFilteredAndPaged) {
  EXPECT_EQ(Get("/dags")["total_entries"], 2);
  EXPECT_EQ(Get("/dags?paused=true")["dags"][0]["dag_id"], "hourly");
  EXPECT_EQ(Get("/dags?tags=prod&tags=x")["dags"][0]["dag_id"], "etl");
  EXPECT_EQ(Get("/dags?dag_id_pattern=OUR")["dags"][0]["dag_id"], "hourly");
  EXPECT_EQ(Get("/dags?dag_id_pattern=e%25l")["total_entries"], 1);
  const Json page = Get("/dags?limit=1&offset=1");
  EXPECT_EQ(page["total_entries"], 2);
  ASSERT_EQ(page["dags"].size(), 1U);
  EXPECT_EQ(page["dags"][0]["dag_id"], "hourly");
}

TEST_F(ApiTest, BadParametersAreNamed) {
  EXPECT_EQ(Get("/dags?limit=0")["dags"], Get("/dags")["dags"]) << "as Airflow takes it";
  EXPECT_EQ(Get("/dags?limit=ten", 400)["detail"],
            "query parameter limit: 'ten' is not a whole number from 0 to 2147483647");
  const std::string detail = Get("/dags?tag=x", 400)["detail"];
  EXPECT_NE(detail.find("query parameter tag: not known here"), std::string::npos);
  Get("/dags?paused=maybe", 400);
  Get("/dags/etl/dagRuns?state=done", 400);
  Get("/dags/etl/dagRuns?execution_date_gte=yesterday", 400);
}

TEST_F(ApiTest, PausingIsSeenByOthers) {
  EXPECT_EQ(Patch("/dags/etl?update_mask=is_paused", {{"is_paused", true}})["is_paused"], true);
  EXPECT_TRUE((*database_.OpenCatalog())->Dag("etl")->record.is_paused);
  Patch("/dags/etl", {{"is_paused", "yes"}}, 400);
  Patch("/dags/etl", {{"owner", "x"}}, 400);
  Patch("/dags/etl", Json::object(), 400);
  Patch("/dags/nope", {{"is_paused", true}}, 404);
}

TEST_F(ApiTest, RunsAreListedAndFoundByEscapedId) {
  const Json runs = Get("/dags/etl/dagRuns");
  EXPECT_EQ(runs["total_entries"], 2);
  EXPECT_EQ(runs["dag_runs"][0]["dag_run_id"], "manual__a/b");
  EXPECT_EQ(Get("/dags/~/dagRuns?order_by=-execution_date&limit=1")["dag_runs"][0]["dag_run_id"],
            "second");
  EXPECT_EQ(Get("/dags/etl/dagRuns?state=running")["total_entries"], 1);
  EXPECT_EQ(Get("/dags/etl/dagRuns?execution_date_gte=2021-01-02T00:00:00+00:00")["total_entries"],
            1);
  const Json run = Get("/dags/etl/dagRuns/manual__a%2Fb");
  EXPECT_EQ(run["state"], "success");
  EXPECT_EQ(run["logical_date"], "2021-01-01T00:00:00+00:00");
  EXPECT_EQ(run["data_interval_end"], "2021-01-02T00:00:00+00:00");
  EXPECT_EQ(run["conf"], Json::object());
  Get("/dags/etl/dagRuns/nope", 404);
  Get("/dags/nope/dagRuns", 404);
}

TEST_F(ApiTest, TriggeringCreatesAQueuedRunOnce) {
  const Json run = Post("/dags/etl/dagRuns", {{"conf", {{"key", 1}}}});
  EXPECT_EQ(run["dag_run_id"], "manual__2021-03-04T05:06:07+00:00");
  EXPECT_EQ(run["state"], "queued");
  EXPECT_EQ(run["run_type"], "manual");
  EXPECT_EQ(run["external_trigger"], true);
  EXPECT_EQ(run["conf"]["key"], 1);
  EXPECT_EQ(run["data_interval_start"], "2021-03-03T00:00:00+00:00");
  EXPECT_EQ(Post("/dags/etl/dagRuns", Json::object(), 409)["title"], "Conflict");
}

TEST_F(ApiTest, BadTriggersChangeNothing) {
  Post("/dags/nope/dagRuns", Json::object(), 404);
  Post("/dags/etl/dagRuns", {{"conf", "text"}}, 400);
  Post("/dags/etl/dagRuns", {{"logical_date", "soon"}}, 400);
  Post("/dags/etl/dagRuns", {{"dag_run_id", "scheduled__x"}}, 400);
  Post("/dags/etl/dagRuns", {{"colour", "red"}}, 400);
  Post("/dags/etl/dagRuns", {{"data_interval_start", "2021-01-01"}}, 400);
  EXPECT_EQ(client_->Post("/api/v1/dags/etl/dagRuns", "{", "application/json")->status, 400);
  EXPECT_EQ(client_->Post("/api/v1/dags/etl/dagRuns", "{}", "text/plain")->status, 415);
  EXPECT_EQ(Get("/dags/etl/dagRuns")["total_entries"], 2);
}

TEST_F(ApiTest, TaskInstances) {
  const std::string base = "/dags/etl/dagRuns/manual__a%2Fb/taskInstances";
  const Json tasks = Get(base);
  EXPECT_EQ(tasks["total_entries"], 3);
  EXPECT_EQ(tasks["task_instances"][0]["task_id"], "extract");
  const Json task = Get(base + "/extract");
  EXPECT_EQ(task["state"], "success");
  EXPECT_EQ(task["try_number"], 1);
  EXPECT_EQ(task["map_index"], -1);
  EXPECT_EQ(task["duration"], 1.5);
  EXPECT_EQ(task["execution_date"], "2021-01-01T00:00:00+00:00");
  EXPECT_EQ(Get(base + "?state=failed")["total_entries"], 0);
  Get(base + "?state=odd", 400);
  Get(base + "/nope", 404);
  Get(base + "/extract/3", 404);
  Get(base + "/extract/x", 404);
}

TEST_F(ApiTest, ImportErrorsAndPools) {
  const Json errors = Get("/importErrors");
  ASSERT_EQ(errors["total_entries"], 1);
  EXPECT_EQ(errors["import_errors"][0]["filename"], database_.home() + "/dags/broken.py");
  const int64_t id = errors["import_errors"][0]["import_error_id"];
  EXPECT_EQ(Get("/importErrors/" + std::to_string(id))["import_error_id"], id);
  Get("/importErrors/99", 404);
  const Json pool = Get("/pools/default_pool");
  EXPECT_EQ(pool["slots"], 128);
  EXPECT_EQ(pool["running_slots"], 3);
  EXPECT_EQ(pool["open_slots"], 125);
  EXPECT_EQ(Get("/pools")["total_entries"], 1);
}

TEST_F(ApiTest, PageIsHtmlThatABrowserKeeps) {
  const auto page = client_->Get("/");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->get_header_value("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page->body.find("<title>Beeflow</title>"), std::string::npos);
  EXPECT_NE(page->get_header_value("Content-Security-Policy").find("script-src 'self';"),
            std::string::npos);
  const auto again = client_->Get("/", {{"If-None-Match", page->get_header_value("ETag")}});
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(again->body, "");
  EXPECT_EQ(client_->Get("/ui/main.js")->get_header_value("Content-Type"),
            "text/javascript; charset=utf-8");
}

TEST_F(ApiTest, ThePageLeadsToFilesThatABrowserMayKeep) {
  const std::string page = client_->Get("/")->body;
  EXPECT_EQ(page.find("\"/ui/main.js"), std::string::npos);
  const size_t begin = page.find("/ui/v");
  ASSERT_NE(begin, std::string::npos);
  const std::string folder = page.substr(begin, page.find('/', begin + 4) - begin);
  const auto kept = client_->Get(folder + "/main.js");
  ASSERT_EQ(kept->status, 200);
  EXPECT_NE(kept->get_header_value("Cache-Control").find("immutable"), std::string::npos);
  const auto asked = client_->Get("/ui/main.js");
  EXPECT_EQ(asked->get_header_value("Cache-Control"), "no-cache");
  EXPECT_EQ(asked->body, kept->body);
  EXPECT_EQ(client_->Get("/ui/v1/main.js")->status, 404) << "another version";
}

TEST_F(ApiTest, PagesComeCompressedToWhoTakesThat) {
  const auto plain = client_->Get("/ui/app.css", {{"Accept-Encoding", "gzip;q=0, br"}});
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->has_header("Content-Encoding"));
  EXPECT_EQ(plain->get_header_value("Vary"), "Accept-Encoding");
  client_->set_decompress(false);
  const auto shorter = client_->Get("/ui/app.css", {{"Accept-Encoding", "br, gzip"}});
  EXPECT_EQ(shorter->get_header_value("Content-Encoding"), "gzip");
  EXPECT_LT(3 * shorter->body.size(), plain->body.size());
  EXPECT_NE(shorter->get_header_value("ETag"), plain->get_header_value("ETag"));
  client_->set_decompress(true);
  EXPECT_EQ(client_->Get("/ui/app.css", {{"Accept-Encoding", "gzip"}})->body, plain->body);
}

}  // namespace
}  // namespace beeflow
