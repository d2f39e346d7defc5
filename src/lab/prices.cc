#include "lab/prices.h"

#include <utility>

#include "lab/lab_data.h"

namespace beeflow {
namespace {

double Number(const Json& object, const char* key, const std::string& what, Status* status) {
  const auto found = object.find(key);
  if (found != object.end() && found->is_number() && found->get<double>() >= 0) {
    return found->get<double>();
  }
  if (status->ok()) {
    *status = Invalid("prices: " + what + ": '" + key + "' is not a number of at least 0");
  }
  return 0;
}

std::string Name(const Json& object) {
  return object.contains("name") && object["name"].is_string() ? object["name"].get<std::string>()
                                                               : "";
}

CostScenario ReadScenario(const Json& json, Status* status) {
  CostScenario scenario;
  scenario.name = Name(json);
  const std::string what = "scenario " + scenario.name;
  scenario.runs = static_cast<int>(Number(json, "runs", what, status));
  scenario.every_seconds = Number(json, "every_seconds", what, status);
  scenario.tasks = static_cast<int>(Number(json, "tasks", what, status));
  scenario.parallel = static_cast<int>(Number(json, "parallel", what, status));
  scenario.task_seconds = Number(json, "task_seconds", what, status);
  if (json.contains("mwaa_workers")) {
    scenario.mwaa_workers = static_cast<int>(Number(json, "mwaa_workers", what, status));
  }
  return scenario;
}

}  // namespace

Result<Prices> Prices::FromJson(const Json& json) {
  if (!json.is_object()) return Invalid("prices: is not a JSON object");
  for (const char* key : {"prices", "sizes"}) {
    if (!json.contains(key) || !json[key].is_object()) {
      return Invalid(std::string("prices: '") + key + "' is not an object");
    }
  }
  Prices prices;
  Status status;
  prices.days_per_month_ = Number(json, "days_per_month", "the file", &status);
  for (const auto& [name, price] : json["prices"].items()) {
    prices.usd_[name] = Number(price, "usd", name, &status);
  }
  for (const auto& [name, size] : json["sizes"].items()) {
    prices.sizes_[name] = Number(size, "value", name, &status);
  }
  for (const Json& server : json.value("servers", Json::array())) {
    const std::string name = Name(server);
    prices.servers_.push_back(
        {name, Number(server, "mb", name, &status), Number(server, "usd", name, &status)});
  }
  for (const Json& scenario : json.value("scenarios", Json::array())) {
    prices.scenarios_.push_back(ReadScenario(scenario, &status));
  }
  if (!status.ok()) return status.error();
  return prices;
}

const Prices& Prices::Known() {
  static const Prices kKnown = *FromJson(*ParseJson(kPricesJson));
  return kKnown;
}

double Prices::Usd(const std::string& price) const {
  const auto found = usd_.find(price);
  BEEFLOW_CHECK(found != usd_.end());
  return found->second;
}

double Prices::Size(const std::string& size) const {
  const auto found = sizes_.find(size);
  BEEFLOW_CHECK(found != sizes_.end());
  return found->second;
}

}  // namespace beeflow
