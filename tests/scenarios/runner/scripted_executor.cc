#include "scripted_executor.h"

#include <algorithm>
#include <utility>

namespace beeflow::scenario {
namespace {

auto Named(AttemptId id) {
  return [id](const KnownAttempt& known) { return known.attempt.id == id; };
}

}  // namespace

void ScriptedExecutor::Start(Attempt attempt) {
  if (std::any_of(attempts_.begin(), attempts_.end(), Named(attempt.id))) return;
  started_.push_back(attempt);
  attempts_.push_back({std::move(attempt)});
}

void ScriptedExecutor::Resume(Attempt attempt) {
  if (std::any_of(attempts_.begin(), attempts_.end(), Named(attempt.id))) return;
  unknown_.push_back(std::move(attempt));
}

void ScriptedExecutor::Cancel(AttemptId attempt, const std::string&) {
  const auto known = std::find_if(attempts_.begin(), attempts_.end(), Named(attempt));
  if (known == attempts_.end() || known->over || std::exchange(known->cancelled, true)) return;
  cancelled_.push_back(known->attempt);
}

void ScriptedExecutor::Retain(const std::unordered_set<AttemptId>& known) {
  std::vector<AttemptId> ids;
  for (const KnownAttempt& attempt : attempts_) ids.push_back(attempt.attempt.id);
  for (const AttemptId id : ids) {
    if (!known.contains(id)) Cancel(id, "the database does not know this attempt any more");
  }
}

void ScriptedExecutor::Acknowledge(const std::vector<uint64_t>& reports) {
  acknowledged_ += reports.size();
}

KnownAttempt* ScriptedExecutor::Find(const RunKey& run, const std::string& task_id, int map_index,
                                     std::optional<int> try_number) {
  const auto last = std::find_if(attempts_.rbegin(), attempts_.rend(), [&](const auto& known) {
    const Attempt& attempt = known.attempt;
    return attempt.run.key == run && attempt.dag->tasks[attempt.task].id == task_id &&
           attempt.map_index == map_index &&
           attempt.try_number == try_number.value_or(attempt.try_number);
  });
  return last == attempts_.rend() ? nullptr : &*last;
}

Report ReportOf(const Attempt& attempt, Outcome outcome) {
  Report report;
  report.attempt = attempt.id;
  report.run = attempt.run.key;
  report.task_id = attempt.dag->tasks[attempt.task].id;
  report.map_index = attempt.map_index;
  report.try_number = attempt.try_number;
  const bool is_trigger = attempt.resumption && !attempt.resumption->trigger_class.empty();
  if (outcome != Outcome::kRunning && !is_trigger) report.usage.emplace();
  report.outcome = outcome;
  report.hostname = "worker";
  report.pid = 1000;
  return report;
}

}  // namespace beeflow::scenario
