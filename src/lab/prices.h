// The unit prices and sizes that costs are computed from: data/prices.json, which is part of the
// program and tells the source of each.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {

struct ServerPrice {
  std::string name;
  double memory_mb = 0;
  double usd_per_hour = 0;
};

// A day of the published cost tables.
struct CostScenario {
  std::string name;
  int runs = 0;
  double every_seconds = 0;
  int tasks = 0;  // of each run, of which `parallel` run at once
  int parallel = 0;
  double task_seconds = 0;
  std::optional<int> mwaa_workers;  // where the published figure counts others than the tasks need
};

class Prices {
 public:
  // kInvalid, naming the field, where it does not read as data/prices.json.
  static Result<Prices> FromJson(const Json& json);
  // Those of the program.
  static const Prices& Known();

  // It is a broken invariant to ask for a name that the file does not have.
  double Usd(const std::string& price) const;
  double Size(const std::string& size) const;
  double days_per_month() const { return days_per_month_; }
  const std::vector<ServerPrice>& servers() const { return servers_; }  // the smallest first
  const std::vector<CostScenario>& scenarios() const { return scenarios_; }

 private:
  std::map<std::string, double> usd_;
  std::map<std::string, double> sizes_;
  double days_per_month_ = 30;
  std::vector<ServerPrice> servers_;
  std::vector<CostScenario> scenarios_;
};

}  // namespace beeflow
