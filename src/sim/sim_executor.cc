#include "sim/sim_executor.h"

#include <utility>

namespace beeflow {
namespace {

constexpr Duration kRedelivery = Seconds(10);

}  // namespace

SimExecutor::Instance SimExecutor::InstanceOf(const Attempt& attempt) {
  return {attempt.run.key.dag_id, attempt.run.key.run_id, attempt.dag->tasks[attempt.task].id,
          attempt.map_index};
}

// The worker's fence: a task instance has one attempt at a time, so a newer one ends an older.
void SimExecutor::Supersede(const Attempt& attempt) {
  AttemptId& current = current_[InstanceOf(attempt)];
  const auto old = executions_.find(current);
  current = attempt.id;
  if (old == executions_.end() || !old->second.alive || old->second.cancelled) return;
  if (!crashed_) {
    violations_.push_back("two attempts of task " + attempt.dag->tasks[attempt.task].id +
                          " of run " + attempt.run.key.run_id + " of DAG " + attempt.dag->id +
                          " are alive at once: " + FormatAttemptId(old->first) + " and " +
                          FormatAttemptId(attempt.id));
  }
  Cancel(old->first, "a newer attempt was started");
}

void SimExecutor::Start(Attempt attempt) {
  if (executions_.contains(attempt.id)) return;
  Supersede(attempt);
  const AttemptId id = attempt.id;
  Execution& execution = executions_[id];
  execution.worker = static_cast<int>(fates_.Below(kWorkers));
  execution.begin = time_->Now();
  execution.attempt = std::move(attempt);
  ++alive_;
  const Fate fate = fates_.Draw(execution.attempt);
  if (fate.begins) time_->After(fate.start_delay, [this, id] { Begin(id); });
  const Duration end = fate.start_delay + fate.duration;
  if (fate.ends_after_loss) {
    time_->After(fates_.UpTo(end),
                 [this, id] { End(id, Outcome::kLost, "the worker is unreachable"); });
    time_->After(end + Seconds(1), [this, id, outcome = fate.outcome] {
      Execution& late = executions_.at(id);
      if (late.ends.size() == 1 && late.ends.front() == Outcome::kLost) {
        Keep(late, outcome, "late");
        late.ends.push_back(outcome);
      }
    });
  } else {
    time_->After(end, [this, id, outcome = fate.outcome] { End(id, outcome, ""); });
  }
}

void SimExecutor::Resume(Attempt attempt) {
  if (executions_.contains(attempt.id)) return;
  Supersede(attempt);
  const AttemptId id = attempt.id;
  Execution& execution = executions_[id];
  execution.attempt = std::move(attempt);
  ++alive_;
  End(id, Outcome::kLost, "no worker knows the attempt");
}

void SimExecutor::Cancel(AttemptId attempt, const std::string& reason) {
  const auto it = executions_.find(attempt);
  if (it == executions_.end() || !it->second.alive || it->second.cancelled) return;
  it->second.cancelled = true;
  time_->After(fates_.UpTo(Seconds(2)),
               [this, attempt, reason] { End(attempt, Outcome::kFailed, reason); });
}

void SimExecutor::Retain(const std::unordered_set<AttemptId>& known) {
  for (const auto& [id, execution] : executions_) {
    if (!known.contains(id)) Cancel(id, "the database does not know this attempt any more");
  }
}

void SimExecutor::Begin(AttemptId id) {
  Execution& execution = executions_.at(id);
  if (!execution.alive) return;
  execution.began = true;
  execution.begin = time_->Now();
  Keep(execution, Outcome::kRunning, "");
}

void SimExecutor::End(AttemptId id, Outcome outcome, const std::string& reason) {
  Execution& execution = executions_.at(id);
  if (!execution.alive) return;
  execution.alive = false;
  --alive_;
  execution.ends.push_back(outcome);
  if (outcome == Outcome::kSuccess) execution.skip_tasks = fates_.DrawSkips(execution.attempt);
  Keep(execution, outcome, reason);
}

void SimExecutor::Keep(const Execution& execution, Outcome outcome, const std::string& reason) {
  const uint64_t number = ++last_number_;
  kept_.emplace(number,
                fates_.MakeReport(execution, outcome, "worker" + std::to_string(execution.worker),
                                  reason, time_->Now()));
  const bool late = fates_.Chance(options_.report_late);
  DeliverAfter(number, fates_.UpTo(late ? Seconds(300) : Seconds(0.01)));
  if (fates_.Chance(options_.report_twice)) DeliverAfter(number, fates_.UpTo(Seconds(30)));
}

void SimExecutor::DeliverAfter(uint64_t number, Duration delay) {
  time_->After(delay, [this, number] { Deliver(number); });
}

void SimExecutor::Deliver(uint64_t number) {
  const auto kept = kept_.find(number);
  if (kept == kept_.end()) return;
  if (sink_ && !fates_.Chance(options_.report_lost)) sink_({number, kept->second});
  DeliverAfter(number, kRedelivery);
}

void SimExecutor::Acknowledge(const std::vector<uint64_t>& reports) {
  for (const uint64_t number : reports) {
    const auto node = kept_.extract(number);
    if (node && hear_) hear_(node.mapped());
  }
}

void SimExecutor::Connect(Sink sink) {
  sink_ = std::move(sink);
  if (!sink_) return;
  for (const auto& [number, report] : kept_) sink_({number, report});
}

void SimExecutor::KillWorker() {
  const auto worker = static_cast<int>(fates_.Below(kWorkers));
  for (auto& [id, execution] : executions_) {
    if (!execution.alive || execution.worker != worker) continue;
    const bool had_ended = fates_.Below(4) == 0;
    const Outcome end = IsTrigger(execution.attempt) ? Outcome::kTriggered : Outcome::kSuccess;
    End(id, had_ended ? end : Outcome::kLost, "its worker died");
  }
}

void SimExecutor::StopFaults() {
  options_.report_lost = options_.report_late = options_.report_twice = 0;
  fates_.StopFaults();
}

}  // namespace beeflow
