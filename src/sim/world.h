// One simulation: a seed makes random DAGs, a random workload and random faults, and runs the real
// control loop, router and scheduler on them in virtual time until nothing moves any more.
// The same seed always does the same.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/executor.h"
#include "sim/memory_store.h"

namespace beeflow {

struct WorldOptions {
  uint64_t seed = 0;
  // Prints what happens, to standard output.
  bool verbose = false;
  // To plant bugs: what the control loop gets instead of the store or the executor.
  std::function<std::unique_ptr<Store>(Store*)> wrap_store;
  std::function<std::unique_ptr<Executor>(Executor*)> wrap_executor;
};

struct WorldResult {
  // What went wrong, in words; empty where all is well.
  std::vector<std::string> violations;
  uint64_t turns = 0;
  uint64_t crashes = 0;
  uint64_t attempts = 0;
  uint64_t finished_tasks = 0;
  // Attempts that were ended by a newer one, since their cancellation was lost in a crash.
  uint64_t superseded = 0;
};

WorldResult Simulate(const WorldOptions& options);

}  // namespace beeflow
