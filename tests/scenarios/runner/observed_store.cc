#include "observed_store.h"

#include <algorithm>
#include <utility>

#include "sim/forwarding.h"

namespace beeflow::scenario {
namespace {

class ObservedTransaction : public ForwardingTransaction {
 public:
  ObservedTransaction(ObservedStore* owner, std::unique_ptr<Transaction> inner)
      : ForwardingTransaction(std::move(inner)), owner_(owner) {}

  Result<std::vector<Change>> TakeChanges(size_t max) override {
    auto changes = inner_->TakeChanges(max);
    if (!changes.ok()) return changes;
    for (const Change& change : *changes) {
      if (const auto* run = std::get_if<RunRecord>(&change.row)) notes_.runs.push_back(run->key);
    }
    return changes;
  }

  Result<bool> Apply(const Transition& transition) override {
    auto applied = inner_->Apply(transition);
    if (!applied.ok() || !*applied) return applied;
    if (const auto* create = std::get_if<CreateRun>(&transition)) {
      notes_.runs.push_back(create->run.key);
    } else if (const auto* notice = std::get_if<Notice>(&transition)) {
      notes_.log.push_back({notice->run, notice->task_id, notice->text});
    } else if (const auto* run = std::get_if<ChangeRun>(&transition)) {
      if (!run->reason.empty()) notes_.log.push_back({run->run, "", run->reason});
    } else if (const auto* task = std::get_if<ChangeTask>(&transition)) {
      if (!task->reason.empty()) notes_.log.push_back({task->run, task->task_id, task->reason});
      const TaskState state = task->task_failed ? TaskState::kFailed : task->to;
      if (task->usage) {
        notes_.attempts.push_back({task->run, task->task_id, task->map_index, state});
      }
    } else if (const auto* ended = std::get_if<RecordAttempt>(&transition)) {
      notes_.attempts.push_back({ended->run, ended->task_id, ended->map_index, ended->state});
    }
    return applied;
  }

  Status Commit() override {
    auto status = inner_->Commit();
    if (status.ok()) owner_->Note(std::move(notes_));
    return status;
  }

 private:
  ObservedStore* owner_;
  ObservedStore::Notes notes_;
};

}  // namespace

void ObservedStore::Note(Notes notes) {
  for (LogEntry& entry : notes.log) log_.push_back(std::move(entry));
  for (RecordedAttempt& attempt : notes.attempts) attempts_.push_back(std::move(attempt));
  for (const RunKey& run : notes.runs) seen_[run.dag_id][run.run_id] = true;
}

Result<Snapshot> ObservedStore::LoadActive() {
  auto snapshot = store_->LoadActive();
  if (!snapshot.ok()) return snapshot;
  Notes notes;
  for (const RunSnapshot& run : snapshot->runs) notes.runs.push_back(run.run.key);
  Note(std::move(notes));
  return snapshot;
}

Result<std::unique_ptr<Transaction>> ObservedStore::Begin() {
  BEEFLOW_ASSIGN_OR_RETURN(auto inner, store_->Begin());
  return std::unique_ptr<Transaction>(new ObservedTransaction(this, std::move(inner)));
}

Result<std::vector<RunSnapshot>> ObservedStore::Runs(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
  std::vector<RunSnapshot> runs;
  for (const auto& [run_id, seen] : seen_[dag_id]) {
    BEEFLOW_ASSIGN_OR_RETURN(auto run, transaction->LoadRun({dag_id, run_id}));
    if (run) runs.push_back(std::move(*run));
  }
  std::sort(runs.begin(), runs.end(), [](const RunSnapshot& a, const RunSnapshot& b) {
    return a.run.logical_date < b.run.logical_date;
  });
  return runs;
}

Result<std::optional<DagSnapshot>> ObservedStore::Dag(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
  return transaction->LoadDag(dag_id);
}

}  // namespace beeflow::scenario
