// The sql::Database on an SQLite file: a thin layer over SQLite's C API.
//
// Errors besides those of sql::Database: kNotFound for a missing file, kInvalid for a file that is
// no database or cannot be written.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "store/sql/database.h"

namespace beeflow::sqlite {

using sql::Statement;
using sql::TransactionScope;

enum class OpenMode {
  kCreate,    // where there is no file, an empty database is made
  kExisting,  // kNotFound where there is no file
};

class Database : public sql::Database {
 public:
  // Opens the file with the settings that all of Beeflow uses: commits durable on return, waiting
  // up to five seconds for the locks of others. Changes nothing in an existing file.
  static Result<std::unique_ptr<Database>> Open(const std::string& path, OpenMode mode);
  ~Database() override;

  const std::string& name() const override { return path_; }
  sql::Dialect dialect() const override { return sql::Dialect::kSqlite; }
  sqlite3* handle() { return handle_; }

  // Puts the file into write-ahead mode, in which it stays: readers and the writer do not wait for
  // each other, and a commit is one fsync.
  Status UseWriteAheadLog();

  // Whether another connection is in a write transaction. Commits of which the log file tells are
  // readable once the answer is false. Must not be called within a transaction.
  Result<bool> IsBeingWritten();

  Status ExecuteScript(const std::string& sql) override;
  bool is_in_transaction() const override { return !sqlite3_get_autocommit(handle_); }
  // The pages that it keeps; they are read again where they are needed.
  void DropCache() override { sqlite3_db_release_memory(handle_); }

  // The failure `code` of a call on this connection, in words.
  Error Failure(int code) const;

 protected:
  Result<std::unique_ptr<sql::Cursor>> Compile(std::string_view sql, bool is_kept) override;
  Status BeginWrite() override;
  Status BeginRead() override;
  Status Commit() override;
  void Rollback() override;

 private:
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}

  Status Configure();

  std::string path_;
  sqlite3* handle_;
};

}  // namespace beeflow::sqlite
