// Faults in front of the control loop's ports: a store whose operations fail, whose commits fail or
// leave it open whether they happened, whose feed repeats itself; and a gate before an executor
// that from some moment on drops calls, as the death of the control process would, or holds them
// back, as long as it hangs.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
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
  // `inner` is where operations go, `memory` the store below it, null where the feed is never to
  // start again; both outlive this.
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
  // Lets `calls` more calls through; the others are dropped, or held until Open.
  void CloseAfter(int calls) { Close(calls, Then::kDrop); }
  void HoldAfter(int calls) { Close(calls, Then::kHold); }
  void Open() {
    calls_left_.reset();
    for (; !held_.empty(); held_.pop_front()) held_.front()();
  }

  void Start(Attempt attempt) override {
    Pass([this, attempt = std::move(attempt)] { inner_->Start(attempt); });
  }
  void Resume(Attempt attempt) override {
    Pass([this, attempt = std::move(attempt)] { inner_->Resume(attempt); });
  }
  void Cancel(AttemptId attempt, const std::string& reason) override {
    Pass([this, attempt, reason] { inner_->Cancel(attempt, reason); });
  }
  void Retain(const std::unordered_set<AttemptId>& known) override {
    Pass([this, known] { inner_->Retain(known); });
  }
  void Acknowledge(const std::vector<uint64_t>& reports) override {
    Pass([this, reports] { inner_->Acknowledge(reports); });
  }

 private:
  enum class Then { kDrop, kHold };
  void Close(int calls, Then then) {
    calls_left_ = calls;
    then_ = then;
  }
  template <typename Call>
  void Pass(Call call) {
    if (!calls_left_ || *calls_left_ > 0) {
      if (calls_left_) --*calls_left_;
      call();
    } else if (then_ == Then::kHold) {
      held_.emplace_back(std::move(call));
    }
  }

  std::optional<int> calls_left_;
  Then then_ = Then::kDrop;
  std::deque<std::function<void()>> held_;
};

}  // namespace beeflow
