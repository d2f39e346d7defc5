// The published experiments on the models, and each published figure beside the simulated one: how
// far the models can be trusted.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "platforms/simulated_system.h"

namespace beeflow {

struct PublishedCell {
  std::string experiment;  // "parallel_warm n=16"
  std::string platform;    // "sairflow-aws" or "mwaa"
  std::string metric;      // "makespan", "task_duration" or "task_wait"
  double published = 0;    // seconds
  double simulated = 0;
  double deviation() const { return simulated / published - 1; }
};

struct PublishedCheck {
  std::vector<PublishedCell> cells;
  double worst = 0;  // of the absolute deviations
  double median = 0;
};

constexpr double kDeviationMax = 0.15;
constexpr double kDeviationMedianMax = 0.05;

inline bool IsWithinBound(const PublishedCell& cell) {
  return std::abs(cell.deviation()) <= kDeviationMax;
}
inline bool IsWithinBounds(const PublishedCheck& check) {
  return !check.cells.empty() && check.worst <= kDeviationMax &&
         check.median <= kDeviationMedianMax;
}

// `figures` is data/published_figures.json, `trace` data/alibaba_dags.json.
Result<PublishedCheck> CheckPublished(const Json& figures, const Json& trace, uint64_t seed);

}  // namespace beeflow
