// What DAGs would take: simulations of a user's own DAGs, by their schedules or as an experiment
// file asks for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lab/experiment.h"
#include "lab/run_metrics.h"
#include "platforms/simulated_system.h"

namespace beeflow {

// "mwaa", "sairflow-aws" or "beeflow", with their published or measured parameters.
Result<PlatformOptions> PlatformNamed(const std::string& name);

// The DAGs, of all files, as a simulation of some days wants them: without catching up on what lies
// before. With `dag_ids`, only these; kNotFound names one that is missing, and `where`.
Result<std::vector<ParsedFile>> ChosenDags(const std::vector<ParsedFile>& files,
                                           const std::vector<std::string>& dag_ids,
                                           const std::string& where);

struct DagForecast {
  std::string dag_id;
  size_t runs = 0;
  Distribution makespan, task_duration, task_wait;
};
// By dag_id; DAGs without a run have an entry too.
std::vector<DagForecast> Summarize(const SimulationResult& result);

// The schedules of `days` days from `start`, after one day that does not count.
SimulationOptions WeekOf(const PlatformOptions& platform, const std::vector<ParsedFile>& files,
                         Time start, int days);

// One experiment on the model of one platform. An experiment file's "serverless" is simulated as
// "beeflow" and as "sairflow-aws", its "mwaa" as "mwaa"; of "airflow" there is no model.
struct SimulatedTrial {
  std::string platform;
  std::string system;  // "mwaa-model_warm-16": names the folder of its export
  SimulationOptions options;
  Time counts_from{};           // runs that start earlier only warm up
  std::optional<int> runs_max;  // of each DAG
};
std::vector<SimulatedTrial> TrialsOf(const Controller& controller, const Experiment& experiment,
                                     const std::vector<ParsedFile>& files, Time start);
// Leaves out what does not count.
void Trim(const SimulatedTrial& trial, SimulationResult* result);

}  // namespace beeflow
