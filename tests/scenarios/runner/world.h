// What a scenario runs in: the real control loop, router and scheduler on a virtual clock, a
// database, and an executor that does what it is told.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "control/control.h"
#include "database.h"
#include "observed_store.h"
#include "ports/clock.h"
#include "ports/dag_code.h"
#include "router/router.h"
#include "scripted_executor.h"

namespace beeflow::scenario {

class VirtualClock : public Clock {
 public:
  Time Now() override { return now_; }
  void Set(Time now) { now_ = now; }

 private:
  Time now_{};
};

// The author's code, as far as it is told of missed SLAs.
class ScriptedDagCode : public DagCode {
 public:
  void AskNextRun(const TimetableQuestion& /*question*/, NextRunDone /*done*/) override {}
  void AskManualInterval(const ManualIntervalQuestion& /*question*/,
                         IntervalDone /*done*/) override {}
  void RunCallback(const DagCallback& callback, SlaTold told) override;

  // What was told since the last call: RUN_ID:TASK.
  std::vector<std::string> TakeLate() { return std::exchange(late_, {}); }
  // Answers to what was told, for the control loop.
  std::vector<NoteSlaTold> TakeAnswers() { return std::exchange(answers_, {}); }

 private:
  std::vector<std::string> late_;
  std::vector<NoteSlaTold> answers_;
};

class World {
 public:
  World(std::unique_ptr<Database> database, const ControlOptions& options);

  // Lets the control loop turn until nothing is left to do. Fails where it does not come to rest.
  Status Settle();
  // Moves the clock on, stopping at each moment at which something is due.
  Status MoveTo(Time time);
  // Sets the clock, forwards or back; nothing happens in between.
  void SetClock(Time time) { clock_.Set(time); }
  // The control process dies and starts anew, with nothing but the database.
  Status Restart();
  void SetOptions(const ControlOptions& options);

  Time now() { return clock_.Now(); }
  Database* database() { return database_.get(); }
  ObservedStore* store() { return &store_; }
  ScriptedExecutor* executor() { return &executor_; }
  ScriptedDagCode* dag_code() { return &dag_code_; }
  Control* control() { return control_.get(); }
  const ControlOptions& options() const { return options_; }

 private:
  void MakeControl();

  std::unique_ptr<Database> database_;
  ControlOptions options_;
  VirtualClock clock_;
  ObservedStore store_;
  ScriptedExecutor executor_;
  ScriptedDagCode dag_code_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Control> control_;
};

}  // namespace beeflow::scenario
