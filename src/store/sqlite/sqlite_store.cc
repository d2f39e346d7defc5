#include "store/sqlite/sqlite_store.h"

#include <utility>

#include "store/sql/queries.h"
#include "store/sqlite/file_sync.h"
#include "store/sqlite/migration.h"
#include "store/sqlite/transitions.h"

namespace beeflow {
namespace {

using sqlite::Database;
using sqlite::Statement;
using sqlite::TransactionScope;

class SqliteTransaction : public Transaction {
 public:
  SqliteTransaction(Database* database, sqlite::DagModels* models, sqlite::ChangeTrimmer* trimmer,
                    TransactionScope scope)
      : database_(database),
        models_(models),
        trimmer_(trimmer),
        scope_(std::move(scope)),
        feed_(database) {}

  Result<std::vector<Change>> TakeChanges(size_t max) override {
    return Noted([&] { return feed_.Take(max); });
  }
  Result<bool> Apply(const Transition& transition) override {
    return Noted([&] { return sqlite::ApplyTransition(database_, transition); });
  }
  Status SyncFile(const ParsedFile& file, bool paused_at_creation, Time now) override {
    return Noted([&] { return sqlite::SyncDagFile(database_, file, paused_at_creation, now); });
  }
  Status RemoveFile(const std::string& path, Time /*now*/) override {
    return Noted([&] { return sqlite::RemoveDagFile(database_, path); });
  }

  Result<std::optional<DagSnapshot>> LoadDag(const std::string& dag_id) override {
    return sqlite::LoadDagSnapshot(database_, models_, dag_id);
  }
  Result<std::optional<RunSnapshot>> LoadRun(const RunKey& run) override {
    BEEFLOW_ASSIGN_OR_RETURN(auto record, sqlite::LoadRunRecord(database_, run));
    return WithTasks(std::move(record));
  }
  Result<std::optional<RunSnapshot>> LoadPreviousRun(const std::string& dag_id, Time logical_date,
                                                     bool scheduled_only) override;
  Result<std::optional<int64_t>> MapLength(const RunKey& run, const std::string& task_id,
                                           bool mapped) override;
  Result<std::optional<std::string>> XCom(const RunKey& run, const std::string& task_id,
                                          int map_index, const std::string& key) override;
  Status Commit() override;

 private:
  // A transaction that failed once is not committed: it would hold half of what was asked.
  template <typename Action>
  auto Noted(const Action& action) -> decltype(action()) {
    if (!failure_.ok()) return failure_.error();
    auto result = action();
    if (!result.ok()) failure_ = result.error();
    return result;
  }
  Result<std::optional<RunSnapshot>> WithTasks(std::optional<RunRecord> run);

  Database* database_;
  sqlite::DagModels* models_;
  sqlite::ChangeTrimmer* trimmer_;
  TransactionScope scope_;
  sqlite::ChangeReader feed_;
  Status failure_;
};

Result<std::optional<RunSnapshot>> SqliteTransaction::WithTasks(std::optional<RunRecord> run) {
  if (!run) return std::optional<RunSnapshot>();
  RunSnapshot snapshot;
  BEEFLOW_ASSIGN_OR_RETURN(snapshot.tasks, sqlite::LoadTasks(database_, run->key));
  snapshot.run = std::move(*run);
  return std::optional<RunSnapshot>(std::move(snapshot));
}

Result<std::optional<RunSnapshot>> SqliteTransaction::LoadPreviousRun(const std::string& dag_id,
                                                                      Time logical_date,
                                                                      bool scheduled_only) {
  std::optional<RunRecord> previous;
  {
    BEEFLOW_ASSIGN_OR_RETURN(
        Statement rows,
        database_->Query(scheduled_only ? sql::kPreviousScheduledRun : sql::kPreviousRun, dag_id,
                         logical_date));
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (row) {
      BEEFLOW_ASSIGN_OR_RETURN(previous, sqlite::ReadRun(rows));
    }
  }
  return WithTasks(std::move(previous));
}

Result<std::optional<std::string>> FirstText(Statement rows) {
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row || rows.IsNull(0)) return std::optional<std::string>();
  return std::optional<std::string>(rows.String(0));
}

Result<std::optional<int64_t>> SqliteTransaction::MapLength(const RunKey& run,
                                                            const std::string& task_id,
                                                            bool mapped) {
  BEEFLOW_ASSIGN_OR_RETURN(
      Statement rows, database_->Query(sql::kMapLength, mapped, run.dag_id, run.run_id, task_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row || rows.IsNull(0)) return std::optional<int64_t>();
  return std::optional<int64_t>(rows.Integer(0));
}

Result<std::optional<std::string>> SqliteTransaction::XCom(const RunKey& run,
                                                           const std::string& task_id,
                                                           int map_index, const std::string& key) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kXCom, run.dag_id, run.run_id,
                                                            task_id, map_index, key));
  return FirstText(std::move(rows));
}

Status SqliteTransaction::Commit() {
  return Noted([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(feed_.Save());
    if (feed_.position()) {
      BEEFLOW_RETURN_IF_ERROR(trimmer_->Trim(database_, *feed_.position()));
    }
    return scope_.Commit();
  });
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path,
                                                       sqlite::OpenMode mode) {
  BEEFLOW_ASSIGN_OR_RETURN(auto database, sqlite::OpenMigrated(path, mode));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(database)));
}

Result<Snapshot> SqliteStore::LoadActive() {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope scope, TransactionScope::Write(database_.get()));
  BEEFLOW_ASSIGN_OR_RETURN(Snapshot snapshot,
                           sqlite::LoadActiveSnapshot(database_.get(), &models_));
  sqlite::ChangeReader feed(database_.get());
  BEEFLOW_RETURN_IF_ERROR(feed.SkipToEnd());
  BEEFLOW_RETURN_IF_ERROR(feed.Save());
  BEEFLOW_RETURN_IF_ERROR(scope.Commit());
  return snapshot;
}

Result<std::unique_ptr<Transaction>> SqliteStore::Begin() {
  BEEFLOW_CHECK(sqlite3_get_autocommit(database_->handle()));  // One transaction at a time.
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope scope, TransactionScope::Write(database_.get()));
  return std::unique_ptr<Transaction>(
      std::make_unique<SqliteTransaction>(database_.get(), &models_, &trimmer_, std::move(scope)));
}

void SqliteStore::DropCache() { sqlite3_db_release_memory(database_->handle()); }

Result<bool> SqliteStore::HasChanges() {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t found, database_->QueryInteger(sql::kHasChanges));
  return found != 0;
}

}  // namespace beeflow
