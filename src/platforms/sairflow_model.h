// sAirflow on AWS: a scheduler function that changes of the database trigger, and functions or
// containers that run the tasks. docs/lab-simulate.md tells where each value comes from.
//
// A task's life: the scheduler's pass queues it; the change reaches the executor by change data
// capture (CDC) and invokes a function, warm or cold; the database lets starts in one after the
// other; the function's own work (overhead) comes before and after the author's code, and the more
// tasks use the database, the longer it takes. The end travels to the scheduler by CDC again.
#pragma once

#include <string>
#include <vector>

#include "platforms/platform_model.h"

namespace beeflow {

struct SairflowOptions {
  // A hop of change data capture: slower after a time without any change.
  double cdc_busy_seconds = 1.0;
  double cdc_quiet_seconds = 1.5;
  double cdc_quiet_after_seconds = 5;
  // A pass of the scheduler function, one at a time.
  double pass_seconds = 0.1;
  double pass_task_seconds = 0.008;  // for each task that it queues
  double pass_run_seconds = 0.4;     // for each run that it starts
  // From the change to the function's code, warm; what a cold start adds.
  double invoke_seconds_min = 0.45;
  double invoke_seconds_max = 0.55;
  double cold_seconds_min = 7;
  double cold_seconds_max = 12;
  double keep_alive_seconds = 900;  // of an idle function
  double container_seconds_min = 90;
  double container_seconds_max = 100;
  double function_seconds_max = 900;  // longer tasks run in containers
  // Inside the task's duration, besides the author's code.
  double overhead_hot_seconds = 1.35;  // in a function that was used just now
  double overhead_idle_seconds = 2.1;  // in one that was idle
  double overhead_cold_seconds = 1.5;  // in a new one, or in a container
  double idle_after_seconds = 60;
  // The database.
  double database_start_seconds = 0.035;  // for each start of a task, one after the other
  int database_tasks_free = 35;           // so many at once do not disturb each other
  double database_slope_seconds = 0.045;  // by which each one above stretches the others
};

class SairflowModel : public PlatformModel {
 public:
  SairflowModel(const SairflowOptions& options, ModelSurroundings surroundings)
      : PlatformModel(std::move(surroundings)), options_(options) {}

  Time NextTurn(Time known) override { return std::max(known, pass_end_); }

 protected:
  void Take(const std::vector<AttemptId>& queued, int runs_started) override;
  void Release(AttemptId id) override;

 private:
  struct Function {
    int number = 0;
    Time used{};
  };
  struct Plan {
    Function function;  // number 0: a container
    double overhead_seconds = 0;
    std::string start_type;
  };

  // From a change committed at `commit`, not before any other, until its consumer has it.
  Time Delivered(Time commit);
  bool NeedsContainer(const Execution& execution) const;
  void Invoke(AttemptId id);
  void AskDatabase(AttemptId id, Plan plan);
  void Begin(AttemptId id, const Plan& plan);
  void Finish(AttemptId id);

  const SairflowOptions options_;
  Time pass_end_{};
  Time changed_{};    // the latest commit
  Time delivered_{};  // changes arrive in order
  Time database_free_{};
  std::vector<Function> idle_;  // the last is the one used last
  int last_function_ = 0;
  int busy_ = 0;                               // functions and containers
  std::unordered_map<AttemptId, Plan> plans_;  // of those that were invoked
};

}  // namespace beeflow
