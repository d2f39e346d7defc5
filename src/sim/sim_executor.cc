#include "sim/sim_executor.h"

#include <algorithm>
#include <utility>

namespace beeflow {
namespace {

constexpr Duration kRedelivery = Seconds(10);

bool IsTrigger(const Attempt& attempt) {
  return attempt.resumption && !attempt.resumption->trigger_class.empty();
}

}  // namespace

SimExecutor::Instance SimExecutor::InstanceOf(const Attempt& attempt) {
  return {attempt.run.key.dag_id, attempt.run.key.run_id, attempt.dag->tasks[attempt.task].id,
          attempt.map_index};
}

Duration SimExecutor::UpTo(Duration max) {
  return Duration(static_cast<Duration::rep>(
      random_.Below(static_cast<uint64_t>(std::max<Duration::rep>(1, max.count())))));
}

// Triggers fire, or are lost.
SimExecutor::Fate SimExecutor::DrawFateOfTrigger() {
  Fate fate = DrawFate();
  if (fate.outcome != Outcome::kLost) fate.outcome = Outcome::kTriggered;
  fate.begins = fate.ends_after_loss = false;
  return fate;
}

SimExecutor::Fate SimExecutor::DrawFate() {
  Fate fate;
  fate.start_delay = UpTo(Seconds(0.5));
  fate.duration = UpTo(options_.duration_max);
  if (Chance(options_.slow)) fate.duration *= 100;
  auto roll = static_cast<int>(random_.Below(1000));
  const std::pair<Outcome, int> chances[] = {
      {Outcome::kFailed, options_.failed},
      {Outcome::kFailedWithoutRetry, options_.failed_without_retry},
      {Outcome::kSkipped, options_.skipped},
      {Outcome::kDeferred, options_.deferred},
      {Outcome::kRescheduled, options_.rescheduled},
      {Outcome::kLost, options_.lost}};
  for (const auto& [outcome, chance] : chances) {
    if (roll >= 0 && roll < chance) fate.outcome = outcome;
    roll -= chance;
  }
  if (fate.outcome == Outcome::kLost) fate.begins = random_.Below(2) == 0;
  fate.ends_after_loss = Chance(options_.lost_then_ends);
  return fate;
}

// The worker's fence: a task instance has one attempt at a time, so a newer one ends an older.
void SimExecutor::Supersede(const Attempt& attempt) {
  AttemptId& current = current_[InstanceOf(attempt)];
  const auto old = executions_.find(current);
  current = attempt.id;
  if (old == executions_.end() || !old->second.alive || old->second.cancelled) return;
  ++superseded_;
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
  execution.worker = static_cast<int>(random_.Below(kWorkers));
  execution.begin = time_->Now();
  execution.attempt = std::move(attempt);
  ++alive_;
  const Fate fate = IsTrigger(execution.attempt) ? DrawFateOfTrigger() : DrawFate();
  if (fate.begins) time_->After(fate.start_delay, [this, id] { Begin(id); });
  const Duration end = fate.start_delay + fate.duration;
  if (fate.ends_after_loss) {
    time_->After(UpTo(end), [this, id] { End(id, Outcome::kLost, "the worker is unreachable"); });
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
  time_->After(UpTo(Seconds(2)),
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
  const Attempt& attempt = execution.attempt;
  if (outcome == Outcome::kSuccess && Chance(options_.branches)) {
    for (const TaskIndex next : attempt.dag->tasks[attempt.task].downstream) {
      if (random_.Below(2) == 0) execution.skip_tasks.push_back(attempt.dag->tasks[next].id);
    }
  }
  Keep(execution, outcome, reason);
}

void SimExecutor::Keep(const Execution& execution, Outcome outcome, const std::string& reason) {
  const Attempt& attempt = execution.attempt;
  Report report;
  report.attempt = attempt.id;
  report.run = attempt.run.key;
  report.task_id = attempt.dag->tasks[attempt.task].id;
  report.map_index = attempt.map_index;
  report.try_number = attempt.try_number;
  report.outcome = outcome;
  report.start_date = execution.begin;
  if (outcome != Outcome::kRunning) {
    report.end_date = time_->Now();
    if (!IsTrigger(attempt)) report.usage.emplace();
  }
  report.hostname = "worker" + std::to_string(execution.worker);
  report.reason = reason;
  AddDetails(execution, &report);
  const uint64_t number = ++last_number_;
  kept_.emplace(number, std::move(report));
  const bool late = Chance(options_.report_late);
  DeliverAfter(number, UpTo(late ? Seconds(300) : Seconds(0.01)));
  if (Chance(options_.report_twice)) DeliverAfter(number, UpTo(Seconds(30)));
}

// What goes along with an outcome.
void SimExecutor::AddDetails(const Execution& execution, Report* report) {
  const Attempt& attempt = execution.attempt;
  if (report->outcome == Outcome::kSuccess) {
    report->skip_tasks = execution.skip_tasks;
    if (Chance(options_.nothing)) return;
    report->xcoms.emplace_back("return_value", std::to_string(attempt.try_number));
    const bool has_length = !attempt.dag->tasks[attempt.task].mapped_over_by.empty();
    if (has_length) report->map_length = static_cast<int64_t>(random_.Below(4));
  } else if (report->outcome == Outcome::kDeferred) {
    report->deferral = Deferral{"triggers.Simulated", "{}", {}, "execute_complete", "{}"};
    if (random_.OneIn(2)) report->deferral->timeout = UpTo(Seconds(120));
  } else if (report->outcome == Outcome::kRescheduled) {
    report->reschedule_date = time_->Now() + UpTo(Seconds(120));
  } else if (report->outcome == Outcome::kTriggered) {
    report->event = TriggerEvent{"event", "1"};
  }
}

void SimExecutor::DeliverAfter(uint64_t number, Duration delay) {
  time_->After(delay, [this, number] { Deliver(number); });
}

void SimExecutor::Deliver(uint64_t number) {
  const auto kept = kept_.find(number);
  if (kept == kept_.end()) return;
  if (sink_ && !Chance(options_.report_lost)) sink_({number, kept->second});
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
  const auto worker = static_cast<int>(random_.Below(kWorkers));
  for (auto& [id, execution] : executions_) {
    if (!execution.alive || execution.worker != worker) continue;
    const bool had_ended = random_.Below(4) == 0;
    const Outcome end = IsTrigger(execution.attempt) ? Outcome::kTriggered : Outcome::kSuccess;
    End(id, had_ended ? end : Outcome::kLost, "its worker died");
  }
}

void SimExecutor::StopFaults() {
  options_.lost = options_.report_lost = options_.report_late = options_.report_twice = 0;
  options_.lost_then_ends = options_.slow = 0;
}

}  // namespace beeflow
