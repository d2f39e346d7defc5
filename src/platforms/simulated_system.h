// DAGs on a platform's model for a span of virtual time: the real scheduler, control loop and
// router on a database in memory, and the model in place of an executor and of all latencies.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lab/result_set.h"
#include "platforms/beeflow_model.h"
#include "platforms/mwaa_model.h"
#include "platforms/sairflow_model.h"
#include "ports/parsed_file.h"

namespace beeflow {

using PlatformOptions = std::variant<BeeflowOptions, MwaaOptions, SairflowOptions>;

// A run that is asked for, as by `dags trigger`.
struct PlannedRun {
  Time time{};
  std::string dag_id;
};

struct SimulationOptions {
  PlatformOptions platform;
  std::vector<ParsedFile> files;  // all of their DAGs are active; none is paused
  TaskSeconds task_seconds;
  std::vector<PlannedRun> runs;
  Time start{};  // when time begins
  // Runs that start from `counts_from` until before `end` count. Time goes on until they have
  // ended, but not beyond `give_up`.
  Time counts_from{};
  Time end{};
  Time give_up{};
  int default_pool_slots = 128;      // Airflow's
  std::map<std::string, int> pools;  // slots of others; pools that tasks name besides have 128
  uint64_t seed = 0;
};

struct SimulationResult {
  ResultSet results;  // in the order of the runs' start; `system` and `source` are left empty
  int workers_peak = 0;
  int64_t unfinished_runs = 0;  // not among the results
  uint64_t turns = 0;
};

Result<SimulationResult> SimulateSystem(const SimulationOptions& options);

}  // namespace beeflow
