#include "sim/fleet_executor.h"

#include <algorithm>
#include <utility>

#include "sim/fleet_worker.h"

namespace beeflow {
namespace {

constexpr Duration kOfferAgain = Seconds(5);
constexpr Duration kOfferAgainMax = Seconds(40);
// A worker that is not heard for so long is lost.
constexpr Duration kSilenceMax = Seconds(5);

constexpr const char* kUnknownAttempt = "the database does not know this attempt any more";
constexpr const char* kWorkerLost = "the worker was lost";

}  // namespace

FleetExecutor::FleetExecutor(SimFleet* fleet, int control, int64_t epoch, Sink sink)
    : fleet_(fleet), control_(control), epoch_(epoch), sink_(std::move(sink)) {
  fleet_->executors_.emplace(++fleet_->last_executor_, this);
  for (int i = 0; i < SimFleet::kWorkers; ++i) {
    fleet_->ToWorker(control_, SimFleet::kFirstWorker + i,
                     [epoch](FleetWorker* worker) { worker->OnHello(epoch); });
  }
}

FleetExecutor::~FleetExecutor() {
  *alive_ = false;
  std::erase_if(fleet_->executors_, [this](const auto& entry) { return entry.second == this; });
}

void FleetExecutor::Receive(const std::function<void(FleetExecutor*)>& message) {
  if (hangs_) {
    inbox_.push_back(message);
  } else {
    message(this);
  }
}

void FleetExecutor::SetHanging(bool hangs) {
  hangs_ = hangs;
  for (; !hangs_ && !inbox_.empty(); inbox_.pop_front()) inbox_.front()(this);
}

void FleetExecutor::After(Duration delay, const std::function<void()>& action) {
  fleet_->time_->After(delay, [this, alive = alive_, action] {
    if (*alive) Receive([action](FleetExecutor*) { action(); });
  });
}

// A later process of the host does not have the attempts of this one.
void FleetExecutor::ToWorker(const WorkerName& worker,
                             const std::function<void(FleetWorker*)>& message) {
  fleet_->ToWorker(control_, worker.host, [worker, message](FleetWorker* there) {
    if (there->name() == worker) message(there);
  });
}

void FleetExecutor::Start(Attempt attempt) {
  const AttemptId id = attempt.id;
  Execution& truth = fleet_->executions_[id];
  truth.attempt = attempt;
  if (!attempts_.try_emplace(id, Outstanding{std::move(attempt), {}, {}, {}, {}}).second) return;
  Offer(id, kOfferAgain);
}

// Any worker may take it; some offers reach more than one.
void FleetExecutor::Offer(AttemptId id, Duration again) {
  const auto it = attempts_.find(id);
  if (it == attempts_.end() || it->second.stage != Stage::kOffered) return;
  const int takers = fleet_->fates_.OneIn(4) ? 2 : 1;
  for (int i = 0; i < takers; ++i) {
    const int host =
        SimFleet::kFirstWorker + static_cast<int>(fleet_->fates_.Below(SimFleet::kWorkers));
    fleet_->ToWorker(control_, host,
                     [epoch = epoch_, attempt = it->second.attempt](FleetWorker* worker) {
                       worker->OnStart(epoch, attempt);
                     });
  }
  After(again, [this, id, again] { Offer(id, std::min(again * 2, kOfferAgainMax)); });
}

// The claim is committed, so the database names the worker.
void FleetExecutor::Resume(Attempt attempt) {
  const AttemptId id = attempt.id;
  const WorkerName worker = ParseWorkerName(fleet_->truth_.host_of(id));
  fleet_->executions_[id].attempt = attempt;
  const bool is_new =
      attempts_.try_emplace(id, Outstanding{std::move(attempt), Stage::kGranted, worker, {}, {}})
          .second;
  if (!is_new) return;
  if (worker == WorkerName())
    return After({}, [this, id] { End(id, Outcome::kLost, kWorkerLost); });
  After(kSilenceMax, [this, id, worker] {
    const auto it = attempts_.find(id);
    if (it != attempts_.end() && it->second.heard == 0) OnSilence(worker.host);
  });
}

void FleetExecutor::Cancel(AttemptId attempt, const std::string& reason) {
  const auto it = attempts_.find(attempt);
  if (it == attempts_.end() || it->second.stage == Stage::kEnded) return;
  if (it->second.stage == Stage::kGranted) {
    it->second.cancel_reason = reason;
    return SendCancel(attempt, it->second.worker, reason);
  }
  // Nobody has begun with it, and nobody will.
  if (it->second.stage == Stage::kClaimed) Deny(attempt, it->second.worker);
  After({}, [this, attempt, reason] { End(attempt, Outcome::kFailed, reason); });
}

void FleetExecutor::SendCancel(AttemptId id, const WorkerName& worker, const std::string& reason) {
  ToWorker(worker, [epoch = epoch_, id, reason](FleetWorker* there) {
    there->OnCancel(epoch, id, reason);
  });
}

void FleetExecutor::SendHello(const WorkerName& worker) {
  ToWorker(worker, [epoch = epoch_](FleetWorker* there) { there->OnHello(epoch); });
}

void FleetExecutor::Grant(AttemptId id, const WorkerName& worker, uint64_t claim) {
  ToWorker(worker,
           [epoch = epoch_, id, claim](FleetWorker* there) { there->OnGrant(epoch, id, claim); });
}

void FleetExecutor::Deny(AttemptId id, const WorkerName& worker) {
  ToWorker(worker, [epoch = epoch_, id](FleetWorker* there) { there->OnDeny(epoch, id); });
}

void FleetExecutor::Retain(const std::unordered_set<AttemptId>& known) {
  is_settled_ = true;
  std::vector<AttemptId> unknown;
  for (const auto& [id, outstanding] : attempts_) {
    if (!known.contains(id)) unknown.push_back(id);
  }
  for (const AttemptId id : unknown) Cancel(id, kUnknownAttempt);
}

void FleetExecutor::Acknowledge(const std::vector<uint64_t>& reports) {
  for (const uint64_t number : reports) {
    const auto node = reports_.extract(number);
    if (!node) continue;
    const Kept& kept = node.mapped();
    const auto it = attempts_.find(kept.attempt);
    if (kept.claim != 0) {
      if (it == attempts_.end() || it->second.stage != Stage::kClaimed) continue;
      it->second.stage = Stage::kGranted;
      Grant(kept.attempt, kept.worker, kept.claim);
      continue;
    }
    if (it != attempts_.end()) attempts_.erase(it);
    if (kept.worker_number != 0) {
      ToWorker(kept.worker, [report = kept.worker_number](FleetWorker* there) {
        there->OnAcknowledged(report);
      });
    }
    if (fleet_->hear_) fleet_->hear_(kept.report);
  }
}

// Of a worker that has not heard of this epoch it is not taken: one who was succeeded, and does not
// know it, may have the same claim, deny it, and still be obeyed. It comes again.
void FleetExecutor::OnClaim(const WorkerMessage& from, AttemptId id, uint64_t claim) {
  if (from.epoch < epoch_) SendHello(from.worker);
  if (from.epoch != epoch_) return;
  const auto it = attempts_.find(id);
  // That it has ended is told when it is committed: if it never is, since another one leads by now,
  // the claim may be good.
  if (it != attempts_.end() && it->second.stage == Stage::kEnded) return;
  if (it == attempts_.end()) {
    if (is_settled_ || fleet_->options_.flaws.denies_unsettled) Deny(id, from.worker);
    return;
  }
  Outstanding& outstanding = it->second;
  if (outstanding.stage == Stage::kOffered) {
    outstanding.stage = Stage::kClaimed;
    outstanding.worker = from.worker;
    outstanding.heard = from.sequence;
    const Execution& truth = fleet_->executions_.at(id);
    if (fleet_->options_.flaws.begins_before_commit) Grant(id, from.worker, claim);
    return Keep({id, claim, from.worker, 0,
                 fleet_->fates_.MakeReport(truth, Outcome::kRunning, ToString(from.worker), "",
                                           fleet_->time_->Now())});
  }
  if (outstanding.worker != from.worker) return Deny(id, from.worker);
  outstanding.heard = std::max(outstanding.heard, from.sequence);
  if (outstanding.stage != Stage::kGranted) return;
  if (outstanding.cancel_reason.empty()) return Grant(id, from.worker, claim);
  SendCancel(id, from.worker, outstanding.cancel_reason);
}

void FleetExecutor::OnReport(const WorkerMessage& from, uint64_t number, const Report& report) {
  const bool is_kept = std::any_of(reports_.begin(), reports_.end(), [&](const auto& kept) {
    return kept.second.worker == from.worker && kept.second.worker_number == number;
  });
  if (is_kept) return;
  const auto it = attempts_.find(report.attempt);
  if (it == attempts_.end()) {
    if (!is_settled_) return;  // it comes again
  } else {
    it->second.stage = Stage::kEnded;
  }
  Keep({report.attempt, 0, from.worker, number, report});
  if (fleet_->options_.flaws.acknowledges_at_once) {
    ToWorker(from.worker, [number](FleetWorker* there) { there->OnAcknowledged(number); });
  }
}

// The worker does not have what it was told to begin or to end.
void FleetExecutor::OnGone(const WorkerMessage& from, AttemptId id) {
  const auto it = attempts_.find(id);
  if (it == attempts_.end() || it->second.stage == Stage::kOffered) return;
  if (it->second.worker != from.worker || from.sequence < it->second.heard) return;
  const bool is_cancelled = !it->second.cancel_reason.empty();
  End(id, is_cancelled ? Outcome::kFailed : Outcome::kLost,
      is_cancelled ? it->second.cancel_reason : kWorkerLost);
}

void FleetExecutor::OnList(const WorkerList& list) {
  if (list.from.epoch < epoch_) SendHello(list.from.worker);
  if (list.from.epoch != epoch_) return;
  for (const auto& [id, claim] : list.claimed) OnListed(list, id, false);
  for (const AttemptId id : list.begun) OnListed(list, id, true);
  std::vector<AttemptId> lost;
  for (const auto& [id, outstanding] : attempts_) {
    if (outstanding.worker.host != list.from.worker.host) continue;
    if (outstanding.stage != Stage::kClaimed && outstanding.stage != Stage::kGranted) continue;
    const bool is_listed = list.claimed.contains(id) || list.begun.contains(id);
    const bool same = outstanding.worker == list.from.worker;
    const bool has_ended = outstanding.worker.incarnation < list.from.worker.incarnation;
    if (has_ended || (same && !is_listed && outstanding.heard < list.from.sequence)) {
      lost.push_back(id);
    }
  }
  for (const AttemptId id : lost) End(id, Outcome::kLost, kWorkerLost);
}

void FleetExecutor::OnListed(const WorkerList& list, AttemptId id, bool begun) {
  const WorkerName& worker = list.from.worker;
  const auto it = attempts_.find(id);
  if (it == attempts_.end()) {
    if (is_settled_) SendCancel(id, worker, kUnknownAttempt);
    return;
  }
  Outstanding& outstanding = it->second;
  if (outstanding.stage == Stage::kOffered && begun) {  // a trigger's claim leaves no trace
    outstanding.stage = Stage::kGranted;
    outstanding.worker = worker;
  }
  if (outstanding.stage == Stage::kOffered || outstanding.worker != worker) return;
  outstanding.heard = std::max(outstanding.heard, list.from.sequence);
  if (outstanding.stage != Stage::kGranted) return;
  if (!outstanding.cancel_reason.empty()) {
    SendCancel(id, worker, outstanding.cancel_reason);
  } else if (!begun) {
    Grant(id, worker, list.claimed.at(id));
  }
}

void FleetExecutor::OnSilence(int host) {
  if (!fleet_->channel_.IsReachable(control_) || fleet_->IsThere(host)) return;
  std::vector<AttemptId> lost;
  for (const auto& [id, outstanding] : attempts_) {
    const bool has_it =
        outstanding.stage == Stage::kClaimed || outstanding.stage == Stage::kGranted;
    if (has_it && outstanding.worker.host == host) lost.push_back(id);
  }
  for (const AttemptId id : lost) End(id, Outcome::kLost, kWorkerLost);
}

// An end that no worker reports.
void FleetExecutor::End(AttemptId id, Outcome outcome, const std::string& reason) {
  const auto it = attempts_.find(id);
  if (it == attempts_.end() || it->second.stage == Stage::kEnded) return;
  it->second.stage = Stage::kEnded;
  if (outcome == Outcome::kLost) fleet_->NoteLoss(it->second.attempt, it->second.worker);
  Execution& truth = fleet_->executions_.at(id);
  truth.ends.push_back(outcome);
  Keep({id, 0, it->second.worker, 0,
        fleet_->fates_.MakeReport(truth, outcome, ToString(it->second.worker), reason,
                                  fleet_->time_->Now())});
}

void FleetExecutor::Keep(Kept kept) {
  const uint64_t number = ++last_number_;
  const Report report = kept.report;
  reports_.emplace(number, std::move(kept));
  sink_({number, report});
}

}  // namespace beeflow
