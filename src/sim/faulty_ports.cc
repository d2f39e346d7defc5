#include "sim/faulty_ports.h"

#include <utility>

namespace beeflow {
namespace {

Error Injected(const char* what) { return Unavailable(std::string("simulated fault: ") + what); }

}  // namespace

class FaultyTransaction : public ForwardingTransaction {
 public:
  FaultyTransaction(FaultyStore* store, std::unique_ptr<Transaction> inner)
      : ForwardingTransaction(std::move(inner)), store_(store) {}

  Result<std::vector<Change>> TakeChanges(size_t max) override {
    BEEFLOW_RETURN_IF_ERROR(store_->Count());
    if (!store_->feed_faults_) return inner_->TakeChanges(max);
    if (!last_.empty() && store_->random_.OneIn(8)) return std::exchange(last_, {});
    BEEFLOW_ASSIGN_OR_RETURN(last_, inner_->TakeChanges(1 + store_->random_.Below(5)));
    return last_;
  }
  Result<bool> Apply(const Transition& transition) override {
    BEEFLOW_RETURN_IF_ERROR(store_->Count());
    return inner_->Apply(transition);
  }
  Status SyncFile(const ParsedFile& file, bool paused_at_creation, Time now) override {
    BEEFLOW_RETURN_IF_ERROR(store_->Count());
    return inner_->SyncFile(file, paused_at_creation, now);
  }
  Status RemoveFile(const std::string& path, Time now) override {
    BEEFLOW_RETURN_IF_ERROR(store_->Count());
    return inner_->RemoveFile(path, now);
  }
  Result<std::optional<DagSnapshot>> LoadDag(const std::string& dag_id) override {
    BEEFLOW_RETURN_IF_ERROR(store_->Count());
    return inner_->LoadDag(dag_id);
  }
  Result<std::optional<RunSnapshot>> LoadRun(const RunKey& run) override {
    BEEFLOW_RETURN_IF_ERROR(store_->Count());
    return inner_->LoadRun(run);
  }
  Result<std::optional<RunSnapshot>> LoadPreviousRun(const std::string& dag_id, Time logical_date,
                                                     bool scheduled_only) override {
    BEEFLOW_RETURN_IF_ERROR(store_->Count());
    return inner_->LoadPreviousRun(dag_id, logical_date, scheduled_only);
  }
  Status Commit() override {
    const StoreFault fault = std::exchange(store_->fault_, StoreFault::kNone);
    if (fault == StoreFault::kCommitFails) return Injected("the commit failed");
    BEEFLOW_RETURN_IF_ERROR(inner_->Commit());
    if (fault == StoreFault::kCommitUnknown) return Injected("the answer to a commit was lost");
    return Ok();
  }

 private:
  FaultyStore* const store_;
  std::vector<Change> last_;  // what a faulty feed may hand out again
};

Status FaultyStore::Count() {
  if (fault_ != StoreFault::kOperationFails || operations_left_-- > 0) return Ok();
  fault_ = StoreFault::kNone;
  return Injected("an operation failed");
}

Result<Snapshot> FaultyStore::LoadActive() {
  BEEFLOW_RETURN_IF_ERROR(Count());
  BEEFLOW_ASSIGN_OR_RETURN(Snapshot snapshot, inner_->LoadActive());
  if (feed_faults_ && memory_) memory_->RewindFeed(static_cast<int64_t>(random_.Below(20)));
  return snapshot;
}

Result<std::unique_ptr<Transaction>> FaultyStore::Begin() {
  BEEFLOW_RETURN_IF_ERROR(Count());
  BEEFLOW_ASSIGN_OR_RETURN(auto inner, inner_->Begin());
  return std::unique_ptr<Transaction>(std::make_unique<FaultyTransaction>(this, std::move(inner)));
}

}  // namespace beeflow
