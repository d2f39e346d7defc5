// Scenarios on the SQLite database: the control loop and the people who edit each have a connection
// of their own, as in production.
#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "sql_database.h"
#include "store/sqlite/open.h"

namespace beeflow::scenario {
namespace {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    path_ = (std::filesystem::temp_directory_path() / "beeflow-scenario-XXXXXX").string();
    BEEFLOW_CHECK(mkdtemp(path_.data()) != nullptr);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class SqliteDatabase : public SqlDatabase {
 public:
  Status Open() {
    BEEFLOW_RETURN_IF_ERROR(Reopen());
    BEEFLOW_ASSIGN_OR_RETURN(catalog_, sqlite::OpenAs<SqlCatalog>(path()));
    BEEFLOW_ASSIGN_OR_RETURN(shell_, sqlite::Database::Open(path(), sqlite::OpenMode::kExisting));
    return Ok();
  }

  Store* store() override { return store_.get(); }
  Status Reopen() override {
    store_.reset();
    BEEFLOW_ASSIGN_OR_RETURN(store_, sqlite::OpenStore(path(), sqlite::OpenMode::kCreate));
    return Ok();
  }

 protected:
  SqlCatalog& catalog() override { return *catalog_; }
  sql::Database& shell() override { return *shell_; }

 private:
  std::string path() const { return folder_.path() + "/beeflow.db"; }

  TemporaryFolder folder_;
  std::unique_ptr<SqlStore> store_;
  std::unique_ptr<SqlCatalog> catalog_;
  std::unique_ptr<sqlite::Database> shell_;
};

}  // namespace

Result<std::unique_ptr<Database>> NewSqliteDatabase() {
  auto database = std::make_unique<SqliteDatabase>();
  BEEFLOW_RETURN_IF_ERROR(database->Open());
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace beeflow::scenario
