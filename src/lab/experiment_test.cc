#include "lab/experiment.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

constexpr const char* kComplete = R"({
  "description": "all that there is",
  "controllers": [
    {"controller_type": "serverless",
     "core": {"controller_id": "serverless", "export_to": "out"},
     "type_specific": {"settings": {"worker": {"keep_alive_seconds": 60, "sandbox": "none"}}}},
    {"controller_type": "mwaa", "core": {"controller_id": "mwaa-small"},
     "type_specific": {"min_workers": 2, "max_workers": 9, "tasks_per_worker": 10,
                       "time_scale": 0.5},
     "quick": {"type_specific": {"time_scale": 0.01}}},
    {"controller_type": "airflow", "core": {"controller_id": "ours"},
     "type_specific": {"base_url": "https://host/prefix/api/v1/", "user": "me",
                       "password": "hidden", "publish_to": "s3://bucket/dags",
                       "dags_timeout_seconds": 10}}
  ],
  "experiments": [
    {"experiment_id": "tasks:20_duration:10_additional:warm", "dags_local_path": "../dags",
     "dag_ids": ["10s_20t"], "runs": 5, "period_seconds": 30, "pool_slots": 200,
     "quick": {"runs": 1, "period_seconds": 0}},
    {"experiment_id": "cron", "dags_local_path": "/dags", "dag_ids": ["a", "b"],
     "metrics_collection_time_seconds": 3600, "start": "cold", "quick": false}
  ]
})";

std::string ErrorOf(const std::string& text, bool quick = false) {
  const auto file = ParseExperiments(text, "x.json", quick);
  return file.ok() ? "" : file.error().message;
}

// The complete file with one member replaced, or removed where the value is "".
std::string With(const std::string& pointer, const std::string& value) {
  Json json = *ParseJson(kComplete);
  const Json::json_pointer place(pointer);
  if (value.empty()) {
    json.at(place.parent_pointer()).erase(place.back());
  } else {
    json[place] = *ParseJson(value);
  }
  return DumpJson(json);
}

TEST(Experiments, AreReadCompletely) {
  const auto file = ParseExperiments(kComplete, "/lab/x/y.json", false);
  ASSERT_TRUE(file.ok()) << file.error().message;
  ASSERT_EQ(file->controllers.size(), 3U);
  const Controller& ours = file->controllers[0];
  EXPECT_EQ(ours.id, "serverless");
  EXPECT_EQ(ours.export_to, "/lab/x/out");
  EXPECT_EQ(ours.settings, (LabSettings{{{"worker", "keep_alive_seconds"}, "60"},
                                        {{"worker", "sandbox"}, "none"}}));
  const PoolModel& pool = file->controllers[1].pool_model;
  EXPECT_EQ(pool.min_workers, 2);
  EXPECT_EQ(pool.max_workers, 9);
  EXPECT_EQ(pool.tasks_per_worker, 10);
  EXPECT_EQ(pool.time_scale, 0.5);
  const Controller& airflow = file->controllers[2];
  EXPECT_EQ(airflow.airflow.base_url, "https://host/prefix");
  EXPECT_EQ(airflow.airflow.publish_to, "s3://bucket/dags");
  EXPECT_EQ(airflow.dags_timeout, Seconds(10));
  EXPECT_EQ(DumpJson(airflow.definition).find("hidden"), std::string::npos);
  ASSERT_EQ(file->experiments.size(), 2U);
  const Experiment& warm = file->experiments[0];
  EXPECT_EQ(warm.dags_path, "/lab/dags");
  EXPECT_EQ(warm.runs, 5);
  EXPECT_EQ(warm.period, Seconds(30));
  EXPECT_EQ(warm.start, StartKind::kWarm);
  EXPECT_EQ(warm.pool_slots, 200);
  EXPECT_EQ(SystemName(ours, warm), "serverless_tasks:20_duration:10_additional:warm");
  EXPECT_EQ(file->experiments[1].start, StartKind::kCold);
  EXPECT_EQ(file->experiments[1].collection_time, Seconds(3600));
  EXPECT_FALSE(file->experiments[1].runs);
}

TEST(Experiments, QuickChangesAndLeavesOut) {
  const auto file = ParseExperiments(kComplete, "y.json", true);
  ASSERT_TRUE(file.ok()) << file.error().message;
  ASSERT_EQ(file->experiments.size(), 1U);
  EXPECT_EQ(file->experiments[0].runs, 1);
  EXPECT_EQ(file->experiments[0].period, Seconds(0));
  EXPECT_EQ(file->experiments[0].dags_path, "../dags");
  EXPECT_EQ(file->controllers[1].pool_model.time_scale, 0.01);
  EXPECT_EQ(file->controllers[1].pool_model.max_workers, 9);
  EXPECT_FALSE(file->experiments[0].definition.contains("quick"));
}

TEST(Experiments, UnreadableJsonNamesTheLine) {
  EXPECT_EQ(ErrorOf("{\n \"controllers\": [,]\n}").substr(0, 30),
            "x.json:2:18: not valid JSON: sy");
  EXPECT_EQ(ErrorOf("[]"), "x.json: must be an object {...}");
}

struct Wrong {
  const char* pointer;
  const char* value;
  const char* error;  // begins with
};

class WrongExperiments : public testing::TestWithParam<Wrong> {};

TEST_P(WrongExperiments, AreRefusedWithTheirPlace) {
  const std::string error = ErrorOf(With(GetParam().pointer, GetParam().value));
  EXPECT_TRUE(error.starts_with(GetParam().error)) << error;
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongExperiments,
    testing::Values(
        Wrong{"/controllers", "", "x.json: controllers: is missing"},
        Wrong{"/experiments", "[]", "x.json: experiments: must be a list [...] with at least one"},
        Wrong{"/controllers/0/controller_type", "\"lambda\"",
              "x.json: controllers[0].controller_type: \"lambda\" is not known; it is one of "
              "serverless, mwaa, airflow"},
        Wrong{"/controllers/0/core", "", "x.json: controllers[0].core: is missing"},
        Wrong{"/controllers/0/core/controller_id", "\"a/b\"",
              "x.json: controllers[0].core.controller_id: 'a/b' is not valid"},
        Wrong{"/controllers/1/core/controller_id", "\"serverless\"",
              "x.json: controllers[1]: the id 'serverless' is there twice"},
        Wrong{"/controllers/0/type_specific/base_url", "\"http://x\"",
              "x.json: controllers[0].type_specific.base_url: is not known here"},
        Wrong{"/controllers/0/type_specific/settings/worker/keep_alive", "1",
              "x.json: controllers[0].type_specific.settings.worker.keep_alive: "},
        Wrong{"/controllers/0/type_specific/settings/core", R"({"dags_folder": "/x"})",
              "x.json: controllers[0].type_specific.settings.core.dags_folder: the lab sets"},
        Wrong{"/controllers/1/type_specific/min_workers", "10",
              "x.json: controllers[1].type_specific.min_workers: 10 is more than max_workers, 9"},
        Wrong{"/controllers/1/type_specific/time_scale", "\"1\"",
              "x.json: controllers[1].type_specific.time_scale: must be a number from"},
        Wrong{"/controllers/1/quick", "true", "x.json: controllers[1].quick: must be an object"},
        Wrong{"/controllers/2/type_specific/base_url", "\"host:80\"",
              "x.json: controllers[2].type_specific.base_url: must begin with http://"},
        Wrong{"/controllers/2/type_specific/password", "",
              "x.json: controllers[2].type_specific.password: user and password belong together"},
        Wrong{"/controllers/2/type_specific/token_env", "\"TOKEN\"",
              "x.json: controllers[2].type_specific.user: give one of user, token"},
        Wrong{"/experiments/0/experiment_id", "",
              "x.json: experiments[0].experiment_id: is missing"},
        Wrong{"/experiments/0/perod_seconds", "3",
              "x.json: experiments[0].perod_seconds: is not known here; did you mean "
              "'period_seconds'?"},
        Wrong{"/experiments/0/runs", "0",
              "x.json: experiments[0].runs: must be a whole number from 1 to 100000"},
        Wrong{"/experiments/0/runs", "", "x.json: experiments[0].runs: give runs"},
        Wrong{"/experiments/1/period_seconds", "5",
              "x.json: experiments[1].period_seconds: needs runs"},
        Wrong{"/experiments/0/dag_ids", "[\"a\", 1]", "x.json: experiments[0].dag_ids[1]: must be"},
        Wrong{"/experiments/0/dag_ids", "[\"a\", \"a\"]",
              "x.json: experiments[0].dag_ids[1]: 'a' is there twice"},
        Wrong{"/experiments/0/start", "\"hot\"",
              "x.json: experiments[0].start: \"hot\" is not known; it is one of warm, cold"},
        Wrong{"/experiments/0/quick/runs", "-1", "x.json: experiments[0].runs: must be"}));

TEST(Experiments, AQuickVariantMustExist) {
  Json json = *ParseJson(kComplete);
  json["controllers"][1].erase("quick");
  for (Json& experiment : json["experiments"]) experiment.erase("quick");
  EXPECT_EQ(ErrorOf(DumpJson(json)), "");
  EXPECT_EQ(ErrorOf(DumpJson(json), true),
            "x.json: has no quick variant: nothing in it has a member \"quick\"");
}

TEST(Experiments, MissingFilesAreNamed) {
  const auto file = ReadExperiments("/nowhere/x.json", false);
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().message, "/nowhere/x.json: there is no such file");
}

}  // namespace
}  // namespace beeflow
