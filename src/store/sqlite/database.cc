#include "store/sqlite/database.h"

#include <utility>

namespace beeflow::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5000;

// A checkpoint copies each page once, however often it was written since the last one, so rare
// checkpoints cost less in sum; 16 MB of log bound the time of one, and of recovery.
constexpr const char* kSettings =
    "PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 4000;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA cache_size = -16384;"
    "PRAGMA foreign_keys = OFF;"  // Triggers cascade, in every program that edits the file.
    "PRAGMA trusted_schema = OFF;";

constexpr std::string_view kBeginWrite = "BEGIN IMMEDIATE";
constexpr std::string_view kRollback = "ROLLBACK";

ErrorCode CodeOf(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
      return ErrorCode::kUnavailable;
    case SQLITE_CONSTRAINT:
      return ErrorCode::kConflict;
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::kInvalid;
    default:
      return ErrorCode::kInternal;
  }
}

const char* AdviceFor(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "database is locked by another process; end its transaction and try again";
    case SQLITE_FULL:
      return "the disk is full; free some space and try again";
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "the database cannot be written; check the permissions of the file and its folder";
    case SQLITE_CANTOPEN:
      return "the file cannot be opened; check that its folder exists and can be written";
    case SQLITE_NOTADB:
      return "the file is not an SQLite database; name another one, or move it away";
    case SQLITE_CORRUPT:
      return "the database is damaged; restore a backup, or salvage it with sqlite3's .recover";
    default:
      return nullptr;
  }
}

// SQLite counts its memory under a lock that each allocation takes; nobody asks for the figures.
void CountNoMemory() {
  static const int kConfigured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  BEEFLOW_CHECK(kConfigured == SQLITE_OK);
}

Error MakeError(const std::string& path, int code, const char* detail) {
  const char* advice = AdviceFor(code);
  return {CodeOf(code), "database " + path + ": " + (advice ? advice : detail)};
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      sql_(other.sql_),
      statement_(std::exchange(other.statement_, nullptr)),
      bind_lifetime_(other.bind_lifetime_),
      bound_(other.bound_),
      bind_error_(other.bind_error_) {}

Statement::~Statement() {
  if (!statement_) return;
  Reset();
  database_->GiveBack(sql_, statement_);
}

void Statement::Reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bound_ = 0;
  bind_error_ = SQLITE_OK;
}

void Statement::Note(int code) {
  BEEFLOW_CHECK(code != SQLITE_RANGE && code != SQLITE_MISUSE);
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::BindNext(std::string_view text) {
  const char* data = text.data() ? text.data() : "";  // A null pointer would bind NULL.
  Note(sqlite3_bind_text64(statement_, ++bound_, data, text.size(), bind_lifetime_, SQLITE_UTF8));
}

void Statement::BindNext(Time time) {
  const std::string text = FormatSql(time);
  Note(sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(), SQLITE_TRANSIENT,
                           SQLITE_UTF8));
}

Result<bool> Statement::Step() {
  if (bind_error_ != SQLITE_OK) return database_->Failure(bind_error_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->Failure(code);
}

Result<int64_t> Statement::RunToEnd() {
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, Step());
    if (!row) break;
  }
  const int64_t changes = sqlite3_changes64(database_->handle_);
  Reset();
  return changes;
}

std::string_view Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (!text) return {};
  return {text, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<Time> Statement::OptionalTime(int column) const {
  if (IsNull(column)) return std::nullopt;
  const auto time = ParseTime(Text(column));
  return time.ok() ? std::optional<Time>(*time) : std::nullopt;
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, OpenMode mode) {
  CountNoMemory();
  const int create = mode == OpenMode::kCreate ? SQLITE_OPEN_CREATE : 0;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | create, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) {
    if (mode == OpenMode::kExisting && (code & 0xff) == SQLITE_CANTOPEN) {
      return NotFound("there is no database " + path +
                      ", or it cannot be opened; create it with "
                      "`beeflow db migrate`");
    }
    return database->Failure(code);
  }
  BEEFLOW_RETURN_IF_ERROR(database->Configure());
  return database;
}

Status Database::Configure() {
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
  return ExecuteScript(kSettings);
}

Status Database::UseWriteAheadLog() {
  BEEFLOW_ASSIGN_OR_RETURN(Statement statement, PrepareOnce("PRAGMA journal_mode = WAL"));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (row && statement.Text(0) == "wal") return Ok();
  return Invalid("database " + path_ +
                 ": its file system does not support a write-ahead log "
                 "(shared memory); put the database on a local disk");
}

Result<bool> Database::IsBeingWritten() {
  sqlite3_busy_timeout(handle_, 0);
  const Result<int64_t> begun = Execute(kBeginWrite);
  const int code = sqlite3_errcode(handle_);
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
  if (!begun.ok() && (code & 0xff) == SQLITE_BUSY) return true;
  if (!begun.ok()) return begun.error();
  BEEFLOW_RETURN_IF_ERROR(Execute(kRollback));
  return false;
}

Database::~Database() {
  for (auto& [sql, statements] : idle_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
  BEEFLOW_CHECK(sqlite3_close(handle_) == SQLITE_OK);
}

Result<sqlite3_stmt*> Database::Compile(std::string_view sql, unsigned flags) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), flags,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return Failure(code);
  return statement;
}

Result<Statement> Database::Prepare(std::string_view sql) {
  const auto idle = idle_.find(sql);
  if (idle != idle_.end() && !idle->second.empty()) {
    sqlite3_stmt* statement = idle->second.back();
    idle->second.pop_back();
    return Statement(this, sql, statement);
  }
  BEEFLOW_ASSIGN_OR_RETURN(sqlite3_stmt * statement, Compile(sql, SQLITE_PREPARE_PERSISTENT));
  return Statement(this, sql, statement);
}

Result<Statement> Database::PrepareOnce(const std::string& sql) {
  BEEFLOW_ASSIGN_OR_RETURN(sqlite3_stmt * statement, Compile(sql, 0));
  return Statement(this, {}, statement);
}

void Database::GiveBack(std::string_view sql, sqlite3_stmt* statement) {
  if (sql.empty()) {
    sqlite3_finalize(statement);
  } else {
    idle_[sql].push_back(statement);
  }
}

Status Database::ExecuteScript(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Ok() : Status(Failure(code));
}

Result<int64_t> Database::QueryInteger(std::string_view sql) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement statement, Query(sql));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? statement.Integer(0) : 0;
}

Error Database::Failure(int code) const {
  return MakeError(path_, code, handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code));
}

Result<TransactionScope> TransactionScope::Write(Database* database) {
  BEEFLOW_RETURN_IF_ERROR(database->Execute(kBeginWrite));
  return TransactionScope(database);
}

Result<TransactionScope> TransactionScope::Read(Database* database) {
  if (!sqlite3_get_autocommit(database->handle())) return TransactionScope(nullptr);
  BEEFLOW_RETURN_IF_ERROR(database->Execute("BEGIN"));
  return TransactionScope(database);
}

TransactionScope::TransactionScope(TransactionScope&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

TransactionScope::~TransactionScope() {
  // SQLite itself rolls back after some failures; then there is nothing to end.
  if (!database_ || sqlite3_get_autocommit(database_->handle())) return;
  const auto rolled_back = database_->Execute(kRollback);
  BEEFLOW_CHECK(rolled_back.ok() || sqlite3_get_autocommit(database_->handle()));
}

Status TransactionScope::Commit() {
  BEEFLOW_CHECK(database_ != nullptr);
  if (sqlite3_get_autocommit(database_->handle())) {
    return Unavailable("database " + database_->path() +
                       ": the transaction was rolled back by an earlier failure; try again");
  }
  BEEFLOW_RETURN_IF_ERROR(database_->Execute("COMMIT"));
  database_ = nullptr;
  return Ok();
}

}  // namespace beeflow::sqlite
