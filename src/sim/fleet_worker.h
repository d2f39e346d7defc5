// A worker process of a simulated fleet: it claims what is offered, begins what it is told to, and
// keeps reports until they are acknowledged.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sim/sim_fleet.h"

namespace beeflow {

class FleetWorker {
 public:
  // `skew`: of the host's clock.
  FleetWorker(SimFleet* fleet, const WorkerName& name, Duration skew)
      : fleet_(fleet), name_(name), skew_(skew) {}
  // Events of a process that has ended find nobody.
  FleetWorker(const FleetWorker&) = delete;
  FleetWorker& operator=(const FleetWorker&) = delete;
  ~FleetWorker();

  const WorkerName& name() const { return name_; }
  Duration skew() const { return skew_; }
  bool is_draining() const { return is_draining_; }
  bool has_work() const { return !attempts_.empty(); }
  bool has(AttemptId id) const { return attempts_.contains(id); }

  // From control processes; `epoch` is the sender's.
  void OnHello(int64_t epoch) { (void)Obeys(epoch); }
  void OnStart(int64_t epoch, const Attempt& attempt);
  void OnGrant(int64_t epoch, AttemptId id, uint64_t claim);
  void OnDeny(int64_t epoch, AttemptId id);
  void OnCancel(int64_t epoch, AttemptId id, const std::string& reason);
  void OnAcknowledged(uint64_t report);

  void Drain() { is_draining_ = true; }
  // Says what it has.
  void List();

 private:
  enum class Stage { kClaimed, kRunning, kEnded };
  struct Kept {
    uint64_t number = 0;
    Report report;
  };
  struct Held {
    Attempt attempt;
    uint64_t claim = 0;
    Stage stage = Stage::kClaimed;
    bool is_cancelled = false;
    Time begin{};
    std::optional<Kept> end;  // until it is acknowledged
  };

  // Whether it is to do what a message of that epoch says.
  bool Obeys(int64_t epoch);
  WorkerMessage NextMessage() { return {name_, ++sequence_, epoch_}; }
  void After(Duration delay, std::function<void()> action);
  void Claim(AttemptId id, Duration again);
  void SendGone(AttemptId id);
  void Begin(AttemptId id);
  void End(AttemptId id, Outcome outcome, const std::string& reason);
  void Deliver(AttemptId id, Duration again);
  void SendReport(const Kept& kept);

  SimFleet* const fleet_;
  const WorkerName name_;
  const Duration skew_;
  int64_t epoch_ = 0;  // the highest that it has heard
  uint64_t sequence_ = 0;
  uint64_t last_claim_ = 0;
  uint64_t last_report_ = 0;
  bool is_draining_ = false;
  std::map<AttemptId, Held> attempts_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace beeflow
