// The change feed of a Store on PostgreSQL: what others committed comes by replication, what the
// transaction itself has changed is read from the change log.
#pragma once

#include <cstdint>
#include <optional>

#include "store/postgres/replication.h"
#include "store/sql/change_feed.h"

namespace beeflow::postgres {

class StreamFeed : public sql::ChangeFeed {
 public:
  // `replication` outlives the feed.
  explicit StreamFeed(Replication* replication) : replication_(replication) {}

  Result<std::vector<Change>> Take(sql::Database* database, size_t max) override;
  // Before the reading: what is committed later comes by replication.
  Status SkipToEnd(sql::Database* database) override;
  Status Save(sql::Database* database) override;
  void End(bool is_committed) override;
  Result<bool> HasChanges(sql::Database* database) override;

 private:
  Status TakeOthers(sql::Database* database, size_t max, std::vector<Change>* changes);
  Status TakeOwn(sql::Database* database, size_t max, std::vector<Change>* changes);

  Replication* replication_;
  sql::ChangeTrimmer trimmer_;
  int64_t newest_ = 0;              // entry that was seen: own ones come after it
  std::optional<int64_t> last_own_;  // entry of this transaction
};

}  // namespace beeflow::postgres
