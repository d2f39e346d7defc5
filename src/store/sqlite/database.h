// A thin layer over SQLite's C API: connections, prepared statements and transactions that clean up
// after themselves and report failures as values.
//
// Threads: a Database and what comes from it belong to one thread at a time.
// Errors: kUnavailable where trying again may help (locked, disk full, I/O error), kConflict for a
// violated constraint, kNotFound for a missing file, kInvalid for a file that is no database or
// cannot be written, kInternal otherwise. Messages name the file.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace beeflow::sqlite {

class Database;

// A prepared statement in use. It is borrowed from the cache of its Database, which must outlive
// it, and goes back there, reset, at its end. Parameters are $1, $2, ... in order of appearance.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Starts over with these parameters, of which it keeps copies.
  template <typename... Values>
  void Bind(const Values&... values) {
    Reset();
    bind_lifetime_ = SQLITE_TRANSIENT;
    (BindNext(values), ...);
  }
  // Adds one more parameter, for statements whose number of them varies.
  template <typename Value>
  void BindAlso(const Value& value) {
    BindNext(value);
  }
  // Moves to the next row; false at the end. What a row's Text() returned is then gone.
  Result<bool> Step();
  // Executes it with these parameters, and returns how many rows it changed.
  template <typename... Values>
  Result<int64_t> Run(const Values&... values) {
    Reset();
    bind_lifetime_ = SQLITE_STATIC;  // The values outlive this call, hence their use.
    (BindNext(values), ...);
    return RunToEnd();
  }

  // Columns of the current row, from 0. SQL's NULL reads as 0, "" or nullopt.
  int columns() const { return sqlite3_column_count(statement_); }
  const char* ColumnName(int column) const { return sqlite3_column_name(statement_, column); }
  bool IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  int64_t Integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double Real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string_view Text(int column) const;
  std::string String(int column) const { return std::string(Text(column)); }
  // A time that was typed by hand and cannot be read counts as absent.
  std::optional<Time> OptionalTime(int column) const;

 private:
  friend class Database;
  Statement(Database* database, std::string_view sql, sqlite3_stmt* statement)
      : database_(database), sql_(sql), statement_(statement) {}

  void Reset();
  Result<int64_t> RunToEnd();
  void Note(int code);
  void BindNext(std::string_view text);
  void BindNext(const std::string& text) { BindNext(std::string_view(text)); }
  void BindNext(const char* text) { BindNext(std::string_view(text)); }
  void BindNext(int64_t number) { Note(sqlite3_bind_int64(statement_, ++bound_, number)); }
  void BindNext(int number) { BindNext(int64_t{number}); }
  void BindNext(uint32_t number) { BindNext(int64_t{number}); }
  void BindNext(bool value) { BindNext(int64_t{value}); }
  void BindNext(double number) { Note(sqlite3_bind_double(statement_, ++bound_, number)); }
  void BindNext(std::nullopt_t) { Note(sqlite3_bind_null(statement_, ++bound_)); }
  void BindNext(Time time);
  template <typename T>
  void BindNext(const std::optional<T>& value) {
    if (value) {
      BindNext(*value);
    } else {
      BindNext(std::nullopt);
    }
  }

  Database* database_;
  std::string_view sql_;  // the key in the cache; empty: not cached
  sqlite3_stmt* statement_;
  sqlite3_destructor_type bind_lifetime_ = SQLITE_TRANSIENT;
  int bound_ = 0;
  int bind_error_ = SQLITE_OK;
};

enum class OpenMode {
  kCreate,    // where there is no file, an empty database is made
  kExisting,  // kNotFound where there is no file
};

class Database {
 public:
  // Opens the file with the settings that all of Beeflow uses: commits durable on return, waiting
  // up to five seconds for the locks of others. Changes nothing in an existing file.
  static Result<std::unique_ptr<Database>> Open(const std::string& path, OpenMode mode);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();  // its statements and transactions are gone by then

  const std::string& path() const { return path_; }
  sqlite3* handle() { return handle_; }

  // Puts the file into write-ahead mode, in which it stays: readers and the writer do not wait for
  // each other, and a commit is one fsync.
  Status UseWriteAheadLog();

  // Whether another connection is in a write transaction. Commits of which the log file tells are
  // readable once the answer is false. Must not be called within a transaction.
  Result<bool> IsBeingWritten();

  // A statement with static text, taken from the cache or compiled. The cache knows a text by where
  // it stands in memory: text that is composed must not come here.
  Result<Statement> Prepare(std::string_view sql);
  // The same for text that is composed for this use; it is not kept.
  Result<Statement> PrepareOnce(const std::string& sql);

  template <typename... Values>
  Result<Statement> Query(std::string_view sql, const Values&... values) {
    BEEFLOW_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
    statement.Bind(values...);
    return statement;
  }
  // Executes one statement, and returns how many rows it changed, those of triggers aside.
  template <typename... Values>
  Result<int64_t> Execute(std::string_view sql, const Values&... values) {
    BEEFLOW_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
    return statement.Run(values...);
  }
  // Executes any number of statements without parameters.
  Status ExecuteScript(const std::string& sql);
  // The first column of the only row.
  Result<int64_t> QueryInteger(std::string_view sql);

  int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }
  // The failure `code` of a call on this connection, in words.
  Error Failure(int code) const;

 private:
  friend class Statement;
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}

  Status Configure();
  Result<sqlite3_stmt*> Compile(std::string_view sql, unsigned flags);
  void GiveBack(std::string_view sql, sqlite3_stmt* statement);

  // The texts are long, and looked up a dozen times for each transition.
  struct SameAddress {
    size_t operator()(std::string_view sql) const { return std::hash<const char*>()(sql.data()); }
    bool operator()(std::string_view a, std::string_view b) const {
      return a.data() == b.data() && a.size() == b.size();
    }
  };

  std::string path_;
  sqlite3* handle_;
  // Idle statements by their text; one text has several while nested loops use it.
  std::unordered_map<std::string_view, std::vector<sqlite3_stmt*>, SameAddress, SameAddress> idle_;
};

// A transaction, which rolls back at the end of its scope unless it is committed.
class TransactionScope {
 public:
  // A write transaction: holds the write lock from its beginning, so it never fails half-way for a
  // lock that it could not upgrade.
  static Result<TransactionScope> Write(Database* database);
  // A read transaction: one consistent view. Within a transaction it is that one's.
  static Result<TransactionScope> Read(Database* database);
  TransactionScope(TransactionScope&& other) noexcept;
  TransactionScope& operator=(TransactionScope&&) = delete;
  ~TransactionScope();

  Status Commit();

 private:
  explicit TransactionScope(Database* database) : database_(database) {}

  Database* database_;  // null: ended
};

}  // namespace beeflow::sqlite
