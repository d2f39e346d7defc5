#include <gtest/gtest.h>

#include "store/sql/sql_overview.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

// Writes the rows by hand: what is shown of them must not depend on who wrote them.
class OverviewTest : public testing::Test {
 protected:
  void AddDag(const std::string& dag_id) {
    file_.Edit("INSERT INTO dag (dag_id, fileloc, owners) VALUES ('" + dag_id + "', '/d/" + dag_id +
               ".py', 'ann, bob')");
  }
  void AddRun(const std::string& dag_id, const std::string& run_id, const std::string& day,
              const std::string& state = "success") {
    file_.Edit("INSERT INTO dag_run (dag_id, run_id, execution_date, state) VALUES ('" + dag_id +
               "', '" + run_id + "', '" + day + " 00:00:00.000000', '" + state + "')");
  }
  // `values`: state, start_date, end_date, duration, try_number
  void AddTask(const std::string& run_id, const std::string& task_id, int map_index,
               const std::string& values) {
    file_.Edit(
        "INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state, start_date,"
        " end_date, duration, try_number) VALUES ('a', '" +
        run_id + "', '" + task_id + "', " + std::to_string(map_index) + ", " + values + ")");
  }
  void AddAttempt(const std::string& task_id, const std::string& attempt_id,
                  const std::string& start_type, const std::string& start) {
    file_.Edit(
        "INSERT INTO attempt (dag_id, run_id, task_id, try_number, attempt_id, start_type,"
        " start_date) VALUES ('a', 'r', '" +
        task_id + "', 1, '" + attempt_id + "', '" + start_type + "', '" + start + "')");
  }

  TempDatabase file_;
  std::unique_ptr<SqlOverview> overview_ =
      Taken(sqlite::OpenAs<SqlOverview>(file_.path(), sqlite::OpenMode::kCreate));
};

TEST_F(OverviewTest, ShowsTheNewestRunsOfEachDagOldestFirst) {
  AddDag("a");
  AddDag("b");
  AddRun("a", "late", "2026-01-03", "running");
  AddRun("a", "old", "2026-01-01");
  AddRun("a", "middle", "2026-01-02", "failed");
  AddRun("gone", "r", "2026-01-02");  // its DAG is no more
  AddTask("late", "x", -1, "'running', NULL, NULL, NULL, 1");
  AddTask("late", "y", -1, "NULL, NULL, NULL, NULL, 0");
  AddTask("late", "z", -1, "NULL, NULL, NULL, NULL, 0");
  AddTask("old", "x", -1, "'success', NULL, NULL, NULL, 1");
  file_.Edit("INSERT INTO dag_tag (dag_id, name) VALUES ('a', 'two'), ('a', 'one')");
  const auto dags = Taken(overview_->Dags(2));
  ASSERT_EQ(dags.size(), 2U);
  EXPECT_EQ(dags[0].owners, (std::vector<std::string>{"ann", "bob"}));
  EXPECT_EQ(dags[0].tags, (std::vector<std::string>{"one", "two"}));
  ASSERT_EQ(dags[0].runs.size(), 2U);
  EXPECT_EQ(dags[0].runs[0].run_id, "middle");
  EXPECT_EQ(dags[0].runs[1].run_id, "late");
  EXPECT_EQ(dags[0].run_states, (std::map<std::string, int64_t>{{"running", 1}}));
  EXPECT_EQ(dags[0].task_states, (std::map<std::string, int64_t>{{"", 2}, {"running", 1}}));
  EXPECT_TRUE(dags[1].runs.empty());
}

TEST_F(OverviewTest, GridHasACellForEachRunAndTask) {
  AddDag("a");
  AddRun("a", "one", "2026-01-01");
  AddRun("a", "two", "2026-01-02");
  AddTask("one", "x", -1, "'success', '2026-01-01 00:00:01', '2026-01-01 00:00:02', 1, 2");
  AddTask("two", "x", -1, "NULL, NULL, NULL, NULL, 0");
  AddTask("two", "added", -1, "'running', '2026-01-02 00:00:01', NULL, NULL, 1");
  const RunGrid grid = Taken(overview_->Grid({"a"}));
  ASSERT_EQ(grid.runs.size(), 2U);
  EXPECT_EQ(grid.runs[0].record.key.run_id, "one");
  const auto& x = grid.cells.at("x");
  ASSERT_TRUE(x[0] && x[1]);
  EXPECT_EQ(x[0]->state, TaskState::kSuccess);
  EXPECT_EQ(x[0]->try_number, 2);
  EXPECT_EQ(x[0]->duration, Seconds(1));
  EXPECT_TRUE(x[0]->instances.empty());
  EXPECT_EQ(x[1]->state, TaskState::kNone);
  const auto& added = grid.cells.at("added");
  EXPECT_FALSE(added[0]);
  EXPECT_TRUE(added[1]->start);
  EXPECT_FALSE(added[1]->duration);
}

TEST_F(OverviewTest, AMappedTaskIsOneCellWithTheStateThatMostNeedsALook) {
  AddDag("a");
  AddRun("a", "one", "2026-01-01");
  AddRun("a", "two", "2026-01-02");
  AddTask("one", "x", 0, "'success', '2026-01-01 00:00:02', '2026-01-01 00:00:03', 1, 1");
  AddTask("one", "x", 1, "'failed', '2026-01-01 00:00:01', '2026-01-01 00:00:05', 4, 3");
  AddTask("one", "x", 2, "'success', '2026-01-01 00:00:02', '2026-01-01 00:00:04', 2, 1");
  AddTask("two", "x", 0, "'running', '2026-01-02 00:00:01', NULL, NULL, 1");
  AddTask("two", "x", 1, "'success', '2026-01-02 00:00:01', '2026-01-02 00:00:02', 1, 1");
  const RunGrid grid = Taken(overview_->Grid({"a"}));
  const auto& cells = grid.cells.at("x");
  EXPECT_EQ(cells[0]->state, TaskState::kFailed);
  EXPECT_EQ(cells[0]->try_number, 3);
  EXPECT_EQ(cells[0]->duration, Seconds(4));
  EXPECT_EQ(cells[0]->instances, (std::vector<std::pair<TaskState, int>>{{TaskState::kSuccess, 2},
                                                                         {TaskState::kFailed, 1}}));
  EXPECT_EQ(cells[1]->state, TaskState::kRunning);
  EXPECT_FALSE(cells[1]->duration) << "one instance has not ended";
}

TEST_F(OverviewTest, GridIsFiltered) {
  AddDag("a");
  AddRun("a", "one", "2026-01-01");
  AddRun("a", "two", "2026-01-02", "failed");
  AddRun("a", "three", "2026-01-03", "failed");
  GridFilter filter{"a"};
  filter.states = {RunState::kFailed};
  filter.before = *ParseTime("2026-01-03");
  const RunGrid grid = Taken(overview_->Grid(filter));
  ASSERT_EQ(grid.runs.size(), 1U);
  EXPECT_EQ(grid.runs[0].record.key.run_id, "two");
  filter = GridFilter{"a"};
  filter.runs_max = 1;
  EXPECT_EQ(Taken(overview_->Grid(filter)).runs[0].record.key.run_id, "three");
  EXPECT_TRUE(Taken(overview_->Grid({"nope"})).runs.empty());
}

TEST_F(OverviewTest, TriesIncludeTheOneThatLives) {
  AddDag("a");
  AddRun("a", "r", "2026-01-01");
  AddTask("r", "x", -1, "'running', '2026-01-01 00:00:05', NULL, NULL, 2");
  AddTask("r", "y", -1, "'success', NULL, NULL, NULL, 1");
  file_.Edit(
      "UPDATE task_instance SET external_executor_id = '00000000000000ab'"
      " WHERE task_id = 'x'");
  AddAttempt("x", "00000000000000aa", "cold", "2026-01-01 00:00:01.000000");
  AddAttempt("removed", "00000000000000ac", "cold", "2026-01-01 00:00:01.000000");
  const auto all = Taken(overview_->Tries({"a", "r"}, std::nullopt));
  ASSERT_EQ(all.size(), 2U);
  ASSERT_EQ(all[0].attempts.size(), 2U);
  EXPECT_EQ(all[0].attempts[0].usage.start_type, "cold");
  EXPECT_EQ(all[0].attempts[1].attempt_id, "00000000000000ab");
  EXPECT_EQ(all[0].attempts[1].state, "running");
  EXPECT_TRUE(all[1].attempts.empty());
  EXPECT_EQ(Taken(overview_->Tries({"a", "r"}, "y")).size(), 1U);
  EXPECT_EQ(overview_->Tries({"a", "nope"}, std::nullopt).error().code, ErrorCode::kNotFound);
}

TEST_F(OverviewTest, CalendarCountsRunsByDayAndState) {
  AddDag("a");
  AddRun("a", "one", "2026-01-01");
  file_.Edit(
      "INSERT INTO dag_run (dag_id, run_id, execution_date, state)"
      " VALUES ('a', 'noon', '2026-01-01 12:00:00.000000', 'success')");
  AddRun("a", "two", "2026-01-02", "failed");
  const auto days = Taken(overview_->Calendar("a"));
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(days[0].date, "2026-01-01");
  EXPECT_EQ(days[0].states, (std::map<std::string, int64_t>{{"success", 2}}));
}

TEST_F(OverviewTest, KeepsTheNewestVersionsOfASource) {
  AddDag("a");
  const auto set = [this](int minute) {
    const std::string text = "'2026-01-01 00:" + std::to_string(minute) + ":00.000000'";
    file_.Edit("INSERT INTO dag_code (fileloc, last_updated, source_code) VALUES ('/d/a.py', " +
               text + ", 'v" + std::to_string(minute) + "') ON CONFLICT (fileloc) DO UPDATE SET" +
               " last_updated = excluded.last_updated, source_code = excluded.source_code");
  };
  EXPECT_TRUE(Taken(overview_->SourceTimes("a")).empty());
  set(10);
  set(11);
  const auto times = Taken(overview_->SourceTimes("a"));
  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(FormatSql(times[0]), "2026-01-01 00:11:00.000000");
  EXPECT_EQ(Taken(overview_->SourceSince("a", times[0])), "v11");
  EXPECT_EQ(Taken(overview_->SourceSince("a", times[1])), "v10");
  for (int minute = 12; minute < 60; ++minute) set(minute);
  EXPECT_EQ(Taken(overview_->SourceTimes("a")).size(), 50U);
  EXPECT_EQ(Taken(overview_->SourceSince("a", times[1])), "v10");
  file_.Edit(
      "UPDATE dag_code SET last_updated = '2026-01-01 01:00:00.000000', source_code = 'v60'");
  EXPECT_EQ(Taken(overview_->SourceTimes("a")).size(), 50U);
  EXPECT_EQ(overview_->SourceSince("a", times[1]).error().code, ErrorCode::kNotFound);
}

TEST_F(OverviewTest, StartsAreCountedByMinuteAndForgottenAfterAWeek) {
  AddRun("a", "r", "2026-01-01");
  AddAttempt("x", "1", "cold", "2026-01-01 00:00:01.000000");
  AddAttempt("x", "2", "warm", "2026-01-10 10:00:01.000000");
  AddAttempt("x", "3", "warm", "2026-01-10 10:00:59.999999");
  AddAttempt("x", "4", "direct", "2026-01-10 10:01:00.000000");
  const auto minutes = Taken(overview_->Starts(*ParseTime("2026-01-01")));
  ASSERT_EQ(minutes.size(), 2U);
  EXPECT_EQ(minutes[0].minute, *ParseTime("2026-01-10T10:00"));
  EXPECT_EQ(minutes[0].warm, 2);
  EXPECT_EQ(minutes[1].direct, 1);
  EXPECT_EQ(Taken(overview_->Starts(*ParseTime("2026-01-10T10:01:30"))).size(), 1U);
}

class SearchTest : public OverviewTest {
 protected:
  void SetUp() override {
    AddDag("etl");
    AddDag("my_etl");
    AddDag("secret_etl");
    AddRun("etl", "manual__etl", "2026-01-01");
    file_.Edit(
        "INSERT INTO serialized_dag (dag_id, fileloc, data, last_updated, dag_hash,"
        " is_latest) VALUES ('my_etl', '/d', '{\"tasks\": [{\"task_id\": \"Etl_step\","
        " \"operator\": \"BashOperator\"}, {\"task_id\": \"other\"}]}', '', 'h', 1)");
    file_.Edit("INSERT INTO variable (key, val) VALUES ('etl_100%', 'v')");
    query_.may_see_dag = [](const std::string& dag_id) { return dag_id != "secret_etl"; };
  }
  std::vector<std::string> Names(const std::string& text) {
    query_.text = text;
    std::vector<std::string> names;
    for (const Found& found : Taken(overview_->Search(query_))) names.push_back(found.name);
    return names;
  }
  SearchQuery query_;
};

TEST_F(SearchTest, WholeNamesComeFirstThenBeginningsThenParts) {
  EXPECT_EQ(Names("ETL"),
            (std::vector<std::string>{"etl", "Etl_step", "etl_100%", "my_etl", "manual__etl"}));
  query_.results_max = 2;
  EXPECT_EQ(Names("etl").size(), 2U);
}

TEST_F(SearchTest, PatternsHaveNoMeaning) {
  EXPECT_EQ(Names("0%"), (std::vector<std::string>{"etl_100%"}));
  EXPECT_TRUE(Names("e_l").empty());
  EXPECT_TRUE(Names("\\").empty());
}

TEST_F(SearchTest, LooksOnlyWhereItMay) {
  query_.variables = query_.runs = query_.tasks = false;
  EXPECT_EQ(Names("etl"), (std::vector<std::string>{"etl", "my_etl"}));
}

}  // namespace
}  // namespace beeflow
