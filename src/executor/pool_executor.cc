#include "executor/pool_executor.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace beeflow {

PoolExecutor::PoolExecutor(asio::io_context& io, Clock& clock, Executor& runner,
                           const FleetOptions& options)
    : clock_(clock), runner_(runner), fleet_(options), due_(io) {
  TellWorkers();
}

void PoolExecutor::Start(Attempt attempt) {
  fleet_.Add(attempt.id);
  if (!fleet_.IsPending(attempt.id)) return runner_.Start(std::move(attempt));
  pending_.try_emplace(attempt.id, std::move(attempt));
  // All that start in one turn are placed together.
  if (!due_.armed()) due_.Arm(Duration(0), [this] { Step(); });
}

void PoolExecutor::Resume(Attempt attempt) {
  fleet_.Adopt(attempt.id, clock_.Now());
  pending_.erase(attempt.id);
  runner_.Resume(std::move(attempt));
}

void PoolExecutor::Cancel(AttemptId attempt, const std::string& reason) {
  // The runner reports the end of what it was given, whether it had begun or not.
  if (auto node = pending_.extract(attempt)) runner_.Start(std::move(node.mapped()));
  runner_.Cancel(attempt, reason);
}

void PoolExecutor::Retain(const std::unordered_set<AttemptId>& known) {
  const Time now = clock_.Now();
  std::erase_if(pending_, [&](const auto& entry) {
    return !known.contains(entry.first) && fleet_.Remove(entry.first, now);
  });
  runner_.Retain(known);
  Step();
}

void PoolExecutor::Acknowledge(const std::vector<uint64_t>& reports) {
  runner_.Acknowledge(reports);
}

void PoolExecutor::OnReport(const Report& report) {
  if (report.outcome == Outcome::kRunning) return;
  if (fleet_.Remove(report.attempt, clock_.Now())) Step();
}

void PoolExecutor::Step() {
  const Time now = clock_.Now();
  for (const AttemptId id : fleet_.Advance(now)) {
    // A cancelled one went to the runner already; its end frees the slot.
    if (auto node = pending_.extract(id)) runner_.Start(std::move(node.mapped()));
  }
  TellWorkers();
  const auto due = fleet_.NextDue();
  if (!due) return due_.Disarm();
  due_.Arm(std::max(*due - now, Duration(0)), [this] { Step(); });
}

void PoolExecutor::TellWorkers() {
  if (std::exchange(workers_told_, fleet_.workers()) == fleet_.workers()) return;
  spdlog::info("the pool executor has {} workers", fleet_.workers());
}

}  // namespace beeflow
