#include "executor/attempt_ledger.h"

#include <algorithm>

namespace beeflow {
namespace {

// More acknowledgements than fit into the buffers of a connection that breaks.
constexpr size_t kAcknowledgedMax = 65536;

}  // namespace

AttemptLedger::AttemptLedger(Clock& clock, std::function<void(NumberedReport)> on_report)
    : clock_(clock), on_report_(std::move(on_report)) {}

AttemptLedger::Outstanding* AttemptLedger::Add(Attempt attempt, Stage stage) {
  const AttemptId id = attempt.id;
  const auto [it, is_new] =
      attempts_.try_emplace(id, Outstanding{std::move(attempt), stage, {}, clock_.Now(), {}});
  return is_new ? &it->second : nullptr;
}

AttemptLedger::Outstanding* AttemptLedger::Find(AttemptId id) {
  const auto it = attempts_.find(id);
  return it == attempts_.end() ? nullptr : &it->second;
}

std::vector<AttemptId> AttemptLedger::Ids() const {
  std::vector<AttemptId> ids;
  for (const auto& [id, outstanding] : attempts_) ids.push_back(id);
  return ids;
}

std::vector<AttemptId> AttemptLedger::IdsOf(const std::string& worker) const {
  std::vector<AttemptId> ids;
  for (const auto& [id, outstanding] : attempts_) {
    if (outstanding.worker == worker) ids.push_back(id);
  }
  return ids;
}

AttemptLedger::Seen AttemptLedger::Look(const WorkerReport& from) const {
  const auto books = workers_.find(from.worker);
  if (books == workers_.end()) return Seen::kNever;
  if (books->second.kept.contains(from.number)) return Seen::kKept;
  const std::deque<uint64_t>& acknowledged = books->second.acknowledged;
  const bool is_acknowledged =
      std::binary_search(acknowledged.begin(), acknowledged.end(), from.number);
  return is_acknowledged ? Seen::kAcknowledged : Seen::kNever;
}

void AttemptLedger::Deliver(Report report, const WorkerReport& from) {
  Outstanding& outstanding = attempts_.at(report.attempt);
  const Attempt& attempt = outstanding.attempt;
  report.run = attempt.run.key;
  report.task_id = attempt.dag->tasks.at(attempt.task).id;
  report.map_index = attempt.map_index;
  report.try_number = attempt.try_number;
  const bool ends_attempt = report.outcome != Outcome::kRunning;
  if (outstanding.stage != Stage::kEnded) {
    outstanding.stage = ends_attempt ? Stage::kEnded : Stage::kRunning;
  }
  Keep(std::move(report), ends_attempt, from);
}

void AttemptLedger::Keep(Report report, bool ends_attempt, const WorkerReport& from) {
  const uint64_t number = ++last_number_;
  kept_[number] = {report.attempt, ends_attempt, from};
  if (from.number != 0) workers_[from.worker].kept.insert(from.number);
  on_report_({number, std::move(report)});
}

void AttemptLedger::End(AttemptId id, Outcome outcome, const std::string& reason) {
  Report report;
  report.attempt = id;
  report.outcome = outcome;
  report.end_date = clock_.Now();
  report.reason = reason;
  const auto& resumption = attempts_.at(id).attempt.resumption;
  const bool is_trigger = resumption && !resumption->trigger_class.empty();
  if (!is_trigger) report.usage.emplace();
  Deliver(std::move(report), {});
}

std::vector<AttemptLedger::WorkerReport> AttemptLedger::Acknowledge(
    const std::vector<uint64_t>& numbers) {
  std::vector<WorkerReport> of_workers;
  for (const uint64_t number : numbers) {
    auto node = kept_.extract(number);
    if (node.empty()) continue;
    const Kept& report = node.mapped();
    if (report.ends_attempt) attempts_.erase(report.attempt);
    if (report.from.number == 0) continue;
    Books& books = workers_[report.from.worker];
    books.kept.erase(report.from.number);
    // Nearly in order: close to the end.
    books.acknowledged.insert(
        std::upper_bound(books.acknowledged.begin(), books.acknowledged.end(), report.from.number),
        report.from.number);
    if (books.acknowledged.size() > kAcknowledgedMax) books.acknowledged.pop_front();
    of_workers.push_back(report.from);
  }
  return of_workers;
}

AttemptCounts AttemptLedger::Count() const {
  AttemptCounts counts;
  for (const auto& [id, outstanding] : attempts_) {
    if (outstanding.stage == Stage::kQueued) ++counts.waiting;
    if (outstanding.stage == Stage::kSent || outstanding.stage == Stage::kRunning) ++counts.running;
  }
  return counts;
}

void AttemptLedger::ForgetWorker(const std::string& worker) {
  workers_.erase(worker);
  for (auto& [number, report] : kept_) {
    if (report.from.worker == worker) report.from = {};
  }
}

}  // namespace beeflow
