// What a workload costs for a day: on managed Airflow (MWAA), on the published serverless system
// and on one server that runs Beeflow. Pure: computed from task spans and unit prices.
// docs/lab-cost.md explains the model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/prices.h"

namespace beeflow {

// One execution of a task.
struct TaskSpan {
  double start = 0;  // seconds since any moment, the same for all
  double seconds = 0;
  std::optional<double> memory_mb;  // the most it took, where that was measured
};

struct CostUsage {
  std::vector<TaskSpan> tasks;
  double days = 1;                  // that they are spread over, > 0
  std::optional<int> mwaa_workers;  // counted all the time instead of those that the tasks need
};

struct CostLine {
  std::string option;   // "mwaa_small", "serverless_faas", "beeflow_server"
  std::string part;     // "environment", "worker", ...
  double quantity = 0;  // a day
  std::string unit;     // of the quantity
  double usd = 0;       // a day
};

// `size` is small, medium or large. Workers beyond the first count for each hour in which the tasks
// needed them, up to the environment's maximum.
std::vector<CostLine> MwaaCost(const CostUsage& usage, const std::string& size,
                               const Prices& prices);

enum class ServerlessWorkers { kFunctions, kContainers };
// Whether database, change data capture and network have a stand-by in a second zone, as MWAA's do.
enum class Availability { kOneZone, kHigh };

// The parts that are paid for whether or not anything runs.
std::vector<CostLine> ServerlessFixedCost(Availability availability, const Prices& prices);
// Those that are paid for by use. Tasks that are too long for a function run in containers.
std::vector<CostLine> ServerlessTaskCost(const CostUsage& usage, ServerlessWorkers workers,
                                         const Prices& prices);

// The smallest server that has the memory for all that ran at once; several where none has it.
std::vector<CostLine> ServerCost(const CostUsage& usage, const Prices& prices);

// All of these options, serverless ones with high availability; each ends with a line "total".
std::vector<CostLine> AllCosts(const CostUsage& usage, const Prices& prices);

double TotalUsd(const std::vector<CostLine>& lines);

// Rounds half up to so many decimal places: 12.255 to 12.26.
double RoundUsd(double usd, int decimals);

}  // namespace beeflow
