// A database in a temporary home with a few DAGs and runs, for tests of the API and the CLI.
#pragma once

#include <string>
#include <vector>

#include "ports/catalog.h"
#include "store/sql/sql_store.h"

namespace beeflow {

class SeededDatabase {
 public:
  // DAG "etl" (daily, extract -> transform -> load, not paused) in file <home>/dags/etl.py, DAG
  // "hourly" (paused) in <home>/dags/more.py, an import error of <home>/dags/broken.py.
  SeededDatabase();
  ~SeededDatabase();
  SeededDatabase(const SeededDatabase&) = delete;
  SeededDatabase& operator=(const SeededDatabase&) = delete;

  const std::string& home() const { return home_; }
  std::string path() const { return home_ + "/beeflow.db"; }

  Result<std::unique_ptr<Catalog>> OpenCatalog() const;

  // Another file below <home>/dags, with the result of its import as the parser hands it back.
  void AddFile(const std::string& name, const std::string& parsed);
  // As the schedule updater would: the next run's data interval, in days.
  void SetNextRun(const std::string& dag_id, const std::string& start, const std::string& end);
  // Executes SQL as somebody who edits the database by hand.
  void Edit(const std::string& sql) const;

  // Adds a run of etl, logical date `date`, in `state`, with its three task instances in
  // `task_state` (try 1).
  RunKey AddRun(const std::string& run_id, const std::string& date, RunState state,
                TaskState task_state);
  // Ends a run as an engine would.
  void EndRun(const RunKey& run, RunState state);

 private:
  void Apply(const std::vector<Transition>& transitions);

  std::string home_;
  std::unique_ptr<SqlStore> store_;
};

}  // namespace beeflow
