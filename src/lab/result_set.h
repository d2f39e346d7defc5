// Runs as an export tells them: what reports, costs and comparisons are computed from, whichever
// system they ran on.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ports/catalog.h"

namespace beeflow {

struct ExportedRun {
  RunRecord run;
  std::vector<TaskInfo> tasks;        // the last try of each task instance
  std::vector<AttemptInfo> attempts;  // of all tries; none where the system does not tell them
};

// One folder <system>/ of an export.
struct ResultSet {
  // The folder's name, such as "serverless_tasks:20_duration:10_additional:warm".
  std::string system;
  std::string source;  // where it was read from, for messages
  // The shapes of the DAGs by dag_id, from the table dagtask; none for DAGs whose tasks are
  // unknown, as in exports of others.
  std::map<std::string, std::shared_ptr<const Dag>> dags;
  std::vector<ExportedRun> runs;  // in the order of their start
};

// Reads every export at or below `folder`. Of a table that was exported more than once (dt=...) all
// files count, rows with the same key once, the latest. Columns are found by name; those that are
// not known are ignored. kNotFound without an export, kInvalid (with file, line and column) where a
// cell cannot be read or a column is missing.
Result<std::vector<ResultSet>> ReadResults(const std::string& folder);

}  // namespace beeflow
