#include "router/router.h"

#include <utility>
#include <variant>

namespace beeflow {
namespace {

// One overload for each kind of row.
struct ToScheduler {
  Scheduler* scheduler;
  void operator()(const DagRecord& row) const { scheduler->OnDagRecord(row); }
  void operator()(const DagGone& row) const { scheduler->OnDagGone(row.dag_id); }
  void operator()(const RunRecord& row) const { scheduler->OnRun(row); }
  void operator()(const RunGone& row) const { scheduler->OnRunGone(row.run); }
  void operator()(const TaskRecord& row) const { scheduler->OnTask(row); }
  void operator()(const TaskGone& row) const {
    scheduler->OnTaskGone(row.run, row.task_id, row.map_index);
  }
  void operator()(const PoolRecord& row) const { scheduler->OnPool(row); }
  void operator()(const PoolGone& row) const { scheduler->OnPoolGone(row.name); }
};

}  // namespace

void Router::Route(const std::vector<Change>& changes, Scheduler* scheduler) {
  for (const Change& change : changes) std::visit(ToScheduler{scheduler}, change.row);
}

Executor* Router::ExecutorOf(const std::string& queue) const {
  const auto it = queues_.find(queue);
  return it == queues_.end() ? fallback_ : it->second;
}

Executor* Router::ExecutorOf(const Attempt& attempt) const {
  const bool is_trigger = attempt.resumption && !attempt.resumption->trigger_class.empty();
  if (is_trigger && triggers_) return triggers_;
  return ExecutorOf(attempt.dag->tasks[attempt.task].queue);
}

void Router::Dispatch(Actions actions) {
  // What was started and cancelled within one turn is not started at all. Nor is what the database
  // had as queued or running when the turn began by reading it, and whose end came in then: it
  // would be run once more, or be waited for in vain.
  std::unordered_set<AttemptId> cancelled;
  for (const Cancellation& cancel : actions.cancel) {
    cancelled.insert(cancel.attempt);
    ExecutorOf(cancel.queue)->Cancel(cancel.attempt, cancel.reason);
    if (triggers_) triggers_->Cancel(cancel.attempt, cancel.reason);
  }
  for (Attempt& attempt : actions.resume) {
    if (actions.ended.contains(attempt.id)) continue;
    Executor* executor = ExecutorOf(attempt);
    executor->Resume(std::move(attempt));
  }
  for (Attempt& attempt : actions.start) {
    if (cancelled.contains(attempt.id) || actions.ended.contains(attempt.id)) continue;
    Executor* executor = ExecutorOf(attempt);
    executor->Start(std::move(attempt));
  }
  if (!dag_code_) return;
  for (const DagCallback& callback : actions.callbacks) dag_code_->RunCallback(callback, told_);
  for (const TimetableQuestion& question : actions.questions) {
    dag_code_->AskNextRun(question,
                          [this, question](const auto& answer) { answer_(question, answer); });
  }
}

void Router::Retain(const std::unordered_set<AttemptId>& known) {
  fallback_->Retain(known);
  if (triggers_) triggers_->Retain(known);
  for (const auto& [queue, executor] : queues_) executor->Retain(known);
}

}  // namespace beeflow
