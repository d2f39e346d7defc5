// Requests of tasks and their answers, over a real database.
#include "control/answer.h"

#include <gtest/gtest.h>

#include "store/sql/sql_request_store.h"
#include "store/sql/sql_store.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

constexpr const char* kDag = R"({"version": 1, "dag_id": "etl",
  "schedule": {"kind": "cron", "expression": "@daily", "timezone": "UTC"},
  "task_groups": [{"group_id": "load", "parent": null},
                  {"group_id": "load.deep", "parent": "load"}],
  "tasks": [{"task_id": "extract", "downstream": ["load.a"]},
            {"task_id": "load.a", "group": "load", "downstream": ["load.deep.b"]},
            {"task_id": "load.deep.b", "group": "load.deep"}]})";

// Marks what it encrypts.
class MarkingCipher : public SecretCipher {
 public:
  Result<std::string> Encrypt(const std::string& plain) override { return "sealed " + plain; }
  Result<std::string> Decrypt(const std::string& token) override {
    if (token.rfind("sealed ", 0) != 0) return Invalid("it does not fit");
    return token.substr(7);
  }
};

class AnswerTest : public testing::Test {
 protected:
  AnswerTest() {
    ParsedDag dag;
    dag.dag = Taken(DagFromJson(Taken(ParseJson(kDag))));
    dag.data = kDag;
    dag.hash = HashText(kDag);
    ParsedFile file;
    file.path = "/dags/etl.py";
    file.dags = {dag};
    auto store = Taken(sqlite::OpenStore(file_.path(), sqlite::OpenMode::kCreate));
    auto transaction = Taken(store->Begin());
    EXPECT_TRUE(transaction->SyncFile(file, true, Time{}).ok());
    EXPECT_TRUE(transaction->Commit().ok());
    requests_ = Taken(sqlite::OpenAs<SqlRequestStore>(file_.path(), sqlite::OpenMode::kExisting,
                                                      std::make_unique<MarkingCipher>()));
    context_.store = requests_.get();
    context_.now = *ParseTime("2021-03-04T05:06:07");
  }

  Result<Json> Ask(const std::string& method, const std::string& params) {
    return AnswerRequest(context_, method, Taken(ParseJson(params)));
  }
  Json Answer(const std::string& method, const std::string& params) {
    auto answer = Ask(method, params);
    if (answer.ok()) return *answer;
    ADD_FAILURE() << method << ": " << answer.error().message;
    return {};
  }
  std::string Failure(const std::string& method, const std::string& params) {
    const auto answer = Ask(method, params);
    if (!answer.ok()) return answer.error().message;
    ADD_FAILURE() << method << ": " << DumpJson(*answer);
    return "";
  }
  Json Trigger(const std::string& run_id, const std::string& date) {
    return Answer("trigger_dag", R"({"dag_id": "etl", "run_id": ")" + run_id +
                                     R"(", "logical_date": ")" + date + R"("})");
  }

  TempDatabase file_;
  std::unique_ptr<SqlRequestStore> requests_;
  RequestContext context_;
};

TEST_F(AnswerTest, UnknownMethodsAndParametersAreErrors) {
  EXPECT_EQ(Failure("drop_database", "{}"), "unknown request 'drop_database'");
  EXPECT_EQ(Failure("variable_get", "{}"), "variable_get: key is missing");
  EXPECT_EQ(Failure("variable_get", "[]"), "variable_get: is not an object");
  EXPECT_EQ(Failure("xcom_get", R"({"dag_id": "d", "task_id": "t"})"),
            "xcom_get: run_id is missing");
  EXPECT_NE(Failure("run_get", R"({"dag_id": "etl", "logical_date": "soon"})").find("soon"),
            std::string::npos);
}

TEST_F(AnswerTest, Variables) {
  EXPECT_EQ(Answer("variable_get", R"({"key": "k"})"), Json());
  EXPECT_EQ(Answer("variable_set", R"({"key": "k", "value": "[1]", "description": "d"})"), Json());
  EXPECT_EQ(Answer("variable_get", R"({"key": "k"})"), "[1]");  // a Variable is text
  EXPECT_EQ(file_.Edit("SELECT val FROM variable"), "sealed [1]");
  EXPECT_EQ(Answer("variable_delete", R"({"key": "k"})"), true);
  EXPECT_EQ(Answer("variable_delete", R"({"key": "k"})"), false);
}

TEST_F(AnswerTest, ASecretThatCannotBeReadIsNamed) {
  file_.Edit("INSERT INTO variable (key, val, is_encrypted) VALUES ('k', 'rubbish', 1)");
  EXPECT_EQ(Failure("variable_get", R"({"key": "k"})"), "Variable 'k': it does not fit");
}

TEST_F(AnswerTest, Connections) {
  EXPECT_EQ(Answer("connection_get", R"({"conn_id": "c"})"), Json());
  file_.Edit(
      "INSERT INTO connection (conn_id, conn_type, password, port, is_encrypted) VALUES ('c', "
      "'http', 'sealed p', 80, 1)");
  EXPECT_EQ(Answer("connection_get", R"({"conn_id": "c"})"),
            *ParseJson(R"({"conn_id": "c", "conn_type": "http", "description": null, "host": null,
              "schema": null, "login": null, "password": "p", "port": 80, "extra": null})"));
}

TEST_F(AnswerTest, XComs) {
  const std::string where = R"("dag_id": "etl", "run_id": "r", "task_id": "extract", "key": "k")";
  Trigger("r", "2021-01-01");
  EXPECT_EQ(Answer("xcom_get", "{" + where + "}"), Json());
  Answer("xcom_set", "{" + where + R"(, "value": {"a": [1, null]}})");
  EXPECT_EQ(Answer("xcom_get", "{" + where + R"(, "map_index": -1})"),
            *ParseJson(R"({"a": [1, null]})"));
  Answer("xcom_set", "{" + where + R"(, "map_index": 3, "value": "three"})");
  EXPECT_EQ(Answer("xcom_get_all", "{" + where + "}"),
            *ParseJson(R"([[-1, {"a": [1, null]}], [3, "three"]])"));
  const std::string any = R"({"dag_id": "etl", "run_id": "r", "task_id": "extract", "key": null)";
  EXPECT_EQ(Answer("xcom_get", any + R"(, "map_index": 3})"), "three");
  EXPECT_EQ(Answer("xcom_get_all", any + "}").size(), 2U);
  Answer("xcom_clear", R"({"dag_id": "etl", "run_id": "r", "task_id": "extract"})");
  EXPECT_EQ(Answer("xcom_get_all", "{" + where + "}").size(), 1U);
}

TEST_F(AnswerTest, ThePriorXComMayBeOfAnEarlierRun) {
  Trigger("r1", "2021-01-01");
  Trigger("r2", "2021-01-02");
  Answer("xcom_set", R"({"dag_id": "etl", "run_id": "r1", "task_id": "extract", "value": 1})");
  EXPECT_EQ(Answer("xcom_get_prior", R"({"dag_id": "etl", "logical_date": "2021-01-02",
                    "task_id": "extract", "map_index": -1, "key": "return_value"})"),
            1);
}

TEST_F(AnswerTest, AnXComThatIsTooLargeSaysWhatToDo) {
  Trigger("r", "2021-01-01");
  context_.max_xcom_bytes = 10;
  EXPECT_EQ(Failure("xcom_set", R"({"dag_id": "etl", "run_id": "r", "task_id": "extract",
                     "key": "k", "value": "0123456789"})"),
            "XCom 'k' of task etl.extract has 12 bytes of JSON, and [core] max_xcom_bytes allows "
            "10; store the data in a file or a bucket and hand on its name, or allow more");
  EXPECT_EQ(file_.Edit("SELECT count(*) FROM xcom"), "0");
}

TEST_F(AnswerTest, TriggerMakesARunOfTheTimetablesInterval) {
  const Json run = Answer("trigger_dag", R"({"dag_id": "etl", "run_id": null,
                          "logical_date": null, "conf": {"n": 1}, "reset": false})");
  EXPECT_EQ(run["run_id"], "manual__2021-03-04T05:06:07+00:00");
  EXPECT_EQ(run["state"], "queued");
  EXPECT_EQ(run["run_type"], "manual");
  EXPECT_EQ(run["conf"]["n"], 1);
  EXPECT_EQ(run["data_interval_start"], "2021-03-03T00:00:00+00:00");
  EXPECT_EQ(run["external_trigger"], true);
  EXPECT_EQ(
      Answer("run_get", R"({"dag_id": "etl", "run_id": "manual__2021-03-04T05:06:07+00:00"})"),
      run);
}

TEST_F(AnswerTest, TriggerChecksConfAgainstTheParams) {
  file_.Edit(
      R"(UPDATE serialized_dag SET data = json_set(data, '$.params', json('{"n": 1}'),
      '$.params_schema', json('{"n": {"type": "integer"}}')))");
  EXPECT_EQ(Failure("trigger_dag", R"({"dag_id": "etl", "conf": {"n": "x"}})"),
            "DAG 'etl': Invalid input for param 'n': \"x\" is not of type integer");
  EXPECT_EQ(file_.Edit("SELECT count(*) FROM dag_run"), "0");
  Answer("trigger_dag", R"({"dag_id": "etl", "conf": {"n": 2}})");
}

TEST_F(AnswerTest, TriggerAsksNobodyWhereTheTimetableIsNotTheAuthors) {
  const auto question = FindQuestion(context_, "trigger_dag", *ParseJson(R"({"dag_id": "etl"})"));
  EXPECT_TRUE(question.ok() && !question->has_value());
}

TEST_F(AnswerTest, TriggerTakesTheIntervalOfTheAuthorsTimetable) {
  const Json params = *ParseJson(R"({"dag_id": "etl", "logical_date": "2021-01-02"})");
  EXPECT_FALSE(FindQuestion(context_, "dag_get", params)->has_value());
  file_.Edit(
      R"(UPDATE serialized_dag SET data = json_set(data, '$.schedule',
      json('{"kind": "custom", "class": "mine.Odd"}')))");
  const auto question = FindQuestion(context_, "trigger_dag", params);
  ASSERT_TRUE(question.ok() && question->has_value());
  EXPECT_EQ((*question)->file, "/dags/etl.py");
  EXPECT_EQ((*question)->run_after, *ParseTime("2021-01-02"));
  context_.manual_interval = DataInterval{*ParseTime("2020-12-01"), *ParseTime("2020-12-31")};
  const Json run = Taken(AnswerRequest(context_, "trigger_dag", params));
  EXPECT_EQ(run["data_interval_start"], "2020-12-01T00:00:00+00:00");
  EXPECT_EQ(run["data_interval_end"], "2020-12-31T00:00:00+00:00");
}

TEST_F(AnswerTest, TriggerTellsWhatExistsAndWhatIsMissing) {
  EXPECT_EQ(Failure("trigger_dag", R"({"dag_id": "none"})"), "not found: there is no DAG none");
  Trigger("r", "2021-01-01");
  for (const char* other : {R"({"dag_id": "etl", "run_id": "r", "logical_date": "2021-02-02"})",
                            R"({"dag_id": "etl", "run_id": "s", "logical_date": "2021-01-01"})"}) {
    EXPECT_EQ(Failure("trigger_dag", other).rfind("exists: ", 0), 0U) << other;
  }
  file_.Edit("UPDATE dag SET is_active = 0");
  EXPECT_EQ(Failure("trigger_dag", R"({"dag_id": "etl"})").rfind("not found: ", 0), 0U);
}

TEST_F(AnswerTest, TriggerWithResetClearsTheRunThatExists) {
  Trigger("r", "2021-01-01");
  file_.Edit(
      "UPDATE dag_run SET state = 'success'; INSERT INTO task_instance (dag_id, run_id, task_id,"
      " state, try_number) VALUES ('etl', 'r', 'extract', 'success', 1)");
  const Json run = Answer("trigger_dag", R"({"dag_id": "etl", "run_id": "r",
                          "logical_date": "2021-01-01", "reset": true})");
  EXPECT_EQ(run["run_id"], "r");
  EXPECT_EQ(run["state"], "queued");
  EXPECT_EQ(file_.Edit("SELECT state FROM task_instance"), "NULL");
}

TEST_F(AnswerTest, RunsByDateAndByState) {
  Trigger("r1", "2021-01-01");
  Trigger("r2", "2021-01-02");
  file_.Edit("UPDATE dag_run SET state = 'failed' WHERE run_id = 'r2'");
  EXPECT_EQ(Answer("run_get", R"({"dag_id": "etl", "run_id": null,
                    "logical_date": "2021-01-02T00:00:00+00:00"})")["run_id"],
            "r2");
  EXPECT_EQ(Answer("run_get", R"({"dag_id": "etl", "run_id": "none"})"), Json());
  const std::string before = R"({"dag_id": "etl", "logical_date": "9999-12-31T23:59:59+00:00")";
  EXPECT_EQ(Answer("run_previous", before + R"(, "state": null})")["run_id"], "r2");
  EXPECT_EQ(Answer("run_previous", before + R"(, "state": "queued"})")["run_id"], "r1");
  EXPECT_EQ(Answer("run_previous", before + R"(, "state": "skipped"})"), Json());

  const std::string count = R"({"dag_id": "etl", "run_ids": null, "logical_dates": )";
  EXPECT_EQ(Answer("run_count", count + R"(null, "states": null})"), 2);
  EXPECT_EQ(Answer("run_count", count + R"(["2021-01-02"], "states": ["failed", "skipped"]})"), 1);
  EXPECT_EQ(Answer("run_count", count + R"(null, "states": ["skipped"]})"), 0);
}

TEST_F(AnswerTest, TaskStates) {
  Trigger("r", "2021-01-01");
  file_.Edit(
      "INSERT INTO task_instance (dag_id, run_id, task_id, state, try_number) VALUES"
      " ('etl', 'r', 'extract', 'success', 1), ('etl', 'r', 'load.a', NULL, 0),"
      " ('etl', 'r', 'load.deep.b', 'failed', 2)");
  const std::string run = R"({"dag_id": "etl", "run_id": "r", "logical_dates": null)";
  const Json all = Answer("task_states", run + R"(, "task_ids": null, "group": null})");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0], *ParseJson(R"({"run_id": "r", "logical_date": "2021-01-01T00:00:00+00:00",
                     "task_id": "extract", "map_index": -1, "state": "success", "try_number": 1,
                     "start_date": null, "end_date": null})"));
  EXPECT_EQ(all[1]["state"], Json());
  EXPECT_EQ(Answer("task_states", run + R"(, "task_ids": ["extract"]})").size(), 1U);
  EXPECT_EQ(Answer("task_states", run + R"(, "group": "load"})").size(), 2U);
  EXPECT_EQ(Answer("task_states", run + R"(, "group": "load.deep"})")[0]["task_id"], "load.deep.b");
  EXPECT_EQ(Failure("task_states", run + R"(, "group": "none"})"),
            "DAG etl has no task group none");
  EXPECT_EQ(Failure("task_states", R"({"dag_id": "etl"})"),
            "task_states: run_id or logical_dates must be given");
}

TEST_F(AnswerTest, Dags) {
  EXPECT_EQ(Answer("dag_get", R"({"dag_id": "etl"})"),
            *ParseJson(R"({"dag_id": "etl", "is_paused": true, "file": "/dags/etl.py",
              "task_ids": ["extract", "load.a", "load.deep.b"],
              "groups": ["load", "load.deep"]})"));
  EXPECT_EQ(Answer("dag_get", R"({"dag_id": "none"})"), Json());
}

TEST_F(AnswerTest, Pools) {
  EXPECT_EQ(Answer("pool_get", R"({"pool": "default_pool"})")["slots"], 128);
  EXPECT_EQ(Answer("pool_get", R"({"pool": "none"})"), Json());
}

TEST_F(AnswerTest, DatasetEvents) {
  Trigger("r", "2021-01-01");
  file_.Edit(
      "INSERT INTO dataset (id, uri, created_at, updated_at) VALUES (1, 's3://a', '', '');"
      "INSERT INTO dataset_event (id, dataset_id, extra, source_dag_id, source_task_id,"
      " source_run_id, timestamp) VALUES (1, 1, '{\"n\": 2}', 'p', 't', 'q',"
      " '2021-01-02 00:00:00.000000');"
      "INSERT INTO dagrun_dataset_event (dag_run_id, event_id) SELECT id, 1 FROM dag_run");
  const Json expected = *ParseJson(R"([{"uri": "s3://a", "extra": {"n": 2},
    "timestamp": "2021-01-02T00:00:00+00:00", "source_dag_id": "p", "source_task_id": "t",
    "source_run_id": "q", "source_map_index": -1}])");
  EXPECT_EQ(Answer("dataset_events", R"({"uri": "s3://a"})"), expected);
  EXPECT_EQ(Answer("dataset_events", R"({"uri": "s3://b"})"), Json::array());
  EXPECT_EQ(Answer("triggering_events", R"({"dag_id": "etl", "run_id": "r"})"), expected);
  EXPECT_EQ(Answer("dataset_events", R"({"alias": "a"})"), Json::array());
  file_.Edit(
      "INSERT INTO dataset_alias (id, name) VALUES (7, 'a');"
      "INSERT INTO dataset_alias_dataset_event (alias_id, event_id) VALUES (7, 1)");
  EXPECT_EQ(Answer("dataset_events", R"({"alias": "a"})"), expected);
}

}  // namespace
}  // namespace beeflow
