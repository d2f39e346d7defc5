#include "store/sql/sql_store.h"

#include <utility>

#include "store/sql/file_sync.h"
#include "store/sql/queries.h"
#include "store/sql/transitions.h"

namespace beeflow {
namespace {

using sql::Database;
using sql::Statement;
using sql::TransactionScope;

class SqlTransaction : public Transaction {
 public:
  SqlTransaction(Database* database, sql::DagModels* models, sql::ChangeFeed* feed,
                 TransactionScope scope)
      : database_(database), models_(models), feed_(feed), scope_(std::move(scope)) {}
  SqlTransaction(const SqlTransaction&) = delete;
  SqlTransaction& operator=(const SqlTransaction&) = delete;
  ~SqlTransaction() override {
    if (!is_committed_) feed_->End(false);
  }

  Result<std::vector<Change>> TakeChanges(size_t max) override {
    return Noted([&] { return feed_->Take(database_, max); });
  }
  Result<bool> Apply(const Transition& transition) override {
    return Noted([&] { return sql::ApplyTransition(database_, transition); });
  }
  Status SyncFile(const ParsedFile& file, bool paused_at_creation, Time now) override {
    return Noted([&] { return sql::SyncDagFile(database_, file, paused_at_creation, now); });
  }
  Status RemoveFile(const std::string& path, Time /*now*/) override {
    return Noted([&] { return sql::RemoveDagFile(database_, path); });
  }

  Result<std::optional<DagSnapshot>> LoadDag(const std::string& dag_id) override {
    return sql::LoadDagSnapshot(database_, models_, dag_id);
  }
  Result<std::optional<RunSnapshot>> LoadRun(const RunKey& run) override {
    BEEFLOW_ASSIGN_OR_RETURN(auto record, sql::LoadRunRecord(database_, run));
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
  sql::DagModels* models_;
  sql::ChangeFeed* feed_;
  TransactionScope scope_;
  Status failure_;
  bool is_committed_ = false;
};

Result<std::optional<RunSnapshot>> SqlTransaction::WithTasks(std::optional<RunRecord> run) {
  if (!run) return std::optional<RunSnapshot>();
  RunSnapshot snapshot;
  BEEFLOW_ASSIGN_OR_RETURN(snapshot.tasks, sql::LoadTasks(database_, run->key));
  snapshot.run = std::move(*run);
  return std::optional<RunSnapshot>(std::move(snapshot));
}

Result<std::optional<RunSnapshot>> SqlTransaction::LoadPreviousRun(const std::string& dag_id,
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
      BEEFLOW_ASSIGN_OR_RETURN(previous, sql::ReadRun(rows));
    }
  }
  return WithTasks(std::move(previous));
}

Result<std::optional<std::string>> FirstText(Statement rows) {
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row || rows.IsNull(0)) return std::optional<std::string>();
  return std::optional<std::string>(rows.String(0));
}

Result<std::optional<int64_t>> SqlTransaction::MapLength(const RunKey& run,
                                                         const std::string& task_id, bool mapped) {
  BEEFLOW_ASSIGN_OR_RETURN(
      Statement rows, database_->Query(sql::kMapLength, mapped, run.dag_id, run.run_id, task_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row || rows.IsNull(0)) return std::optional<int64_t>();
  return std::optional<int64_t>(rows.Integer(0));
}

Result<std::optional<std::string>> SqlTransaction::XCom(const RunKey& run,
                                                        const std::string& task_id, int map_index,
                                                        const std::string& key) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kXCom, run.dag_id, run.run_id,
                                                            task_id, map_index, key));
  return FirstText(std::move(rows));
}

Status SqlTransaction::Commit() {
  return Noted([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(feed_->Save(database_));
    BEEFLOW_RETURN_IF_ERROR(scope_.Commit());
    is_committed_ = true;
    feed_->End(true);
    return Ok();
  });
}

}  // namespace

Result<Snapshot> SqlStore::LoadActive() {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope scope, TransactionScope::Write(database_.get()));
  const auto load = [&]() -> Result<Snapshot> {
    BEEFLOW_RETURN_IF_ERROR(feed_->SkipToEnd(database_.get()));
    BEEFLOW_ASSIGN_OR_RETURN(Snapshot snapshot, sql::LoadActiveSnapshot(database_.get(), &models_));
    BEEFLOW_RETURN_IF_ERROR(feed_->Save(database_.get()));
    BEEFLOW_RETURN_IF_ERROR(scope.Commit());
    return snapshot;
  };
  auto snapshot = load();
  feed_->End(snapshot.ok());
  return snapshot;
}

Result<std::unique_ptr<Transaction>> SqlStore::Begin() {
  BEEFLOW_CHECK(!database_->is_in_transaction());  // One transaction at a time.
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope scope, TransactionScope::Write(database_.get()));
  return std::unique_ptr<Transaction>(
      std::make_unique<SqlTransaction>(database_.get(), &models_, feed_.get(), std::move(scope)));
}

Result<bool> SqlStore::HasChanges() { return feed_->HasChanges(database_.get()); }

}  // namespace beeflow
