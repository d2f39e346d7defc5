// The side of one control process of a simulated fleet. What it keeps dies with the process. While
// the process hangs, nothing reaches it; it gets all of that when it wakes up.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "ports/executor.h"
#include "sim/sim_fleet.h"

namespace beeflow {

class FleetExecutor : public Executor {
 public:
  using Sink = std::function<void(NumberedReport)>;

  FleetExecutor(SimFleet* fleet, int control, int64_t epoch, Sink sink);
  FleetExecutor(const FleetExecutor&) = delete;
  FleetExecutor& operator=(const FleetExecutor&) = delete;
  ~FleetExecutor() override;

  void Start(Attempt attempt) override;
  void Resume(Attempt attempt) override;
  void Cancel(AttemptId attempt, const std::string& reason) override;
  void Retain(const std::unordered_set<AttemptId>& known) override;
  void Acknowledge(const std::vector<uint64_t>& reports) override;

  // From workers.
  void OnClaim(const WorkerMessage& from, AttemptId id, uint64_t claim);
  void OnReport(const WorkerMessage& from, uint64_t number, const Report& report);
  void OnGone(const WorkerMessage& from, AttemptId id);
  void OnList(const WorkerList& list);
  // The worker's host has not been heard for a while: what it has is lost, if that is still so.
  // Whoever can't hear anybody learns nothing from it.
  void OnSilence(int host);

  // Carries it out now, or when the process wakes up.
  void Receive(const std::function<void(FleetExecutor*)>& message);
  void SetHanging(bool hangs);
  int control() const { return control_; }
  bool quiet() const { return attempts_.empty() && reports_.empty(); }

 private:
  enum class Stage {
    kOffered,  // no worker has claimed it
    kClaimed,  // which is not committed
    kGranted,  // it may run
    kEnded,    // its end was reported
  };
  struct Outstanding {
    Attempt attempt;
    Stage stage = Stage::kOffered;
    WorkerName worker;            // who has claimed it
    uint64_t heard = 0;           // the sequence of the worker's last message about it
    std::string cancel_reason{};  // "": not cancelled
  };
  struct Kept {
    AttemptId attempt = 0;
    uint64_t claim = 0;  // 0: it is no claim
    WorkerName worker;
    uint64_t worker_number = 0;  // 0: it is our own
    Report report;
  };

  void After(Duration delay, const std::function<void()>& action);
  void ToWorker(const WorkerName& worker, const std::function<void(FleetWorker*)>& message);
  void Offer(AttemptId id, Duration again);
  void SendHello(const WorkerName& worker);
  void Grant(AttemptId id, const WorkerName& worker, uint64_t claim);
  void Deny(AttemptId id, const WorkerName& worker);
  void SendCancel(AttemptId id, const WorkerName& worker, const std::string& reason);
  void OnListed(const WorkerList& list, AttemptId id, bool begun);
  void End(AttemptId id, Outcome outcome, const std::string& reason);
  void Keep(Kept kept);

  SimFleet* const fleet_;
  const int control_;
  const int64_t epoch_;
  const Sink sink_;
  std::map<AttemptId, Outstanding> attempts_;
  uint64_t last_number_ = 0;
  std::map<uint64_t, Kept> reports_;
  bool is_settled_ = false;  // all attempts of the database are known
  bool hangs_ = false;
  std::deque<std::function<void(FleetExecutor*)>> inbox_;  // while it hangs
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace beeflow
