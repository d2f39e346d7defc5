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

class SqliteCursor : public sql::Cursor {
 public:
  SqliteCursor(const Database* database, sqlite3* handle, sqlite3_stmt* statement)
      : database_(database), handle_(handle), statement_(statement) {}
  SqliteCursor(const SqliteCursor&) = delete;
  SqliteCursor& operator=(const SqliteCursor&) = delete;
  ~SqliteCursor() override { sqlite3_finalize(statement_); }

  void Reset() override {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    bound_ = 0;
    bind_error_ = SQLITE_OK;
  }
  void BindText(std::string_view text, bool is_kept) override {
    BindText(text, is_kept ? SQLITE_STATIC : SQLITE_TRANSIENT);
  }
  void BindInteger(int64_t number) override {
    Note(sqlite3_bind_int64(statement_, ++bound_, number));
  }
  void BindReal(double number) override { Note(sqlite3_bind_double(statement_, ++bound_, number)); }
  void BindTime(Time time) override { BindText(FormatSql(time), SQLITE_TRANSIENT); }
  void BindNull() override { Note(sqlite3_bind_null(statement_, ++bound_)); }

  Result<bool> Step() override {
    if (bind_error_ != SQLITE_OK) return database_->Failure(bind_error_);
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return database_->Failure(code);
  }
  Result<int64_t> Run() override {
    while (true) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool row, Step());
      if (!row) break;
    }
    const int64_t changes = sqlite3_changes64(handle_);
    Reset();
    return changes;
  }
  Status Send() override {
    BEEFLOW_RETURN_IF_ERROR(Run());
    return Ok();
  }

  int columns() const override { return sqlite3_column_count(statement_); }
  const char* ColumnName(int column) const override {
    return sqlite3_column_name(statement_, column);
  }
  bool IsNull(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  int64_t Integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  double Real(int column) const override { return sqlite3_column_double(statement_, column); }
  std::string_view Text(int column) const override {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (!text) return {};
    return {text, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }
  std::optional<Time> TimeAt(int column) const override {
    const auto time = ParseTime(Text(column));
    return time.ok() ? std::optional<Time>(*time) : std::nullopt;
  }

 private:
  void Note(int code) {
    BEEFLOW_CHECK(code != SQLITE_RANGE && code != SQLITE_MISUSE);
    if (bind_error_ == SQLITE_OK) bind_error_ = code;
  }
  void BindText(std::string_view text, sqlite3_destructor_type lifetime) {
    const char* data = text.data() ? text.data() : "";  // A null pointer would bind NULL.
    Note(sqlite3_bind_text64(statement_, ++bound_, data, text.size(), lifetime, SQLITE_UTF8));
  }

  const Database* database_;
  sqlite3* handle_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
  int bind_error_ = SQLITE_OK;
};

}  // namespace

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
  ForgetStatements();
  BEEFLOW_CHECK(sqlite3_close(handle_) == SQLITE_OK);
}

Result<std::unique_ptr<sql::Cursor>> Database::Compile(std::string_view sql, bool is_kept) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      is_kept ? SQLITE_PREPARE_PERSISTENT : 0, &statement, nullptr);
  if (code != SQLITE_OK) return Failure(code);
  return std::unique_ptr<sql::Cursor>(std::make_unique<SqliteCursor>(this, handle_, statement));
}

Status Database::ExecuteScript(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Ok() : Status(Failure(code));
}

Error Database::Failure(int code) const {
  return MakeError(path_, code, handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code));
}

Status Database::BeginWrite() {
  BEEFLOW_RETURN_IF_ERROR(Execute(kBeginWrite));
  return Ok();
}

Status Database::BeginRead() {
  BEEFLOW_RETURN_IF_ERROR(Execute("BEGIN"));
  return Ok();
}

Status Database::Commit() {
  if (!is_in_transaction()) {
    return Unavailable("database " + path_ +
                       ": the transaction was rolled back by an earlier failure; try again");
  }
  BEEFLOW_RETURN_IF_ERROR(Execute("COMMIT"));
  return Ok();
}

void Database::Rollback() {
  if (!is_in_transaction()) return;
  const auto rolled_back = Execute(kRollback);
  BEEFLOW_CHECK(rolled_back.ok() || !is_in_transaction());
}

}  // namespace beeflow::sqlite
