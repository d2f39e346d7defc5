// A relational database as the stores see it: statements, rows and transactions, whichever engine
// is behind them. Engines implement Database and Cursor (store/sqlite, store/postgres).
//
// Threads: a Database and what comes from it belong to one thread at a time.
// Errors: kUnavailable where trying again may help (locked, disk full, connection lost), kConflict
// for a violated constraint or where a newer leader has taken over, kInvalid for a database that
// cannot be used, kInternal otherwise. Messages name the database.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace beeflow::sql {

enum class Dialect : uint8_t { kSqlite, kPostgres };

// A statement for which the engines share no words.
struct ByDialect {
  std::string_view sqlite;
  std::string_view postgres;
};

// A parameter of a statement that is composed.
using Value = std::variant<std::string, int64_t, double, Time>;

// A compiled statement of one engine: its parameters, then its rows.
class Cursor {
 public:
  virtual ~Cursor() = default;

  // Forgets parameters and rows.
  virtual void Reset() = 0;
  // The next parameter. `is_kept`: the text outlives the use of the statement.
  virtual void BindText(std::string_view text, bool is_kept) = 0;
  virtual void BindInteger(int64_t number) = 0;
  virtual void BindReal(double number) = 0;
  virtual void BindTime(Time time) = 0;
  virtual void BindNull() = 0;

  // Moves to the next row; false at the end. What a row's Text() returned is then gone.
  virtual Result<bool> Step() = 0;
  // Executes it to its end: how many rows it changed, those of triggers aside.
  virtual Result<int64_t> Run() = 0;
  // The same where nobody asks how many: an engine behind a network goes on without waiting. A
  // failure then shows in the next call that waits, at the latest in the transaction's Commit.
  virtual Status Send() = 0;

  virtual int columns() const = 0;
  virtual const char* ColumnName(int column) const = 0;
  virtual bool IsNull(int column) const = 0;
  virtual int64_t Integer(int column) const = 0;
  virtual double Real(int column) const = 0;
  virtual std::string_view Text(int column) const = 0;
  // Absent where what was typed by hand cannot be read.
  virtual std::optional<Time> TimeAt(int column) const = 0;
};

class Database;

// A statement in use. It is borrowed from the cache of its Database, which must outlive it, and
// goes back there, reset, at its end. Parameters are $1, $2, ... in order of appearance.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Starts over with these parameters, of which it keeps copies.
  template <typename... Values>
  void Bind(const Values&... values) {
    cursor_->Reset();
    is_kept_ = false;
    (BindNext(values), ...);
  }
  // Adds one more parameter, for statements whose number of them varies.
  template <typename Value>
  void BindAlso(const Value& value) {
    BindNext(value);
  }
  Result<bool> Step() { return cursor_->Step(); }
  // Executes it with these parameters, and returns how many rows it changed.
  template <typename... Values>
  Result<int64_t> Run(const Values&... values) {
    BindKept(values...);
    return cursor_->Run();
  }
  template <typename... Values>
  Status Send(const Values&... values) {
    BindKept(values...);
    return cursor_->Send();
  }

  // The same with the parameters that were bound one by one.
  Result<int64_t> RunBound() { return cursor_->Run(); }

  // Columns of the current row, from 0. SQL's NULL reads as 0, "" or nullopt.
  int columns() const { return cursor_->columns(); }
  const char* ColumnName(int column) const { return cursor_->ColumnName(column); }
  bool IsNull(int column) const { return cursor_->IsNull(column); }
  int64_t Integer(int column) const { return cursor_->Integer(column); }
  double Real(int column) const { return cursor_->Real(column); }
  std::string_view Text(int column) const { return cursor_->Text(column); }
  std::string String(int column) const { return std::string(Text(column)); }
  // A time that was typed by hand and cannot be read counts as absent.
  std::optional<Time> OptionalTime(int column) const {
    if (IsNull(column)) return std::nullopt;
    return cursor_->TimeAt(column);
  }

 private:
  friend class Database;
  Statement(Database* database, std::string_view sql, std::unique_ptr<Cursor> cursor)
      : database_(database), sql_(sql), cursor_(std::move(cursor)) {}

  template <typename... Values>
  void BindKept(const Values&... values) {
    cursor_->Reset();
    is_kept_ = true;  // The values outlive the call, hence their use.
    (BindNext(values), ...);
  }
  void BindNext(std::string_view text) { cursor_->BindText(text, is_kept_); }
  void BindNext(const std::string& text) { BindNext(std::string_view(text)); }
  void BindNext(const char* text) { BindNext(std::string_view(text)); }
  void BindNext(int64_t number) { cursor_->BindInteger(number); }
  void BindNext(int number) { BindNext(int64_t{number}); }
  void BindNext(uint32_t number) { BindNext(int64_t{number}); }
  void BindNext(bool value) { BindNext(int64_t{value}); }
  void BindNext(double number) { cursor_->BindReal(number); }
  void BindNext(std::nullopt_t) { cursor_->BindNull(); }
  void BindNext(Time time) { cursor_->BindTime(time); }
  void BindNext(const Value& value) {
    std::visit([this](const auto& bound) { BindNext(bound); }, value);
  }
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
  std::unique_ptr<Cursor> cursor_;
  bool is_kept_ = false;
};

class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;  // its statements and transactions are gone by then

  // What messages call it; no password.
  virtual const std::string& name() const = 0;

  virtual Dialect dialect() const = 0;
  std::string_view Choose(const ByDialect& sql) const {
    return dialect() == Dialect::kSqlite ? sql.sqlite : sql.postgres;
  }

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
  // Executes one statement of a write transaction without waiting for its end, see Cursor::Send.
  template <typename... Values>
  Status Send(std::string_view sql, const Values&... values) {
    BEEFLOW_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
    return statement.Send(values...);
  }
  // Executes any number of statements without parameters.
  virtual Status ExecuteScript(const std::string& sql) = 0;
  // The first column of the first row; 0 where there is no row.
  template <typename... Values>
  Result<int64_t> QueryInteger(std::string_view sql, const Values&... values) {
    BEEFLOW_ASSIGN_OR_RETURN(Statement statement, Query(sql, values...));
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, statement.Step());
    return row ? statement.Integer(0) : 0;
  }

  virtual bool is_in_transaction() const = 0;
  // Gives back memory that only makes it quicker. Not within a transaction.
  virtual void DropCache() {}

 protected:
  virtual Result<std::unique_ptr<Cursor>> Compile(std::string_view sql, bool is_kept) = 0;
  // Holds off all other writers of Beeflow from its beginning, so it never fails half-way for a
  // lock that it could not upgrade.
  virtual Status BeginWrite() = 0;
  // One consistent view.
  virtual Status BeginRead() = 0;
  virtual Status Commit() = 0;
  // Nothing to do where the engine itself has rolled back after a failure.
  virtual void Rollback() = 0;

  // The cache refers to the engine's connection: engines clear it before they close that.
  void ForgetStatements() { idle_.clear(); }

 private:
  friend class Statement;
  friend class TransactionScope;

  void GiveBack(std::string_view sql, std::unique_ptr<Cursor> cursor);

  // The texts are long, and looked up a dozen times for each transition.
  struct SameAddress {
    size_t operator()(std::string_view sql) const { return std::hash<const char*>()(sql.data()); }
    bool operator()(std::string_view a, std::string_view b) const {
      return a.data() == b.data() && a.size() == b.size();
    }
  };

  // Idle statements by their text; one text has several while nested loops use it.
  std::unordered_map<std::string_view, std::vector<std::unique_ptr<Cursor>>, SameAddress,
                     SameAddress>
      idle_;
};

// A transaction, which rolls back at the end of its scope unless it is committed.
class TransactionScope {
 public:
  static Result<TransactionScope> Write(Database* database);
  // Within a transaction it is a part of that one.
  static Result<TransactionScope> Read(Database* database);
  TransactionScope(TransactionScope&& other) noexcept;
  TransactionScope& operator=(TransactionScope&&) = delete;
  ~TransactionScope();

  Status Commit();

 private:
  explicit TransactionScope(Database* database) : database_(database) {}

  Database* database_;  // null: ended
};

}  // namespace beeflow::sql
