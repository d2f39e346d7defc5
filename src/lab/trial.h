// A trial: one experiment on one system, as a state machine. It says what to do next; whoever
// carries it out tells it how that went. Pure: no clock, no I/O, so that every order of failures
// can be tested without a system.
//
//   start > publish > wait for the DAGs > set the pool > unpause > collect > pause > export >
//   delete
//
// A failure, or an interruption, leads to "delete" from wherever it is.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lab/experiment.h"
#include "scheduler/records.h"

namespace beeflow {

enum class StepKind {
  kStart,
  kPublish,
  kFindDags,  // answered by OnMissingDags
  kSetPool,
  kUnpause,
  kFindRuns,    // answered by OnRuns
  kBecomeCold,  // answered by OnCold
  kTrigger,
  kWait,  // until `until`, or the next time that the system is worth a look, if that is earlier
  kPause,
  kExport,
  kDelete,
  kDone,
};

struct Step {
  StepKind kind = StepKind::kDone;
  RunKey run{};  // kTrigger; of kPause and kUnpause the DAG
  std::optional<Time> until = {};
};

class Trial {
 public:
  // `run_prefix` begins the ids of the runs that are triggered: "lab__20260131T150405".
  Trial(const Experiment& experiment, Duration dags_timeout, std::string run_prefix);

  // What to do now. The same until it is answered, but for waiting, which is over by itself.
  Step Next(Time now);
  void OnDone(Time now);  // the step has succeeded
  void OnFailed(const Error& error);
  void OnMissingDags(const std::vector<std::string>& missing, Time now);
  void OnRuns(const std::vector<RunRecord>& runs, Time now);
  void OnCold(bool cold);
  void Interrupt();

  // The first error; after an interruption none.
  const Status& outcome() const { return outcome_; }
  bool interrupted() const { return interrupted_; }
  bool exported() const { return exported_; }
  // What to export: not the warm-up, not runs that somebody else has started.
  const std::vector<RunRecord>& recorded() const { return recorded_; }
  // Runs that are to be recorded in the end; 0 where only the time counts.
  int runs_expected() const;
  // What it is at, for people: "waiting for the DAGs", "run 3 of 5".
  std::string Describe() const;
  // When it ends, as far as one can know.
  Time EstimateEnd(Time now) const;

 private:
  enum class Stage {
    kStart,
    kPublish,
    kAwaitDags,
    kSetPool,
    kUnpause,
    kCollect,
    kPause,
    kExport,
    kDelete,
    kDone,
  };
  // In stage kCollect: what the next look is for.
  enum class Look { kRuns, kCold };

  bool is_triggered() const { return experiment_.period.has_value(); }
  int rounds() const;  // triggered ones, with the warm-up
  Step NextOfCollecting(Time now);
  std::optional<Time> CollectingEnds() const;
  bool HasCollected(Time now) const;
  void BeginRound(Time now);
  void OnTriggered(Time now);
  std::string DescribeCollecting() const;
  void EndCollecting();
  void Record(const std::vector<RunRecord>& runs);
  void GoTo(Stage stage);

  const Experiment experiment_;
  const Duration dags_timeout_;
  const std::string run_prefix_;
  Stage stage_ = Stage::kStart;
  size_t next_dag_ = 0;  // of the stages, and rounds, that go through all DAGs
  bool waiting_ = false;
  std::optional<Time> dags_deadline_;
  std::vector<std::string> missing_;
  Time collecting_since_{};
  Look look_ = Look::kRuns;
  bool cold_ = false;
  int round_ = 0;            // that is triggered next, or being triggered
  bool triggering_ = false;  // some DAGs of the round are triggered
  std::optional<Time> round_began_;
  size_t active_ = 0;  // runs that have not ended
  std::optional<Duration> longest_round_;
  std::vector<RunRecord> recorded_;
  Status outcome_;
  bool interrupted_ = false;
  bool exported_ = false;
};

// The spans that a trial takes, before anything is known: for the time that remains.
Duration EstimateTrial(const Experiment& experiment);

}  // namespace beeflow
