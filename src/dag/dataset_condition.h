// Which datasets must have been updated before a DAG runs: `condition` of the format.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {

// An immutable value. Datasets are named by URI; a dataset alias A is named "alias:A", which is no
// URI that Airflow accepts.
class DatasetCondition {
 public:
  static Result<DatasetCondition> FromJson(const Json& json);

  // Whether it is met by the datasets that were updated since the last run.
  bool IsMet(const std::set<std::string>& updated) const;
  // The names of all datasets in it.
  std::set<std::string> Names() const;

 private:
  enum class Kind { kDataset, kAll, kAny };

  static Result<DatasetCondition> FromJson(const Json& json, int depth);

  Kind kind_ = Kind::kAll;
  std::string name_;
  std::vector<DatasetCondition> parts_;
};

// The name of a dataset or dataset alias in the serialized form; "" where it is neither.
std::string DatasetName(const Json& json);

}  // namespace beeflow
