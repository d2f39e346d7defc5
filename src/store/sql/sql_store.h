// The Store on an SQL database (ports/store.h has the contract). It has the database connection to
// itself; other connections and processes may edit the same database meanwhile.
#pragma once

#include <memory>
#include <utility>

#include "ports/store.h"
#include "store/sql/change_feed.h"
#include "store/sql/database.h"
#include "store/sql/rows.h"

namespace beeflow {

class SqlStore : public Store {
 public:
  SqlStore(std::unique_ptr<sql::Database> database, std::unique_ptr<sql::ChangeFeed> feed)
      : database_(std::move(database)), feed_(std::move(feed)) {}

  // Moves the feed position to the end: the snapshot contains what was still to be taken.
  Result<Snapshot> LoadActive() override;
  // The transaction must end before the store.
  Result<std::unique_ptr<Transaction>> Begin() override;
  Result<bool> HasChanges() override;

  // Gives back memory that only makes it quicker. Not while there is a transaction.
  void DropCache() { database_->DropCache(); }

  sql::Database* database() { return database_.get(); }

 private:
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<sql::ChangeFeed> feed_;
  sql::DagModels models_;
};

}  // namespace beeflow
