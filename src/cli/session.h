// What the commands share: the lazily opened configuration and database, questions, and finding
// things by the names that people type.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/environment.h"
#include "cli/output.h"
#include "ports/manual_run.h"

namespace beeflow {

class Session {
 public:
  explicit Session(CliEnvironment* environment) : environment_(*environment) {}

  // From now on the session is about a server elsewhere.
  Status ConnectTo(const std::string& url, const std::string& token);
  bool is_remote() const { return remote_.has_value(); }
  // Of a session that is remote.
  Result<std::string> RemoteLog(const TaskRecord& task, int try_number) {
    return remote_->log(task, try_number);
  }

  CliEnvironment& environment() { return environment_; }
  std::ostream& out() { return *environment_.out; }
  std::ostream& err() { return *environment_.err; }
  Time Now() { return environment_.clock->Now(); }

  Result<Config*> config();
  // Valid as long as the session.
  Result<Catalog*> catalog();
  Result<SecretStore*> secrets();
  Result<UserStore*> users();
  Result<std::unique_ptr<DatabaseAdmin>> OpenAdmin();
  Result<std::unique_ptr<ExportSource>> OpenExport();

  void Print(const Table& table, OutputFormat format) { WriteTable(table, format, out()); }

  // Asks `question` unless `yes`. Fails where the answer is no, or where nobody can be asked.
  Status Confirm(const std::string& question, bool yes);

  // Writes an audit line: who did what.
  Status Audit(const std::string& event, const RunKey& run, const std::string& task_id,
               const std::string& extra);

 private:
  CliEnvironment& environment_;
  std::optional<RemoteStores> remote_;
  std::optional<Config> config_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<SecretStore> secrets_;
  std::unique_ptr<UserStore> users_;
};

// The errors suggest the nearest name, or the command that lists what there is.
Result<DagInfo> FindDag(Catalog* catalog, const std::string& dag_id);
// With its model, for commands that look at tasks.
Result<std::shared_ptr<const Dag>> FindModel(Catalog* catalog, const std::string& dag_id);
// By run id or by logical date.
Result<RunRecord> FindRun(Catalog* catalog, const std::string& dag_id,
                          const std::string& run_id_or_date);
Status CheckTask(const Dag& dag, const std::string& task_id);

// Reads the value of a date option: "--end-date: '2021-13-01' is not a date ...".
Result<Time> ParseDate(const std::string& option, const std::string& text);
Result<std::optional<Time>> ParseOptionalDate(const std::string& option, const std::string& text);

// Reads the value of an option such as --conf: a JSON object, as JSON text; "" is {}.
Result<std::string> ParseConf(const std::string& option, const std::string& text);

// Without a server nobody else reads the DAG files, so that a command that is about what they say
// now does: it imports those that may define the DAG.
Status RefreshDag(Session& session, const std::string& dag_id);

// The record of a manual run, as NewManualRun makes it; the author's own timetable is asked for the
// data interval.
Result<RunRecord> MakeManualRun(Session& session, const DagInfo& dag, ManualRun request);

// All runs that match, however many.
Result<std::vector<RunRecord>> AllRuns(Catalog* catalog, RunFilter filter);

}  // namespace beeflow
