// One simulation: a seed makes random DAGs, a random workload and random faults, and runs the real
// control loop, router and scheduler on them in virtual time until nothing moves any more: one
// control process with workers beside it, or several that share a database, of which one leads,
// with workers behind a channel. The same seed always does the same.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/executor.h"
#include "sim/memory_store.h"
#include "sim/sim_fleet.h"

namespace beeflow {

// Which of the rules is broken that make it safe to run on several hosts.
struct ScaleOutFlaws {
  bool commits_unfenced = false;  // who has been succeeded may go on
  FleetFlaws fleet;
};

struct WorldOptions {
  uint64_t seed = 0;
  // Prints what happens, to standard output.
  bool verbose = false;
  // To plant bugs: what the control loop gets instead of the store or the executor.
  std::function<std::unique_ptr<Store>(Store*)> wrap_store;
  std::function<std::unique_ptr<Executor>(Executor*)> wrap_executor;
  ScaleOutFlaws flaws;
};

struct WorldResult {
  // What went wrong, in words; empty where all is well.
  std::vector<std::string> violations;
  uint64_t turns = 0;
  uint64_t crashes = 0;
  uint64_t attempts = 0;
  uint64_t finished_tasks = 0;
  bool is_scaled_out = false;
  // How often a control process took over from another, or from itself.
  uint64_t take_overs = 0;
};

WorldResult Simulate(const WorldOptions& options);

}  // namespace beeflow
