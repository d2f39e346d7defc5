// Scenarios on PostgreSQL: one server for all, and a database for each play.
#include <memory>
#include <string>

#include "sql_database.h"
#include "store/postgres/leading_process_for_test.h"

namespace beeflow::scenario {
namespace {

class PostgresDatabase : public SqlDatabase {
 public:
  PostgresDatabase()
      : url_(postgres::ServerForTest::Shared().NewMigratedDatabase()),
        others_(std::make_shared<postgres::ConnectionPool>(url_)),
        catalog_(std::make_unique<postgres::Database>(others_)),
        shell_(others_) {
    Open();
  }

  Store* store() override { return store_.get(); }
  Status Reopen() override {
    store_.reset();
    process_.reset();
    Open();
    return Ok();
  }

 protected:
  SqlCatalog& catalog() override { return catalog_; }
  sql::Database& shell() override { return shell_; }

 private:
  void Open() {
    process_ = std::make_unique<postgres::LeadingProcess>(url_);
    store_ = std::make_unique<postgres::ArrivedStore>(process_.get());
  }

  const std::string url_;
  const std::shared_ptr<postgres::ConnectionPool> others_;
  SqlCatalog catalog_;
  postgres::Database shell_;
  std::unique_ptr<postgres::LeadingProcess> process_;
  std::unique_ptr<postgres::ArrivedStore> store_;
};

}  // namespace

std::unique_ptr<Database> NewPostgresDatabase() { return std::make_unique<PostgresDatabase>(); }

}  // namespace beeflow::scenario
