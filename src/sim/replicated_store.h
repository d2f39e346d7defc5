// A metadata database that several control processes share, as PostgreSQL with a replication slot:
// the slot is the change feed and the leader lock, an epoch in the database fences those that held
// it before. Others commit between the statements of an open transaction, which sees that at once.
//
// The feed delivers what others committed, some time after their commit and in its order. A new
// holder of the slot gets again what was not acknowledged, though it may have been handled; where
// the slot was lost, it gets nothing but what comes after.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "ports/store.h"
#include "sim/memory_store.h"
#include "sim/virtual_time.h"

namespace beeflow {

struct ReplicationOptions {
  uint64_t seed = 0;
  bool echoes = false;        // the feed delivers what control processes committed, too
  bool slot_is_lost = false;  // now and then, when it changes hands
  Duration lag_max{};         // from a commit to its delivery
  int acknowledged_late = 0;  // entries of the feed, at most
  bool is_fenced = true;      // not where tests look at what becomes of it
};

// What the control processes share.
class ReplicatedDatabase {
 public:
  // Both outlive this.
  ReplicatedDatabase(MemoryStore* memory, VirtualTime* time, const ReplicationOptions& options)
      : memory_(memory), time_(time), options_(options), random_(options.seed) {}

  // A commit by others has happened: it reaches the feed a while later.
  void NoteEdit();
  // What others do while a transaction is open: called before each of its statements.
  void BetweenStatements(std::function<void()> action) { between_statements_ = std::move(action); }
  // From now on the feed is quick.
  void StopFaults() { options_.lag_max = {}; }

  // Takes the slot where it is free, and raises the epoch; 0 where somebody holds it.
  int64_t Lead();
  // The holder is gone, or counts as gone. Does nothing where another one holds the slot already.
  void Free(int64_t epoch) {
    if (holder_ == epoch) holder_ = 0;
  }
  bool is_free() const { return holder_ == 0; }
  int64_t epoch() const { return epoch_; }
  // How far the feed has come in the change log.
  int64_t reached() const { return reached_; }
  // Commits of those who had been succeeded, in words.
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  friend class ReplicatedStore;
  friend class ReplicatedTransaction;

  MemoryStore* const memory_;
  VirtualTime* const time_;
  ReplicationOptions options_;
  Random random_;
  int64_t epoch_ = 0;
  int64_t holder_ = 0;        // the epoch of who holds the slot; 0: nobody
  int64_t reached_ = 0;       // the feed's end
  int64_t acknowledged_ = 0;  // where the next holder starts
  std::function<void()> between_statements_;
  std::vector<std::string> violations_;
};

// The database as the control process of one epoch sees it. kConflict: another one leads; all that
// this one still does fails.
class ReplicatedStore : public Store {
 public:
  // `database` outlives the store.
  ReplicatedStore(ReplicatedDatabase* database, int64_t epoch)
      : database_(database), epoch_(epoch), position_(database->acknowledged_) {}

  Result<Snapshot> LoadActive() override;
  Result<std::unique_ptr<Transaction>> Begin() override;
  Result<bool> HasChanges() override;

  int64_t epoch() const { return epoch_; }
  // The connection breaks: nothing works any more.
  void Disconnect() { is_connected_ = false; }
  bool is_connected() const { return is_connected_; }

 private:
  friend class ReplicatedTransaction;
  // An error where the process can't or must not go on; it may be noticed only later.
  Status Check(bool is_noticed);

  ReplicatedDatabase* const database_;
  const int64_t epoch_;
  int64_t position_;      // in the feed: what was taken
  int64_t sequence_ = 0;  // of the changes that were handed out
  bool is_connected_ = true;
};

}  // namespace beeflow
