// Each text in store/sql is understood by PostgreSQL.
#include "store/sql/queries.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "store/postgres/database.h"
#include "store/postgres/migration.h"
#include "store/postgres/server_for_test.h"
#include "store/sql/backfill_queries.h"
#include "store/sql/catalog_queries.h"
#include "store/sql/history_queries.h"
#include "store/sql/inventory_queries.h"
#include "store/sql/overview_queries.h"
#include "store/sql/request_queries.h"
#include "store/sql/secret_queries.h"
#include "store/sql/user_queries.h"

namespace beeflow::postgres {
namespace {

TEST(PostgresQueriesTest, AllTextsAreUnderstood) {
  const std::string url = ServerForTest::Shared().NewDatabase();
  bool created = false;
  ASSERT_TRUE(Migrate(std::make_shared<ConnectionPool>(url), &created).ok());
  const auto connection = Connection::Open(url, {});
  ASSERT_TRUE(connection.ok());
  const std::span<const std::string_view> lists[] = {
      sql::kStoreStatements,   sql::kCatalogStatements,   sql::kOverviewStatements,
      sql::kHistoryStatements, sql::kInventoryStatements, sql::kRequestStatements,
      sql::kSecretStatements,  sql::kUserStatements,      sql::kBackfillStatements};
  for (const auto& list : lists) {
    for (const std::string_view text : list) {
      if (text == sql::kDaysOfRuns.sqlite) continue;
      const std::string sql = InPostgresWords(std::string(text));
      const ResultPtr result(PQprepare((*connection)->handle(), "", sql.c_str(), 0, nullptr));
      EXPECT_EQ(PQresultStatus(result.get()), PGRES_COMMAND_OK)
          << PQresultErrorMessage(result.get()) << " in " << sql;
    }
  }
}

}  // namespace
}  // namespace beeflow::postgres
