#include "store/postgres/database.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/utf8.h"

namespace beeflow::postgres {
namespace {

// A process that is stopped within a transaction must not hold up its successor.
constexpr const char* kLimitPauses = "SET LOCAL idle_in_transaction_session_timeout = '2s'";

}  // namespace

// SQLite keeps the order of a CROSS JOIN, which its planner needs to be told; PostgreSQL knows
// better by its statistics, and knows no CROSS JOIN with ON.
std::string InPostgresWords(std::string sql) {
  constexpr std::string_view kCross = " CROSS JOIN ";
  for (size_t at = sql.find(kCross); at != std::string::npos; at = sql.find(kCross, at)) {
    sql.replace(at, kCross.size(), " JOIN ");
  }
  return sql;
}

class Cursor : public sql::Cursor {
 public:
  Cursor(Database* database, StatementText text) : database_(database), text_(std::move(text)) {}

  void Reset() override {
    parameters_.Clear();
    result_.reset();
    failure_ = Ok();
    row_ = -1;
  }
  void BindText(std::string_view text, bool /*is_kept*/) override {
    parameters_.Add(IsCleanUtf8(text) ? std::string(text) : CleanUtf8(text));
  }
  void BindInteger(int64_t number) override { parameters_.Add(std::to_string(number)); }
  void BindReal(double number) override { parameters_.Add(FormatReal(number)); }
  void BindTime(Time time) override { parameters_.Add(FormatSqlWithZone(time)); }
  void BindNull() override { parameters_.Add(std::nullopt); }

  Result<bool> Step() override {
    BEEFLOW_RETURN_IF_ERROR(Fetch());
    return ++row_ < PQntuples(result_.get());
  }
  Result<int64_t> Run() override {
    BEEFLOW_ASSIGN_OR_RETURN(const ResultPtr result, database_->Query(text_, &parameters_));
    return std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
  }
  Status Send() override { return database_->Send(text_, &parameters_); }

  int columns() const override { return Fetch().ok() ? PQnfields(result_.get()) : 0; }
  const char* ColumnName(int column) const override {
    return Fetch().ok() ? PQfname(result_.get(), column) : "";
  }
  bool IsNull(int column) const override { return At(column).is_null(); }
  int64_t Integer(int column) const override { return At(column).Integer(); }
  double Real(int column) const override { return At(column).Real(); }
  std::string_view Text(int column) const override {
    if (static_cast<size_t>(column) >= texts_.size()) texts_.resize(column + 1);
    return At(column).Text(&texts_[column]);
  }
  std::optional<Time> TimeAt(int column) const override { return At(column).AsTime(); }

 private:
  static std::string FormatReal(double number) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
    return {text.data(), end.ptr};
  }
  // All rows come at once, when the first thing about them is asked.
  Status Fetch() const {
    if (result_ || !failure_.ok()) return failure_;
    auto result = database_->Query(text_, &parameters_);
    if (result.ok()) {
      result_ = std::move(*result);
    } else {
      failure_ = result.error();
    }
    return failure_;
  }
  Cell At(int column) const { return {result_.get(), row_, column}; }

  Database* database_;
  const StatementText text_;
  mutable Parameters parameters_;
  mutable ResultPtr result_;
  mutable Status failure_;
  mutable std::vector<std::string> texts_;  // of the current row
  int row_ = -1;
};

Result<std::unique_ptr<sql::Cursor>> Database::Compile(std::string_view sql, bool is_kept) {
  return std::unique_ptr<sql::Cursor>(std::make_unique<Cursor>(
      this, StatementText{InPostgresWords(std::string(sql)), is_kept ? sql.data() : nullptr}));
}

Result<ResultPtr> Database::Query(const StatementText& text, Parameters* parameters) {
  if (!lease_) {
    BEEFLOW_ASSIGN_OR_RETURN(Lease lease, pool_->Reader());
    return lease->Query(text, parameters);
  }
  auto result = lease_->Query(text, parameters);
  if (!result.ok()) has_failed_ = true;
  return result;
}

Status Database::Send(const StatementText& text, Parameters* parameters) {
  if (!is_writing_) {
    BEEFLOW_RETURN_IF_ERROR(Query(text, parameters));
    return Ok();
  }
  Status sent = lease_->Send(text, parameters);
  if (!sent.ok()) has_failed_ = true;
  return sent;
}

Status Database::ExecuteScript(const std::string& sql) {
  BEEFLOW_CHECK(!is_writing_);
  BEEFLOW_ASSIGN_OR_RETURN(Lease lease, pool_->Writer());
  return lease->ExecuteScript(sql);
}

Status Database::BeginWrite() {
  BEEFLOW_ASSIGN_OR_RETURN(lease_, pool_->Writer());
  has_failed_ = false;
  is_writing_ = true;
  Parameters none;
  const auto begin = [&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(lease_->BeginPipeline());
    for (const char* sql : {"BEGIN", kLimitPauses, kAwaitWriters}) {
      BEEFLOW_RETURN_IF_ERROR(lease_->Send({sql}, &none));
    }
    return CheckEpoch();
  };
  Status begun = begin();
  if (!begun.ok()) Rollback();
  return begun;
}

// Behind the lock, so whoever became the leader before has committed it, and whoever becomes it
// later waits for this transaction.
Status Database::CheckEpoch() {
  const auto epoch = pool_->epoch();
  if (!epoch) return Ok();
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t present, lease_->QueryInteger(kEpoch));
  if (present == *epoch) return Ok();
  return Conflict("database " + name_ + ": another control process has taken over");
}

Status Database::BeginRead() {
  BEEFLOW_ASSIGN_OR_RETURN(lease_, pool_->Reader());
  has_failed_ = false;
  Status begun = lease_->ExecuteScript("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  if (!begun.ok()) lease_.GiveBack();
  return begun;
}

Status Database::Commit() {
  if (has_failed_) {
    return Unavailable("database " + name_ +
                       ": the transaction was rolled back by an earlier failure; try again");
  }
  const auto commit = [&]() -> Status {
    if (!is_writing_) return lease_->ExecuteScript("COMMIT");
    Parameters none;
    BEEFLOW_RETURN_IF_ERROR(lease_->Send({"COMMIT"}, &none));
    return lease_->EndPipeline();
  };
  Status committed = commit();
  if (!committed.ok()) {
    has_failed_ = true;
    return committed;
  }
  is_writing_ = false;
  lease_.GiveBack();
  return Ok();
}

void Database::Rollback() {
  if (!lease_) return;
  // A connection that cannot roll back is closed by its pool, which has the same effect.
  if (PQpipelineStatus(lease_->handle()) != PQ_PIPELINE_OFF) (void)lease_->EndPipeline();
  if (PQtransactionStatus(lease_->handle()) != PQTRANS_IDLE)
    (void)lease_->ExecuteScript("ROLLBACK");
  is_writing_ = false;
  has_failed_ = false;
  lease_.GiveBack();
}

}  // namespace beeflow::postgres
