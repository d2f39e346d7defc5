// Tells what happens in one run, line by line: which task instances change their state and, where
// that is wanted, what they log, while they log it.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "cli/log_tail.h"
#include "ports/catalog.h"

namespace beeflow {

class RunReport {
 public:
  // `catalog` and `out` outlive the report.
  RunReport(Catalog* catalog, std::string log_folder, bool with_logs, std::ostream* out)
      : catalog_(*catalog), log_folder_(std::move(log_folder)), with_logs_(with_logs), out_(*out) {}

  // What the files below the folder hold now is not of this run: an earlier one had its id.
  void LeaveOut(const std::string& folder);

  // Reads the states, and tells those that changed; what was logged before comes first.
  Status Update(const RunKey& run);
  // Only what was logged since.
  Status CopyLogs();

  // Task instances that have failed, as they were told.
  const std::vector<std::string>& failed() const { return failed_; }

 private:
  using Instance = std::pair<std::string, int>;  // task id, map index

  Status Tell(const TaskRecord& task);
  std::string LogPath(const TaskRecord& task) const;

  Catalog& catalog_;
  const std::string log_folder_;
  const bool with_logs_;
  std::ostream& out_;
  std::map<Instance, std::pair<TaskState, int>> told_;  // state, try number
  std::map<std::pair<Instance, int>, LogTail> open_;    // by try; of tries that may still write
  std::map<std::string, std::streamoff> left_out_;      // bytes, by log file
  std::vector<std::string> failed_;
};

}  // namespace beeflow
