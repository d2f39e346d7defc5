#include "lab/published_costs.h"

#include <algorithm>
#include <utility>

namespace beeflow {
namespace {

Error Unknown(const std::string& what) {
  return Invalid("published figures: cost_usd_per_day: " + what);
}

std::vector<CostLine> ServerlessDay(const CostScenario& scenario, ServerlessWorkers workers,
                                    const Prices& prices) {
  std::vector<CostLine> lines = ServerlessFixedCost(Availability::kHigh, prices);
  const auto by_use = ServerlessTaskCost(UsageOf(scenario), workers, prices);
  lines.insert(lines.end(), by_use.begin(), by_use.end());
  return lines;
}

// The total of a system for a day of the scenario; without one that of an idle day.
Result<double> SystemUsd(const std::string& system, const CostScenario* scenario,
                         const Prices& prices) {
  if (system == "mwaa") {
    return TotalUsd(
        MwaaCost(scenario == nullptr ? CostUsage() : UsageOf(*scenario), "small", prices));
  }
  if (scenario == nullptr && system == "serverless") {
    return TotalUsd(ServerlessFixedCost(Availability::kOneZone, prices));
  }
  if (scenario == nullptr && system == "serverless_ha") {
    return TotalUsd(ServerlessFixedCost(Availability::kHigh, prices));
  }
  if (scenario != nullptr && system == "serverless_faas") {
    return TotalUsd(ServerlessDay(*scenario, ServerlessWorkers::kFunctions, prices));
  }
  if (scenario != nullptr && system == "serverless_caas") {
    return TotalUsd(ServerlessDay(*scenario, ServerlessWorkers::kContainers, prices));
  }
  return Unknown("there is no model of '" + system + "'");
}

class Comparison {
 public:
  explicit Comparison(const Prices& prices) : prices_(prices) {}

  Status Systems(const std::string& row, const Json& cells, const CostScenario* scenario) {
    for (const auto& [system, usd] : cells.items()) {
      if (!usd.is_number()) continue;
      BEEFLOW_ASSIGN_OR_RETURN(const double computed, SystemUsd(system, scenario, prices_));
      found_.push_back({row + ", " + system, 2, usd.get<double>(), computed});
    }
    return Ok();
  }

  Status Scenario(const Json& row) {
    const std::string name = row.value("name", "");
    const auto& known = prices_.scenarios();
    const auto scenario = std::find_if(known.begin(), known.end(),
                                       [&](const CostScenario& one) { return one.name == name; });
    if (scenario == known.end()) return Unknown("there is no scenario '" + name + "'");
    return Systems(name, row, &*scenario);
  }

  Status Parts(const std::string& row, const Json& cells, const std::vector<CostLine>& lines,
               int decimals) {
    for (const auto& [part, usd] : cells.items()) {
      const std::string name = part;
      const auto line = std::find_if(lines.begin(), lines.end(),
                                     [&](const CostLine& one) { return one.part == name; });
      if (!usd.is_number() || (line == lines.end() && name != "total")) {
        return Unknown(row + " has no part '" + name + "'");
      }
      const double computed = name == "total" ? TotalUsd(lines) : line->usd;
      found_.push_back({row + ", " + name, decimals, usd.get<double>(), computed});
    }
    return Ok();
  }

  std::vector<PublishedCost> Take() { return std::move(found_); }

 private:
  const Prices& prices_;
  std::vector<PublishedCost> found_;
};

}  // namespace

CostUsage UsageOf(const CostScenario& scenario) {
  CostUsage usage;
  usage.mwaa_workers = scenario.mwaa_workers;
  for (int run = 0; run < scenario.runs; ++run) {
    for (int task = 0; task < scenario.tasks; ++task) {
      const int wave = task / scenario.parallel;
      usage.tasks.push_back({run * scenario.every_seconds + wave * scenario.task_seconds,
                             scenario.task_seconds, std::nullopt});
    }
  }
  return usage;
}

Result<std::vector<PublishedCost>> ComparePublishedCosts(const Json& published_figures,
                                                         const Prices& prices) {
  const auto found = published_figures.find("cost_usd_per_day");
  if (found == published_figures.end()) return Unknown("it is missing");
  const Json& costs = *found;
  for (const char* table : {"fixed", "scenarios", "heavy_faas_breakdown", "fixed_breakdown"}) {
    if (!costs.contains(table)) return Unknown(std::string("'") + table + "' is missing");
  }
  Comparison comparison(prices);
  BEEFLOW_RETURN_IF_ERROR(comparison.Systems("fixed", costs["fixed"], nullptr));
  for (const Json& row : costs["scenarios"]) BEEFLOW_RETURN_IF_ERROR(comparison.Scenario(row));
  const auto& known = prices.scenarios();
  const auto heavy = std::find_if(known.begin(), known.end(),
                                  [](const CostScenario& one) { return one.name == "heavy"; });
  if (heavy == known.end()) return Unknown("there is no scenario 'heavy'");
  BEEFLOW_RETURN_IF_ERROR(comparison.Parts(
      "heavy_faas_breakdown", costs["heavy_faas_breakdown"],
      ServerlessTaskCost(UsageOf(*heavy), ServerlessWorkers::kFunctions, prices), 4));
  BEEFLOW_RETURN_IF_ERROR(comparison.Parts("fixed_breakdown", costs["fixed_breakdown"],
                                           ServerlessFixedCost(Availability::kOneZone, prices), 2));
  return comparison.Take();
}

}  // namespace beeflow
