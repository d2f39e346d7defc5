// Decorators that hand every call on to what they wrap; fakes and observers override what they
// change.
//
// Threads: as what they wrap.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ports/executor.h"
#include "ports/store.h"

namespace beeflow {

class ForwardingTransaction : public Transaction {
 public:
  explicit ForwardingTransaction(std::unique_ptr<Transaction> inner) : inner_(std::move(inner)) {}

  Result<std::vector<Change>> TakeChanges(size_t max) override { return inner_->TakeChanges(max); }
  Result<bool> Apply(const Transition& transition) override { return inner_->Apply(transition); }
  Status SyncFile(const ParsedFile& file, bool paused_at_creation, Time now) override {
    return inner_->SyncFile(file, paused_at_creation, now);
  }
  Status RemoveFile(const std::string& path, Time now) override {
    return inner_->RemoveFile(path, now);
  }
  Result<std::optional<DagSnapshot>> LoadDag(const std::string& dag_id) override {
    return inner_->LoadDag(dag_id);
  }
  Result<std::optional<RunSnapshot>> LoadRun(const RunKey& run) override {
    return inner_->LoadRun(run);
  }
  Result<std::optional<RunSnapshot>> LoadPreviousRun(const std::string& dag_id, Time logical_date,
                                                     bool scheduled_only) override {
    return inner_->LoadPreviousRun(dag_id, logical_date, scheduled_only);
  }
  Result<std::optional<int64_t>> MapLength(const RunKey& run, const std::string& task_id,
                                           bool mapped) override {
    return inner_->MapLength(run, task_id, mapped);
  }
  Result<std::optional<std::string>> XCom(const RunKey& run, const std::string& task_id,
                                          int map_index, const std::string& key) override {
    return inner_->XCom(run, task_id, map_index, key);
  }
  Status Commit() override { return inner_->Commit(); }

 protected:
  const std::unique_ptr<Transaction> inner_;
};

// Does not own what it wraps.
class ForwardingExecutor : public Executor {
 public:
  explicit ForwardingExecutor(Executor* inner) : inner_(inner) {}

  void Start(Attempt attempt) override { inner_->Start(std::move(attempt)); }
  void Resume(Attempt attempt) override { inner_->Resume(std::move(attempt)); }
  void Cancel(AttemptId attempt, const std::string& reason) override {
    inner_->Cancel(attempt, reason);
  }
  void Retain(const std::unordered_set<AttemptId>& known) override { inner_->Retain(known); }
  void Acknowledge(const std::vector<uint64_t>& reports) override { inner_->Acknowledge(reports); }

 protected:
  Executor* const inner_;
};

}  // namespace beeflow
