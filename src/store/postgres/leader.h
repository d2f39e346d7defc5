// Which of several control processes works: the one that holds the replication slot.
//
// Becoming the leader raises the epoch in the database. Whoever led before and does not know that
// it is over, since it was stopped or cut off, cannot write any more: each of its transactions
// compares the epoch first (database.h).
//
// Threads: as Replication.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/postgres/connection_pool.h"
#include "store/postgres/replication.h"

namespace beeflow::postgres {

class Leader {
 public:
  // `direct_url` reaches the server itself, where that of the pool is a pooler's.
  Leader(std::shared_ptr<ConnectionPool> pool, const std::string& direct_url)
      : pool_(std::move(pool)), replication_(direct_url) {}

  // Waits until this process leads, and fences off the one before. False where Stop was called.
  Result<bool> Await(const std::function<void(const std::string& reason)>& on_waiting);
  void Stop() { replication_.Stop(); }

  // See Replication::Follow.
  Status Follow(std::function<void()> on_arrival, std::function<void(const Error&)> on_lost) {
    return replication_.Follow(std::move(on_arrival), std::move(on_lost));
  }
  Replication& replication() { return replication_; }
  // Higher than that of every leader before; once it leads.
  int64_t epoch() const { return epoch_; }

 private:
  Status RaiseEpoch();

  const std::shared_ptr<ConnectionPool> pool_;
  Replication replication_;
  int64_t epoch_ = 0;
};

}  // namespace beeflow::postgres
