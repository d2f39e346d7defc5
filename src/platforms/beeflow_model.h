// Beeflow on one host: the latencies that its benchmarks measure (docs/benchmarks.md).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platforms/platform_model.h"

namespace beeflow {

struct BeeflowOptions {
  double hop_seconds = 0.0007;           // from an end, or a run's start, to the next start
  double first_start_seconds = 0.012;    // the same where no worker process is there
  double bash_start_seconds = 0.0015;    // a shell, spawned one after the other
  double python_start_seconds = 0.0004;  // a message to a warm environment
  double python_cold_seconds = 0.0095;   // a forked environment that imports the file
  double keep_alive_seconds = 60;        // of an idle environment
  double overhead_seconds = 0.002;       // inside the task's duration
};

class BeeflowModel : public PlatformModel {
 public:
  BeeflowModel(const BeeflowOptions& options, ModelSurroundings surroundings)
      : PlatformModel(std::move(surroundings)), options_(options) {}

  Time NextTurn(Time known) override { return known; }

 protected:
  void Take(const std::vector<AttemptId>& queued, int runs_started) override;
  void Release(AttemptId id) override;

 private:
  // Idle environments of one DAG file: when each was used last, in order.
  using Environments = std::vector<Time>;

  Duration StartOf(const Execution& execution, std::string* start_type);
  void Begin(AttemptId id, const std::string& start_type);

  const BeeflowOptions options_;
  Time spawner_free_{};
  Time used_{};  // when the last attempt ended
  int busy_ = 0;
  std::map<std::string, Environments> idle_;
  std::unordered_map<AttemptId, std::string> files_;  // of Python tasks in an environment
};

}  // namespace beeflow
