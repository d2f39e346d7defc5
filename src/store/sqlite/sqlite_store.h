// The Store on an SQLite file (ports/store.h has the contract). One connection, which the control
// loop alone uses; other connections and processes may edit the same file meanwhile.
#pragma once

#include <memory>
#include <string>

#include "ports/store.h"
#include "store/sqlite/change_feed.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows.h"

namespace beeflow {

class SqliteStore : public Store {
 public:
  // Brings the schema up to date where needed.
  static Result<std::unique_ptr<SqliteStore>> Open(const std::string& path, sqlite::OpenMode mode);

  // Moves the feed position to the end: the snapshot contains what was still to be taken.
  Result<Snapshot> LoadActive() override;
  // The transaction must end before the store.
  Result<std::unique_ptr<Transaction>> Begin() override;
  Result<bool> HasChanges() override;

  // Gives back the memory of the pages that it keeps; they are read again where they are needed.
  // Not while there is a transaction.
  void DropCache();

  sqlite::Database* database() { return database_.get(); }

 private:
  explicit SqliteStore(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)) {}

  std::unique_ptr<sqlite::Database> database_;
  sqlite::DagModels models_;
  sqlite::ChangeTrimmer trimmer_;
};

}  // namespace beeflow
