// Faults in front of the control loop's ports: a store whose operations fail, whose commits fail or
// leave it open whether they happened, whose feed repeats itself; and a gate before an executor
// that drops calls from some moment on, as the death of the control process would.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "ports/executor.h"
#include "ports/store.h"
#include "sim/forwarding.h"
#include "sim/memory_store.h"

namespace beeflow {

enum class StoreFault {
  kNone,
  kOperationFails,  // one of the operations of the next transaction, or its begin
  kCommitFails,
  kCommitUnknown,  // it happens, and is reported as failed
};

class FaultyStore : public Store {
 public:
  // `inner` is where operations go, `memory` the store below it; both outlive this.
  FaultyStore(Store* inner, MemoryStore* memory, uint64_t seed)
      : inner_(inner), memory_(memory), random_(seed) {}

  // The fault of the next transaction.
  void Arm(StoreFault fault) {
    fault_ = fault;
    operations_left_ = static_cast<int>(random_.Below(30));
  }
  // Whether the feed hands out small batches and repeats them.
  void SetFeedFaults(bool on) { feed_faults_ = on; }

  Result<Snapshot> LoadActive() override;
  Result<std::unique_ptr<Transaction>> Begin() override;
  Result<bool> HasChanges() override { return inner_->HasChanges(); }

 private:
  friend class FaultyTransaction;
  // An error where the fault is due now.
  Status Count();

  Store* const inner_;
  MemoryStore* const memory_;
  Random random_;
  StoreFault fault_ = StoreFault::kNone;
  int operations_left_ = 0;
  bool feed_faults_ = false;
};

class ExecutorGate : public ForwardingExecutor {
 public:
  using ForwardingExecutor::ForwardingExecutor;
  // Lets `calls` more calls through, then none; nullopt: all.
  void CloseAfter(std::optional<int> calls) { calls_left_ = calls; }
  bool closed() const { return calls_left_ == 0; }

  void Start(Attempt attempt) override {
    if (Passes()) inner_->Start(std::move(attempt));
  }
  void Resume(Attempt attempt) override {
    if (Passes()) inner_->Resume(std::move(attempt));
  }
  void Cancel(AttemptId attempt, const std::string& reason) override {
    if (Passes()) inner_->Cancel(attempt, reason);
  }
  void Retain(const std::unordered_set<AttemptId>& known) override {
    if (Passes()) inner_->Retain(known);
  }
  void Acknowledge(const std::vector<uint64_t>& reports) override {
    if (Passes()) inner_->Acknowledge(reports);
  }

 private:
  bool Passes() {
    if (!calls_left_) return true;
    if (*calls_left_ == 0) return false;
    --*calls_left_;
    return true;
  }

  std::optional<int> calls_left_;
};

}  // namespace beeflow
