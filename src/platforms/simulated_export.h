// What was simulated as the tables of an export, with the columns of `beeflow export`, so that
// reports read it like any other.
#pragma once

#include "lab/result_set.h"

namespace beeflow {

class SimulatedExport : public ExportSource {
 public:
  // `results` outlives it.
  explicit SimulatedExport(const ResultSet* results) : results_(*results) {}

  Status Export(const std::string& table, const std::function<Status(const Row&)>& visit) override;

 private:
  using Visit = std::function<Status(const Row&)>;

  Status ExportRuns(const Visit& visit) const;
  Status ExportTasks(const Visit& visit) const;
  Status ExportAttempts(const Visit& visit) const;
  Status ExportDagTasks(const Visit& visit) const;

  const ResultSet& results_;
};

}  // namespace beeflow
