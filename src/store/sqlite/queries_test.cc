// What the texts in store/sql must keep to: parameters are numbered as PostgreSQL numbers them, and
// no statement of the Store reads through the history.
#include "store/sql/queries.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "store/sql/backfill_queries.h"
#include "store/sql/catalog_queries.h"
#include "store/sql/history_queries.h"
#include "store/sql/inventory_queries.h"
#include "store/sql/overview_queries.h"
#include "store/sql/request_queries.h"
#include "store/sql/secret_queries.h"
#include "store/sql/user_queries.h"
#include "store/sqlite/migration.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow::sqlite {
namespace {

// Tables that are as small as what is in use, and are read whole on purpose.
const std::set<std::string_view> kMayScan = {sql::kAllDagIds, sql::kAllPools};

class QueriesTest : public testing::Test {
 protected:
  void CheckParameters(std::string_view text) {
    sqlite3_stmt* statement = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(database_->handle(), text.data(), static_cast<int>(text.size()),
                                 &statement, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(database_->handle()) << " in " << text;
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) {
      EXPECT_EQ(sqlite3_bind_parameter_name(statement, i), "$" + std::to_string(i)) << text;
    }
    sqlite3_finalize(statement);
  }

  // The steps of the plan that begin with `prefix`, one per line.
  std::string Steps(std::string_view text, const std::string& prefix) {
    std::string steps;
    auto plan = Taken(database_->PrepareOnce("EXPLAIN QUERY PLAN " + std::string(text)));
    while (plan.Step().value()) {
      const std::string step = plan.String(3);
      if (step.rfind(prefix, 0) == 0) steps += step + "\n";
    }
    return steps;
  }

  TempDatabase file_;
  std::unique_ptr<Database> database_ = Taken(OpenMigrated(file_.path(), OpenMode::kCreate));
};

TEST_F(QueriesTest, ParametersAppearInOrder) {
  for (const std::string_view text : sql::kStoreStatements) CheckParameters(text);
  for (const std::string_view text : sql::kCatalogStatements) CheckParameters(text);
  for (const std::string_view text : sql::kBackfillStatements) CheckParameters(text);
  for (const std::string_view text : sql::kOverviewStatements) CheckParameters(text);
  for (const std::string_view text : sql::kHistoryStatements) CheckParameters(text);
  for (const std::string_view text : sql::kInventoryStatements) CheckParameters(text);
  for (const std::string_view text : sql::kRequestStatements) CheckParameters(text);
  for (const std::string_view text : sql::kSecretStatements) CheckParameters(text);
  for (const std::string_view text : sql::kUserStatements) CheckParameters(text);
}

TEST_F(QueriesTest, NoStatementOfTheStoreReadsThroughTheHistory) {
  for (const std::string_view text : sql::kStoreStatements) {
    if (kMayScan.contains(text)) continue;
    std::string scans = Steps(text, "SCAN");  // of a whole table or index
    // What is active is found by partial indices, which hold nothing else.
    for (const char* index : {"SCAN t USING INDEX task_instance_active",
                              "SCAN t USING COVERING INDEX task_instance_active",
                              "SCAN dag_run USING COVERING INDEX dag_run_active",
                              "SCAN dag_run USING INDEX dag_run_active"}) {
      const size_t at = scans.find(index);
      if (at != std::string::npos) scans.erase(at, scans.find('\n', at) + 1 - at);
    }
    EXPECT_TRUE(scans.empty() || scans == "SCAN CONSTANT ROW\n") << text << "\n" << scans;
  }
}

TEST_F(QueriesTest, ThePastOfARunIsFoundWithoutReadingManualRuns) {
  for (const std::string_view text : {sql::kPreviousScheduledRun, sql::kLastAutomatedInterval}) {
    EXPECT_NE(Steps(text, "SEARCH").find("USING INDEX dag_run_automated"), std::string::npos)
        << Steps(text, "");
    EXPECT_EQ(Steps(text, "USE TEMP B-TREE"), "") << text;
  }
}

}  // namespace
}  // namespace beeflow::sqlite
