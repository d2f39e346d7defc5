#include "lab/result_set.h"

#include <gtest/gtest.h>

#include "lab/csv_table.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

constexpr char kRunHeader[] = "dag_id,run_id,state,execution_date,start_date,end_date\n";
constexpr char kTaskHeader[] = "dag_id,run_id,task_id,state,start_date,end_date\n";

std::string RunFile(const std::string& date) {
  return "mwaa/export/dagrun/dt=" + date + "/dagrun.csv";
}
std::string TaskFile(const std::string& date) {
  return "mwaa/export/taskinstance/dt=" + date + "/taskinstance.csv";
}
std::string RunRow(const std::string& run_id, const std::string& start) {
  return "d," + run_id + ",success,2024-01-01 00:00:00," + start + ",2024-01-02 00:00:00\n";
}

class ReadResultsTest : public testing::Test {
 protected:
  ResultSet ReadOne() {
    auto sets = ReadResults(folder_.path());
    EXPECT_TRUE(sets.ok()) << sets.error().message;
    if (!sets.ok() || sets->size() != 1) return {};
    return std::move(sets->front());
  }
  std::string ErrorMessage() {
    const auto sets = ReadResults(folder_.path());
    EXPECT_FALSE(sets.ok());
    return sets.ok() ? "" : sets.error().message;
  }

  TempFolder folder_;
};

TEST_F(ReadResultsTest, ReadsWhatAirflowItselfWrites) {
  // Columns shuffled, attributes of its classes instead of columns, Python's words, whole numbers
  // as a data frame with gaps writes them, times in several forms.
  folder_.Write(
      "airflow/export/dag_run/dt=2024-05-01/dag_run.csv",
      "\xEF\xBB\xBF_state,run_id,end_date,start_date,execution_date,conf,dag_id,queued_at,"
      "run_type,id,external_trigger\r\n"
      "success,\"scheduled__2024-01-01T00:00:00+00:00\",2024-01-01T00:00:30.5+00:00,"
      "2024-01-01 00:00:10+00,2024-01-01,\"b'\\x80\\x04}\"\"'\",etl,"
      "2024-01-01 01:00:00.25+01:00,scheduled,7,False\r\n"
      "running,manual__x,None,2024-01-01 02:00:00,2024-01-01 02:00:00,{},etl,,,8,True");
  folder_.Write("airflow/export/task_instance/dt=2024-05-01/task_instance.csv",
                "operator,_try_number,try_number,task_id,dag_id,run_id,state,start_date,end_date,"
                "duration,pid,map_index,pool,unknown\n"
                "BashOperator,2.0,3,load,etl,scheduled__2024-01-01T00:00:00+00:00,success,"
                "2024-01-01 00:00:12.000001,2024-01-01 00:00:20.000001,8.0,nan,-1,None,\"a\nb\"\n"
                "None,0,1,next,etl,scheduled__2024-01-01T00:00:00+00:00,None,NaT,,,,0,p,\n");
  const ResultSet set = ReadOne();
  EXPECT_EQ(set.system, "airflow");
  EXPECT_TRUE(set.dags.empty());
  ASSERT_EQ(set.runs.size(), 2U);
  const RunRecord& run = set.runs[0].run;
  EXPECT_EQ(run.state, RunState::kSuccess);
  EXPECT_EQ(run.type, RunType::kScheduled);
  EXPECT_EQ(FormatIso(*run.queued_at), "2024-01-01T00:00:00.250000+00:00");
  EXPECT_EQ(FormatIso(*run.start_date), "2024-01-01T00:00:10+00:00");
  EXPECT_EQ(FormatIso(*run.end_date), "2024-01-01T00:00:30.500000+00:00");
  EXPECT_EQ(FormatIso(run.logical_date), "2024-01-01T00:00:00+00:00");
  EXPECT_EQ(run.conf, "{}");
  EXPECT_EQ(set.runs[1].run.type, RunType::kManual);
  EXPECT_TRUE(set.runs[1].run.external_trigger);
  EXPECT_FALSE(set.runs[1].run.end_date.has_value());
  ASSERT_EQ(set.runs[0].tasks.size(), 2U);
  const TaskInfo& load = set.runs[0].tasks[0];
  EXPECT_EQ(load.record.task_id, "load");
  EXPECT_EQ(load.record.try_number, 2);
  EXPECT_EQ(load.duration, 8);
  EXPECT_EQ(load.pool, "");
  const TaskInfo& next = set.runs[0].tasks[1];
  EXPECT_EQ(next.record.state, TaskState::kNone);
  EXPECT_EQ(next.record.map_index, 0);
  EXPECT_EQ(next.operator_name, "");
  EXPECT_FALSE(next.record.start_date.has_value());
}

TEST_F(ReadResultsTest, TheLatestExportOfARowCounts) {
  folder_.Write(RunFile("2024-01-01_10-00"), kRunHeader + RunRow("late", "2024-01-01 05:00:00") +
                                                 RunRow("early", "2024-01-01 03:00:00"));
  folder_.Write(RunFile("2024-01-01_09-00"), kRunHeader + RunRow("late", "2024-01-01 01:00:00") +
                                                 RunRow("gone", "2024-01-01 04:00:00"));
  const std::string header = kTaskHeader;
  folder_.Write(TaskFile("2024-01-01_09-00"), header + "d,late,a,running,,\nd,late,b,queued,,\n");
  folder_.Write(TaskFile("2024-01-01_10-00"),
                header + "d,late,c,failed,,\nd,late,a,success,,\nd,deleted,a,success,,\n");
  const ResultSet set = ReadOne();
  ASSERT_EQ(set.runs.size(), 3U);
  EXPECT_EQ(set.runs[0].run.key.run_id, "early");
  EXPECT_EQ(set.runs[1].run.key.run_id, "gone");
  EXPECT_EQ(set.runs[2].run.key.run_id, "late");
  const auto& tasks = set.runs[2].tasks;
  ASSERT_EQ(tasks.size(), 3U);
  EXPECT_EQ(tasks[0].record.state, TaskState::kSuccess);
  EXPECT_EQ(tasks[1].record.state, TaskState::kQueued);
  EXPECT_EQ(tasks[2].record.state, TaskState::kFailed);
}

TEST_F(ReadResultsTest, MakesDagsOfTheirTasks) {
  folder_.Write(RunFile("2024"), kRunHeader);
  folder_.Write("mwaa/export/dagtask/dt=2024/dagtask.csv",
                "dag_id,task_id,operator,queue,pool,upstream_task_ids\r\n"
                "d,a,BashOperator,default,small,\r\nd,b,BashOperator,pool,default_pool,a\r\n"
                "d,c,EmptyOperator,default,default_pool,a b\r\n");
  const ResultSet set = ReadOne();
  EXPECT_TRUE(set.runs.empty());
  ASSERT_EQ(set.dags.count("d"), 1U);
  const Dag& dag = *set.dags.at("d");
  ASSERT_EQ(dag.tasks.size(), 3U);
  const Task& c = dag.tasks[*dag.Find("c")];
  EXPECT_EQ(c.upstream.size(), 2U);
  EXPECT_EQ(c.operator_name, "EmptyOperator");
  EXPECT_EQ(dag.tasks[*dag.Find("a")].downstream.size(), 2U);
  EXPECT_EQ(dag.tasks[*dag.Find("a")].pool, "small");
  EXPECT_EQ(dag.tasks[*dag.Find("b")].queue, "pool");
}

TEST_F(ReadResultsTest, RefusesADagWithoutItsTasks) {
  folder_.Write(RunFile("2024"), kRunHeader);
  folder_.Write("mwaa/export/dagtask/dagtask.csv", "dag_id,task_id,upstream_task_ids\nd,b,a\n");
  EXPECT_NE(ErrorMessage().find("dagtask.csv: DAG d, task b: its upstream task 'a' has no row"),
            std::string::npos);
}

TEST_F(ReadResultsTest, ReadsWhatAttemptsTook) {
  folder_.Write(RunFile("2024"), kRunHeader + RunRow("r", "2024-01-01 00:00:00"));
  folder_.Write("mwaa/export/attempt/dt=2024/attempt.csv",
                "dag_id,run_id,task_id,map_index,try_number,attempt_id,state,start_type,"
                "queue_seconds,memory_bytes,exit_code,reason\n"
                "d,r,a,-1,1,00000000000000aa,failed,cold,0.25,1048576,1,\"exit code 1, as told\"\n"
                "d,r,a,-1,2,00000000000000ab,success,warm,,,,\n");
  const ResultSet set = ReadOne();
  ASSERT_EQ(set.runs.size(), 1U);
  ASSERT_EQ(set.runs[0].attempts.size(), 2U);
  const AttemptInfo& first = set.runs[0].attempts[0];
  EXPECT_EQ(first.usage.start_type, "cold");
  EXPECT_EQ(first.usage.queue_seconds, 0.25);
  EXPECT_EQ(first.usage.memory_bytes, 1048576);
  EXPECT_EQ(first.usage.exit_code, 1);
  EXPECT_EQ(first.reason, "exit code 1, as told");
  EXPECT_FALSE(set.runs[0].attempts[1].usage.memory_bytes.has_value());
}

TEST_F(ReadResultsTest, FindsEverySystemBelowAFolder) {
  for (const char* system : {"two/mwaa", "one/serverless"}) {
    folder_.Write(std::string(system) + "/export/dagrun/dagrun.csv",
                  kRunHeader + RunRow("r", "2024-01-01 00:00:00"));
  }
  const auto sets = ReadResults(folder_.path());
  ASSERT_TRUE(sets.ok());
  ASSERT_EQ(sets->size(), 2U);
  EXPECT_EQ((*sets)[0].system, "serverless");
  EXPECT_EQ((*sets)[1].system, "mwaa");
  const auto one = ReadResults(folder_ / "two/mwaa/export");
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->front().system, "mwaa");
}

TEST_F(ReadResultsTest, NamesFileLineAndColumnOfWhatIsWrong) {
  const std::string file = folder_.Write(
      RunFile("2024"), kRunHeader + RunRow("r", "2024-01-01 00:00:00") + RunRow("s", "soon"));
  EXPECT_EQ(ErrorMessage(), file +
                                ":3: column start_date: 'soon' is not a time; write it as "
                                "2021-01-31 15:00:00.000000+00:00");
  folder_.Write(RunFile("2024"), kRunHeader + std::string("d,r,odd,,,\n"));
  EXPECT_NE(ErrorMessage().find(":2: column state: 'odd' is not the state of a run"),
            std::string::npos);
  folder_.Write(RunFile("2024"), kRunHeader + std::string("d,,success,,,\n"));
  EXPECT_NE(ErrorMessage().find(":2: column run_id: '' is not an id"), std::string::npos);
  folder_.Write(RunFile("2024"), "dag_id,run_id,start_date,end_date\n");
  EXPECT_NE(ErrorMessage().find(":1: there is no column 'state' or '_state'"), std::string::npos);
  folder_.Write(RunFile("2024"), kRunHeader + std::string("d,r,success\n"));
  EXPECT_NE(ErrorMessage().find(":2: has 3 cells where the header has 6 columns"),
            std::string::npos);
  folder_.Write(RunFile("2024"), "");
  EXPECT_NE(ErrorMessage().find("is empty"), std::string::npos);
}

TEST_F(ReadResultsTest, WithoutAnExportNothingIsFound) {
  EXPECT_NE(ErrorMessage().find("there is no export at or below it"), std::string::npos);
  folder_.Write(TaskFile("2024"), kTaskHeader);
  EXPECT_NE(ErrorMessage().find("there is no table dagrun"), std::string::npos);
  EXPECT_EQ(ReadResults(folder_ / "missing").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace beeflow
