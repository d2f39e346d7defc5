#include "sim/replicated_store.h"

#include <algorithm>
#include <utility>

#include "sim/forwarding.h"

namespace beeflow {

// What a transaction writes itself it reads back at once; of others it sees what the feed brings.
class ReplicatedTransaction : public ForwardingTransaction {
 public:
  ReplicatedTransaction(ReplicatedStore* store, std::unique_ptr<Transaction> inner)
      : ForwardingTransaction(std::move(inner)), store_(store) {
    own_ = store->database_->memory_->log_size();
    // Of the statements of one that has been succeeded, any may be the first to fail.
    statements_left_ = static_cast<int>(store->database_->random_.Below(20));
  }

  Result<std::vector<Change>> TakeChanges(size_t max) override {
    BEEFLOW_RETURN_IF_ERROR(Check());
    std::vector<Change> out;
    const ReplicatedDatabase& database = *store_->database_;
    const MemoryStore& memory = *database.memory_;
    const auto take = [&](int64_t sequence) {
      Change change = memory.ChangeAt(sequence);
      change.sequence = ++store_->sequence_;
      out.push_back(std::move(change));
    };
    const int64_t end = std::min(database.reached_, memory.log_size());
    while (out.size() < max && store_->position_ < end) {
      const int64_t sequence = ++store_->position_;
      if (database.options_.echoes || memory.IsByHand(sequence)) take(sequence);
    }
    while (out.size() < max && own_ < memory.log_size()) {
      if (!memory.IsByHand(++own_)) take(own_);
    }
    return out;
  }
  Result<bool> Apply(const Transition& transition) override {
    BEEFLOW_RETURN_IF_ERROR(Check());
    return inner_->Apply(transition);
  }
  Status Commit() override {
    BEEFLOW_RETURN_IF_ERROR(store_->Check(/*is_noticed=*/true));
    ReplicatedDatabase* database = store_->database_;
    if (store_->epoch_ != database->epoch_) {
      database->violations_.push_back("a control process committed after it had been succeeded");
    }
    BEEFLOW_RETURN_IF_ERROR(inner_->Commit());
    const auto late = static_cast<int64_t>(
        database->random_.Below(static_cast<uint64_t>(database->options_.acknowledged_late) + 1));
    database->acknowledged_ = std::max(database->acknowledged_, store_->position_ - late);
    return Ok();
  }

 private:
  Status Check() {
    if (store_->database_->between_statements_) store_->database_->between_statements_();
    return store_->Check(statements_left_-- == 0);
  }

  ReplicatedStore* const store_;
  int64_t own_ = 0;  // in the log: what it has read back
  int statements_left_ = 0;
};

void ReplicatedDatabase::NoteEdit() {
  const auto lag = static_cast<uint64_t>(std::max<Duration::rep>(1, options_.lag_max.count()));
  time_->After(Duration(static_cast<Duration::rep>(random_.Below(lag))),
               [this, end = memory_->log_size()] { reached_ = std::max(reached_, end); });
}

int64_t ReplicatedDatabase::Lead() {
  if (!is_free()) return 0;
  holder_ = ++epoch_;
  memory_->Crash();  // a transaction of the one before is taken back
  if (options_.slot_is_lost && random_.OneIn(3)) acknowledged_ = reached_ = memory_->log_size();
  return epoch_;
}

Status ReplicatedStore::Check(bool is_noticed) {
  if (!is_connected_) return Unavailable("the connection to the database was lost");
  if (!is_noticed || epoch_ == database_->epoch_ || !database_->options_.is_fenced) return Ok();
  return Conflict("another control process leads");
}

Result<Snapshot> ReplicatedStore::LoadActive() {
  BEEFLOW_RETURN_IF_ERROR(Check(/*is_noticed=*/true));
  // Where a transaction was taken back that others had committed beside, the log is shorter now.
  position_ = std::min(position_, database_->memory_->log_size());
  return database_->memory_->LoadActive();
}

Result<std::unique_ptr<Transaction>> ReplicatedStore::Begin() {
  BEEFLOW_RETURN_IF_ERROR(Check(database_->random_.OneIn(3)));
  BEEFLOW_ASSIGN_OR_RETURN(auto inner, database_->memory_->Begin());
  return std::unique_ptr<Transaction>(
      std::make_unique<ReplicatedTransaction>(this, std::move(inner)));
}

// A connection that breaks is noticed by a transaction.
Result<bool> ReplicatedStore::HasChanges() {
  if (!is_connected_) return true;
  const MemoryStore& memory = *database_->memory_;
  const int64_t end = std::min(database_->reached_, memory.log_size());
  for (int64_t i = position_ + 1; i <= end; ++i) {
    if (database_->options_.echoes || memory.IsByHand(i)) return true;
  }
  return false;
}

}  // namespace beeflow
