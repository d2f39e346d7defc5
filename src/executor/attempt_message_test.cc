#include "executor/attempt_message.h"

#include <gtest/gtest.h>

#include "worker/attempt_spec.h"

namespace beeflow {
namespace {

Attempt SomeAttempt() {
  const Json task = {{"task_id", "t"},
                     {"owner", "me"},
                     {"execution_timeout", 1.5},
                     {"do_xcom_push", false},
                     {"run", {{"kind", "bash"}, {"command", "true"}}}};
  Attempt attempt;
  attempt.id = 0xa1;
  attempt.dag =
      DagFromJson({{"version", 1}, {"dag_id", "d"}, {"tasks", Json::array({task})}}).value();
  attempt.run.key = {"d", "manual__2026-01-01T00:00:00+00:00"};
  attempt.run.logical_date = ParseTime("2026-01-01").value();
  attempt.run.conf = R"({"a":[1]})";
  attempt.try_number = 2;
  attempt.max_tries = 3;
  attempt.file = "/dags/d.py";
  attempt.dag_hash = "h";
  return attempt;
}

TEST(AttemptMessageTest, HoldsWhatTheFormatLists) {
  const Json message = AttemptToJson(SomeAttempt(), {});
  EXPECT_EQ(message["attempt_id"], "00000000000000a1");
  EXPECT_EQ(message["run"]["command"], "true");
  EXPECT_EQ(message["conf"], Json({{"a", {1}}}));
  EXPECT_EQ(message["data_interval_start"], Json());
  EXPECT_EQ(message["logical_date"], "2026-01-01T00:00:00+00:00");
  EXPECT_EQ(message["run_type"], "manual");
  EXPECT_EQ(message["version"], "h");
}

TEST(AttemptMessageTest, IsUnderstoodByTheWorker) {
  const AttemptSpec spec = ReadAttemptSpec(AttemptToJson(SomeAttempt(), {})).value();
  EXPECT_EQ(spec.kind, AttemptKind::kBash);
  EXPECT_EQ(spec.execution_timeout, Seconds(1.5));
  EXPECT_EQ(spec.owner, "me");
  EXPECT_FALSE(spec.do_xcom_push);
  EXPECT_EQ(spec.log, "dag_id=d/run_id=manual__2026-01-01T00:00:00+00:00/task_id=t/attempt=2.log");
}

TEST(AttemptMessageTest, ReadsReports) {
  const Report report = ReportFromJson({{"op", "report"},
                                        {"attempt_id", "00000000000000a1"},
                                        {"state", "skipped"},
                                        {"start_date", 1000000},
                                        {"end_date", 2000000},
                                        {"reason", "why"},
                                        {"xcoms", {{"k", {{"v", 1}}}}},
                                        {"skip_tasks", {"x"}}})
                            .value();
  EXPECT_EQ(report.attempt, 0xa1u);
  EXPECT_EQ(report.outcome, Outcome::kSkipped);
  EXPECT_EQ(report.start_date, Time(Duration(1000000)));
  EXPECT_EQ(report.reason, "why");
  ASSERT_EQ(report.xcoms.size(), 1u);
  EXPECT_EQ(report.xcoms[0].second, R"({"v":1})");
  EXPECT_EQ(report.skip_tasks, std::vector<std::string>{"x"});
}

TEST(AttemptMessageTest, RefusesWhatIsNoReport) {
  EXPECT_FALSE(ReportFromJson({{"attempt_id", "x"}, {"state", "success"}}).ok());
  EXPECT_FALSE(ReportFromJson({{"attempt_id", "00000000000000a1"}, {"state", "odd"}}).ok());
}

}  // namespace
}  // namespace beeflow
