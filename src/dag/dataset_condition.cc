#include "dag/dataset_condition.h"

#include <algorithm>

namespace beeflow {
namespace {

constexpr int kNestingMax = 50;

}  // namespace

std::string DatasetName(const Json& json) {
  if (!json.is_object()) return "";
  const Json uri = json.value("uri", Json());
  if (uri.is_string()) return uri.get<std::string>();
  const Json alias = json.value("alias", Json());
  return alias.is_string() ? "alias:" + alias.get<std::string>() : "";
}

Result<DatasetCondition> DatasetCondition::FromJson(const Json& json) { return FromJson(json, 0); }

Result<DatasetCondition> DatasetCondition::FromJson(const Json& json, int depth) {
  if (!json.is_object() || depth > kNestingMax) {
    return Invalid("a condition on datasets cannot be read");
  }
  DatasetCondition condition;
  condition.name_ = DatasetName(json);
  if (!condition.name_.empty()) {
    condition.kind_ = Kind::kDataset;
    return condition;
  }
  const bool any = json.contains("any");
  condition.kind_ = any ? Kind::kAny : Kind::kAll;
  const Json parts = json.value(any ? "any" : "all", Json());
  if (!parts.is_array())
    return Invalid("a condition on datasets is neither all, any nor a dataset");
  for (const Json& part : parts) {
    BEEFLOW_ASSIGN_OR_RETURN(DatasetCondition read, FromJson(part, depth + 1));
    condition.parts_.push_back(std::move(read));
  }
  return condition;
}

bool DatasetCondition::IsMet(const std::set<std::string>& updated) const {
  const auto is_met = [&](const DatasetCondition& part) { return part.IsMet(updated); };
  switch (kind_) {
    case Kind::kDataset:
      return updated.contains(name_);
    case Kind::kAny:
      return std::any_of(parts_.begin(), parts_.end(), is_met);
    case Kind::kAll:
      break;
  }
  return !parts_.empty() && std::all_of(parts_.begin(), parts_.end(), is_met);
}

std::set<std::string> DatasetCondition::Names() const {
  std::set<std::string> names;
  if (kind_ == Kind::kDataset) names.insert(name_);
  for (const DatasetCondition& part : parts_) names.merge(part.Names());
  return names;
}

}  // namespace beeflow
