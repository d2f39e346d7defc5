// A connection to PostgreSQL: a thin layer over libpq. Results come in binary, so that times are
// numbers of microseconds whatever zone the session has.
//
// In a transaction, statements whose results nobody waits for are sent ahead (libpq's pipeline
// mode); the next one that is waited for brings all their results.
//
// Threads: one at a time.
// Errors: as sql::Database. A connection that failed is of no use any more: is_broken().
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace beeflow::postgres {

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, FreeResult>;

// The parameters of a statement, as text.
class Parameters {
 public:
  void Clear() { values_.clear(); }
  void Add(std::optional<std::string> value) { values_.push_back(std::move(value)); }
  int size() const { return static_cast<int>(values_.size()); }
  // For libpq; good until the next change.
  const char* const* Pointers();

 private:
  std::vector<std::optional<std::string>> values_;
  std::vector<const char*> pointers_;
};

// A statement, and where its text stands in the program if it is used again: it is then prepared
// once. Null: used once.
struct StatementText {
  std::string sql;
  const char* key = nullptr;
};

// Parts of a connection URI that are ours to show or to change.
// Without the password, for messages.
std::string WithoutPassword(const std::string& url);
// True for postgresql:// and postgres://, also with SQLAlchemy's driver (postgresql+psycopg2://).
bool IsPostgresUrl(std::string_view url);
// As libpq reads it: without SQLAlchemy's driver.
std::string LibpqUrl(const std::string& url);

class Connection {
 public:
  // `options` are libpq keywords that go before those of the URL.
  using Options = std::vector<std::pair<std::string, std::string>>;
  static Result<std::unique_ptr<Connection>> Open(const std::string& url, const Options& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { PQfinish(handle_); }

  PGconn* handle() { return handle_; }
  const std::string& name() const { return name_; }
  bool is_broken() const { return PQstatus(handle_) != CONNECTION_OK; }

  Result<ResultPtr> Query(const StatementText& text, Parameters* parameters);
  Result<int64_t> QueryInteger(const std::string& sql);
  // The same, without waiting. Only between BeginPipeline and EndPipeline.
  Status Send(const StatementText& text, Parameters* parameters);
  // Any number of statements without parameters. Not in a pipeline.
  Status ExecuteScript(const std::string& sql);

  Status BeginPipeline();
  // What is still under way is awaited; the first failure, if any.
  Status EndPipeline();

  // What the last call on the connection said, or the result.
  Error Failure(const PGresult* result) const;

 private:
  Connection(PGconn* handle, std::string name) : handle_(handle), name_(std::move(name)) {}

  Status FindOutAboutPooler();
  std::string KnownName(const char* key) const;
  std::string NewName();
  Result<ResultPtr> ReadResults();
  Result<ResultPtr> Await();

  PGconn* handle_;
  const std::string name_;
  // A pooler in transaction mode (pgbouncer) hands each transaction to another server process, of
  // which none knows what was prepared before.
  bool is_pooled_ = false;
  std::unordered_map<const char*, std::string> prepared_;  // names by where the text stands
  std::vector<const char*> unconfirmed_;                   // of them: the server has not answered
  uint64_t last_name_ = 0;
  int in_flight_ = 0;  // results that are to come
};

// One column of one row of a binary result.
class Cell {
 public:
  Cell(const PGresult* result, int row, int column) : result_(result), row_(row), column_(column) {}

  bool is_null() const { return PQgetisnull(result_, row_, column_) != 0; }
  int64_t Integer() const;
  double Real() const;
  std::optional<Time> AsTime() const;
  // As SQLite would have stored it; `buffer` holds it where it has to be made.
  std::string_view Text(std::string* buffer) const;

 private:
  Oid type() const { return PQftype(result_, column_); }
  std::string_view bytes() const {
    return {PQgetvalue(result_, row_, column_),
            static_cast<size_t>(PQgetlength(result_, row_, column_))};
  }

  const PGresult* result_;
  int row_;
  int column_;
};

}  // namespace beeflow::postgres
