#include "sim/fleet_worker.h"

#include <algorithm>
#include <utility>

#include "sim/fleet_executor.h"

namespace beeflow {
namespace {

constexpr Duration kClaimAgain = Seconds(2);
constexpr Duration kReportAgain = Seconds(10);
constexpr Duration kAgainMax = Seconds(80);

}  // namespace

FleetWorker::~FleetWorker() { *alive_ = false; }

void FleetWorker::After(Duration delay, std::function<void()> action) {
  fleet_->time_->After(delay, [alive = alive_, action = std::move(action)] {
    if (*alive) action();
  });
}

// A new leader hears at once what there is to tell.
bool FleetWorker::Obeys(int64_t epoch) {
  if (epoch < epoch_) return fleet_->options_.flaws.obeys_all_epochs;
  if (epoch == epoch_) return true;
  epoch_ = epoch;
  List();
  for (const auto& [id, held] : attempts_) {
    if (held.end) SendReport(*held.end);
  }
  return true;
}

void FleetWorker::OnStart(int64_t epoch, const Attempt& attempt) {
  (void)Obeys(epoch);
  if (is_draining_ || attempts_.contains(attempt.id)) return;
  Held& held = attempts_[attempt.id];
  held.attempt = attempt;
  held.claim = ++last_claim_;
  Claim(attempt.id, kClaimAgain);
}

void FleetWorker::Claim(AttemptId id, Duration again) {
  const auto held = attempts_.find(id);
  if (held == attempts_.end() || held->second.stage != Stage::kClaimed) return;
  fleet_->executions_.at(id).began = true;  // as far as the database may hear
  const uint64_t claim = held->second.claim;
  fleet_->ToControl(name_.host, [id, claim, message = NextMessage()](FleetExecutor* executor) {
    executor->OnClaim(message, id, claim);
  });
  After(again, [this, id, again] { Claim(id, std::min(again * 2, kAgainMax)); });
}

void FleetWorker::OnGrant(int64_t epoch, AttemptId id, uint64_t claim) {
  if (!Obeys(epoch)) return;
  const auto held = attempts_.find(id);
  if (held == attempts_.end()) return SendGone(id);
  const bool is_open = held->second.stage == Stage::kClaimed && held->second.claim == claim;
  if (is_open) Begin(id);
}

void FleetWorker::OnDeny(int64_t epoch, AttemptId id) {
  if (!Obeys(epoch)) return;
  const auto held = attempts_.find(id);
  if (held != attempts_.end() && held->second.stage == Stage::kClaimed) attempts_.erase(held);
}

void FleetWorker::OnCancel(int64_t epoch, AttemptId id, const std::string& reason) {
  if (!Obeys(epoch)) return;
  const auto held = attempts_.find(id);
  if (held == attempts_.end()) return SendGone(id);
  if (held->second.stage == Stage::kClaimed) {
    attempts_.erase(held);
    return SendGone(id);
  }
  if (held->second.stage == Stage::kEnded || std::exchange(held->second.is_cancelled, true)) return;
  fleet_->NoteCancel(held->second.attempt);
  After(fleet_->fates_.UpTo(Seconds(2)), [this, id, reason] { End(id, Outcome::kFailed, reason); });
}

void FleetWorker::SendGone(AttemptId id) {
  fleet_->ToControl(name_.host, [id, message = NextMessage()](FleetExecutor* executor) {
    executor->OnGone(message, id);
  });
}

void FleetWorker::Begin(AttemptId id) {
  Held& held = attempts_.at(id);
  held.stage = Stage::kRunning;
  held.begin = fleet_->time_->Now() + skew_;
  fleet_->NoteBegin(held.attempt);
  const Fate fate = fleet_->fates_.Draw(held.attempt);
  After(fate.start_delay + fate.duration,
        [this, id, outcome = fate.outcome] { End(id, outcome, ""); });
}

void FleetWorker::End(AttemptId id, Outcome outcome, const std::string& reason) {
  const auto held = attempts_.find(id);
  if (held == attempts_.end() || held->second.stage != Stage::kRunning) return;
  held->second.stage = Stage::kEnded;
  Execution& truth = fleet_->executions_.at(id);
  truth.ends.push_back(outcome);
  if (outcome == Outcome::kSuccess) truth.skip_tasks = fleet_->fates_.DrawSkips(truth.attempt);
  truth.begin = held->second.begin;
  const Time now = fleet_->time_->Now() + skew_;
  held->second.end =
      Kept{++last_report_, fleet_->fates_.MakeReport(truth, outcome, ToString(name_), reason, now)};
  Deliver(id, kReportAgain);
}

void FleetWorker::SendReport(const Kept& kept) {
  fleet_->ToControl(name_.host, [kept, message = NextMessage()](FleetExecutor* executor) {
    executor->OnReport(message, kept.number, kept.report);
  });
}

void FleetWorker::Deliver(AttemptId id, Duration again) {
  const auto held = attempts_.find(id);
  if (held == attempts_.end() || !held->second.end) return;
  SendReport(*held->second.end);
  After(again, [this, id, again] { Deliver(id, std::min(again * 2, kAgainMax)); });
}

void FleetWorker::OnAcknowledged(uint64_t report) {
  std::erase_if(attempts_, [report](const auto& held) {
    return held.second.end && held.second.end->number == report;
  });
}

void FleetWorker::List() {
  WorkerList list;
  list.from = NextMessage();
  for (const auto& [id, held] : attempts_) {
    if (held.stage == Stage::kClaimed) {
      list.claimed[id] = held.claim;
    } else {
      list.begun.insert(id);
    }
  }
  fleet_->ToControl(name_.host, [list](FleetExecutor* executor) { executor->OnList(list); });
}

}  // namespace beeflow
