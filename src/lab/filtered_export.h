// Lets a part of an export through: the rows of some runs, and what belongs to their DAGs.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/catalog.h"

namespace beeflow {

class FilteredExport : public ExportSource {
 public:
  FilteredExport(std::unique_ptr<ExportSource> source, const std::vector<RunRecord>& runs);

  // Rows of a table without a column run_id are chosen by their dag_id.
  Status Export(const std::string& table, const std::function<Status(const Row&)>& visit) override;

 private:
  const std::unique_ptr<ExportSource> source_;
  std::set<std::pair<std::string, std::string>> runs_;  // dag_id, run_id
  std::set<std::string> dag_ids_;
};

}  // namespace beeflow
