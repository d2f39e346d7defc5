// The History on an SQL database (ports/history.h has the contract). Each object has a connection
// of its own, which never waits for the writer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/history.h"
#include "store/sql/database.h"

namespace beeflow {

class SqlHistory : public History {
 public:
  // With a connection of its own.
  explicit SqlHistory(std::unique_ptr<sql::Database> database) : database_(std::move(database)) {}

  Result<Listing<RunEntry>> Runs(const RunQuery& query) override;
  Result<RunEntry> Run(const RunKey& run) override;
  Result<Listing<TaskEntry>> Tasks(const TaskQuery& query) override;
  Result<TaskEntry> Task(const RunKey& run, const std::string& task_id, int map_index) override;
  Result<std::vector<AttemptInfo>> Attempts(const RunKey& run, const std::string& task_id,
                                            int map_index) override;
  Result<Listing<XComEntry>> XComs(const XComQuery& query) override;
  Result<XComEntry> XCom(const RunKey& run, const std::string& task_id, int map_index,
                         const std::string& key) override;
  Result<std::vector<DatasetEventEntry>> UpstreamDatasetEvents(const RunKey& run) override;

  sql::Database* database() { return database_.get(); }

 private:
  Result<std::vector<RunRecord>> CreatedRuns(int64_t event_id);

  const std::unique_ptr<sql::Database> database_;
};

}  // namespace beeflow
