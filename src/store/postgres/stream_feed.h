// The change feed of a Store on PostgreSQL: what others committed comes by replication, what the
// transaction itself has changed is read from the change log.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "store/postgres/replication.h"
#include "store/sql/change_feed.h"

namespace beeflow::postgres {

class StreamFeed : public sql::ChangeFeed {
 public:
  // `replication` outlives the feed. `look_again` is called at the end of a transaction that could
  // not see all that has arrived: there is more to take in a moment.
  StreamFeed(Replication* replication, std::function<void()> look_again)
      : replication_(replication), look_again_(std::move(look_again)) {}

  Result<std::vector<Change>> Take(sql::Database* database, size_t max) override;
  // Before the reading: what is committed later comes by replication.
  Status SkipToEnd(sql::Database* database) override;
  Status Save(sql::Database* database) override;
  void End(bool is_committed) override;
  Result<bool> HasChanges(sql::Database* database) override;

 private:
  Result<std::vector<LoggedTransaction>> TakeVisible(sql::Database* database, size_t max);
  Status TakeOthers(sql::Database* database, size_t max, std::vector<Change>* changes);
  Status TakeOwn(sql::Database* database, size_t max, std::vector<Change>* changes);

  Replication* replication_;
  const std::function<void()> look_again_;
  bool has_unseen_ = false;
  sql::ChangeTrimmer trimmer_;
  // Numbers of entries. Those of a transaction are greater than all that were seen before it began.
  int64_t newest_ = 0;  // seen in the transactions before this one
  int64_t last_others_ = 0;
  std::optional<int64_t> last_own_;
};

}  // namespace beeflow::postgres
