// The published cost tables beside what the same model computes from unit prices.
#pragma once

#include <string>
#include <vector>

#include "lab/cost.h"

namespace beeflow {

struct PublishedCost {
  std::string cell;  // "heavy, serverless_faas"
  int decimals = 2;  // that are published
  double published = 0;
  double computed = 0;  // not rounded

  bool agrees() const { return RoundUsd(computed, decimals) == RoundUsd(published, decimals); }
};

// The tasks of a day of the scenario.
CostUsage UsageOf(const CostScenario& scenario);

// Every cell of cost_usd_per_day in data/published_figures.json, in its order. kInvalid where it
// does not read as that, or names a part or a scenario that the model does not have.
Result<std::vector<PublishedCost>> ComparePublishedCosts(const Json& published_figures,
                                                         const Prices& prices);

}  // namespace beeflow
