#include "worker/attempt_spec.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

Json MinimalAttempt() {
  return {{"attempt_id", "00000000000000a1"},
          {"dag_id", "d"},
          {"task_id", "t"},
          {"log", "x.log"},
          {"run", {{"kind", "bash"}, {"command", "true"}}}};
}

TEST(AttemptSpecTest, ReadsWhatTheWorkerNeeds) {
  Json attempt = MinimalAttempt();
  attempt["execution_timeout"] = 1.5;
  attempt["do_xcom_push"] = false;
  const AttemptSpec spec = ReadAttemptSpec(attempt).value();
  EXPECT_EQ(spec.id, "00000000000000a1");
  EXPECT_EQ(spec.kind, AttemptKind::kBash);
  EXPECT_EQ(spec.execution_timeout, Seconds(1.5));
  EXPECT_FALSE(spec.do_xcom_push);
}

TEST(AttemptSpecTest, NamesTheTaskWhoseExecutorConfigIsWrong) {
  Json attempt = MinimalAttempt();
  attempt["dag_id"] = "sales";
  attempt["task_id"] = "load";
  attempt["executor_config"] = {{"memory_mb", -7}};
  EXPECT_EQ(ReadAttemptSpec(attempt)->refusal,
            "attempt 00000000000000a1 of sales.load: memory_mb is -7; write a number from 0 to "
            "1073741824");
  EXPECT_EQ(ReadAttemptSpec(MinimalAttempt())->refusal, "");
}

TEST(AttemptSpecTest, NamesWhatIsWrong) {
  Json attempt = MinimalAttempt();
  attempt.erase("log");
  EXPECT_EQ(ReadAttemptSpec(attempt).error().message,
            "attempt 00000000000000a1 of d.t: log is missing");
  EXPECT_FALSE(ReadAttemptSpec(Json()).ok());
  EXPECT_FALSE(ReadAttemptSpec(Json::object()).ok());
}

TEST(BashPlanTest, RefusesACommandThatTheKernelWouldCut) {
  EXPECT_FALSE(ReadBashPlan({{"command", std::string("a\0b", 3)}}).ok());
}

TEST(BashPlanTest, SkipsOn99UnlessToldOtherwise) {
  EXPECT_EQ(ReadBashPlan({{"command", "x"}})->skip_exit_codes, std::vector<int>{99});
  EXPECT_TRUE(ReadBashPlan({{"command", "x"}, {"skip_exit_codes", Json::array()}})
                  ->skip_exit_codes.empty());
}

TEST(BashPlanTest, TheEnvironmentOfThePlanWinsOverTheInheritedOne) {
  AttemptSpec spec;
  spec.dag_id = "d";
  BashPlan plan;
  plan.env.emplace()["A"] = "plan";
  plan.append_env = true;
  const auto environment =
      BashEnvironment(spec, plan, {"A=inherited", "B=x=y", "AIRFLOW_CTX_DAG_ID=outer"});
  EXPECT_EQ(std::count(environment.begin(), environment.end(), "A=plan"), 1);
  EXPECT_EQ(std::count(environment.begin(), environment.end(), "B=x=y"), 1);
  EXPECT_EQ(std::count(environment.begin(), environment.end(), "AIRFLOW_CTX_DAG_ID=d"), 1);
  EXPECT_EQ(std::count(environment.begin(), environment.end(), "A=inherited"), 0);
}

TEST(AttemptEndTest, AnXComThatIsTooLargeIsAFailureThatStoresNothing) {
  AttemptSpec spec;
  spec.dag_id = "d";
  spec.task_id = "t";
  AttemptEnd end;
  end.state = AttemptState::kSuccess;
  end.xcoms = {{"a", 1}, {"return_value", "12345678"}};
  end.skip_tasks = {"next"};
  end.more = {{"map_length", 3}};
  RefuseLargeXComs(spec, 10, &end);
  EXPECT_EQ(end.state, AttemptState::kSuccess);
  RefuseLargeXComs(spec, 9, &end);
  EXPECT_EQ(end.state, AttemptState::kFailed);
  EXPECT_EQ(end.reason,
            "XCom 'return_value' of task d.t has 10 bytes of JSON, and [core] max_xcom_bytes "
            "allows 9; store the data in a file or a bucket and hand on its name, or allow more");
  EXPECT_TRUE(end.xcoms.empty() && end.skip_tasks.empty() && end.more.empty());
}

TEST(FinishedTest, AnUnknownStateIsAFailureThatSaysSo) {
  const AttemptEnd end = ReadFinished({{"op", "finished"}, {"state", "odd"}});
  EXPECT_EQ(end.state, AttemptState::kFailed);
  EXPECT_EQ(end.reason, "the environment answered with the state 'odd'");
}

}  // namespace
}  // namespace beeflow
