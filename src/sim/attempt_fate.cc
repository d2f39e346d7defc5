#include "sim/attempt_fate.h"

#include <algorithm>
#include <utility>

namespace beeflow {

bool IsTrigger(const Attempt& attempt) {
  return attempt.resumption && !attempt.resumption->trigger_class.empty();
}

Duration FateTeller::UpTo(Duration max) {
  return Duration(static_cast<Duration::rep>(
      random_.Below(static_cast<uint64_t>(std::max<Duration::rep>(1, max.count())))));
}

// Triggers fire, or are lost.
Fate FateTeller::Draw(const Attempt& attempt) {
  Fate fate = DrawOfTask();
  if (!IsTrigger(attempt)) return fate;
  if (fate.outcome != Outcome::kLost) fate.outcome = Outcome::kTriggered;
  fate.begins = fate.ends_after_loss = false;
  return fate;
}

Fate FateTeller::DrawOfTask() {
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

std::vector<std::string> FateTeller::DrawSkips(const Attempt& attempt) {
  std::vector<std::string> out;
  if (!Chance(options_.branches)) return out;
  for (const TaskIndex next : attempt.dag->tasks[attempt.task].downstream) {
    if (random_.Below(2) == 0) out.push_back(attempt.dag->tasks[next].id);
  }
  return out;
}

Report FateTeller::MakeReport(const Execution& execution, Outcome outcome,
                              const std::string& hostname, const std::string& reason, Time now) {
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
    report.end_date = now;
    if (!IsTrigger(attempt)) report.usage.emplace();
  }
  report.hostname = hostname;
  report.reason = reason;
  AddDetails(execution, now, &report);
  return report;
}

// What goes along with an outcome.
void FateTeller::AddDetails(const Execution& execution, Time now, Report* report) {
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
    report->reschedule_date = now + UpTo(Seconds(120));
  } else if (report->outcome == Outcome::kTriggered) {
    report->event = TriggerEvent{"event", "1"};
  }
}

}  // namespace beeflow
