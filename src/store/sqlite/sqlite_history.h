// The History on an SQLite file (ports/history.h has the contract). Each object has a connection of
// its own, which never waits for the writer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/history.h"
#include "store/sqlite/database.h"

namespace beeflow {

class SqliteHistory : public History {
 public:
  // Brings the schema up to date where needed.
  static Result<std::unique_ptr<SqliteHistory>> Open(const std::string& path,
                                                     sqlite::OpenMode mode);

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

  sqlite::Database* database() { return database_.get(); }

 private:
  explicit SqliteHistory(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)) {}

  Result<std::vector<RunRecord>> CreatedRuns(int64_t event_id);

  const std::unique_ptr<sqlite::Database> database_;
};

}  // namespace beeflow
