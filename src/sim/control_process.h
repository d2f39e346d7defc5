// A control process that leads: the real control loop and router over ports with faults in front.
// It starts from nothing, and forgets everything when it ends.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "control/control.h"
#include "router/router.h"
#include "sim/faulty_ports.h"
#include "sim/memory_store.h"
#include "sim/virtual_time.h"
#include "sim/world.h"

namespace beeflow {

// The clock of a host, which differs from that of others.
class HostClock : public Clock {
 public:
  HostClock(VirtualTime* time, Duration skew) : time_(time), skew_(skew) {}
  Time Now() override { return time_->Now() + skew_; }
  Time ToSteady(Time wall) const { return time_->ToSteady(wall - skew_); }

 private:
  VirtualTime* const time_;
  const Duration skew_;
};

class ControlProcess {
 public:
  // All outlive the process. `memory`: of a store whose feed may start again earlier, or null.
  struct Ports {
    HostClock* clock = nullptr;
    Store* store = nullptr;
    MemoryStore* memory = nullptr;
    Executor* executor = nullptr;
  };
  ControlProcess(const WorldOptions& world, const ControlOptions& options, const Ports& ports,
                 Random* random);

  Control* control() { return &*control_; }
  void AddReport(NumberedReport report);
  void AddFile(const ParsedFile& file, bool is_removed);
  void SetFeedFaults(bool on) { store_.SetFeedFaults(on); }

  // Whether there is something to do now; never while it hangs.
  bool NeedsTurn();
  // When there will be, by the steady time, if nothing happens.
  std::optional<Time> NextDue();
  // A turn with that fault of the store. What went wrong is for the caller to judge.
  Status Turn(StoreFault fault);
  void DropCache();

  ExecutorGate* gate() { return &gate_; }
  // While it hangs, what it says to its executor waits.
  void Hang() { hangs_ = true; }
  void WakeUp();
  bool hangs() const { return hangs_; }
  bool has_work() const { return work_; }
  // A process that starts from the database, with the same executor.
  void StartAnew();

 private:
  const Ports ports_;
  ControlOptions options_;
  Random* const random_;
  std::unique_ptr<Store> wrapped_store_;
  std::unique_ptr<Executor> wrapped_executor_;
  FaultyStore store_;
  ExecutorGate gate_;
  std::optional<Router> router_;
  std::optional<Control> control_;
  bool work_ = true;  // a turn is due
  bool hangs_ = false;
};

}  // namespace beeflow
