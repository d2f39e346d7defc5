// The Overview on an SQL database (ports/overview.h has the contract). Each object has a connection
// of its own: it sees the last commit, and never waits for the writer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/overview.h"
#include "store/sql/database.h"

namespace beeflow {

class SqlOverview : public Overview {
 public:
  // With a connection of its own.
  explicit SqlOverview(std::unique_ptr<sql::Database> database) : database_(std::move(database)) {}

  Result<std::vector<DagGlance>> Dags(int runs_max) override;
  Result<RunGrid> Grid(const GridFilter& filter) override;
  Result<std::vector<TaskTries>> Tries(const RunKey& run,
                                       const std::optional<std::string>& task_id) override;
  Result<std::vector<DayOfRuns>> Calendar(const std::string& dag_id) override;
  Result<std::vector<Time>> SourceTimes(const std::string& dag_id) override;
  Result<std::string> SourceSince(const std::string& dag_id, Time since) override;
  Result<std::vector<StartsOfMinute>> Starts(Time since) override;
  Result<OverviewTotals> Totals() override;
  Result<FeedLag> Lag() override;
  Result<std::vector<Found>> Search(const SearchQuery& query) override;

 private:
  Status AddRuns(int runs_max, std::vector<DagGlance>* dags);
  Result<std::vector<GridRun>> GridRuns(const GridFilter& filter);
  Status AddCells(const std::string& dag_id, RunGrid* grid);

  std::unique_ptr<sql::Database> database_;
};

}  // namespace beeflow
