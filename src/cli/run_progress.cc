#include "cli/run_progress.h"

#include <algorithm>
#include <map>
#include <set>

#include "cli/run_report.h"

namespace beeflow {
namespace {

// Follows the runs and writes to stderr: on a terminal one line that is drawn anew, elsewhere one
// line for each run that ends. The tasks of a run that runs alone are told one by one.
class Progress {
 public:
  Progress(Session* session, Catalog* catalog, std::string log_folder,
           const std::vector<RunRecord>& runs)  // of one DAG, at least one
      : session_(*session),
        catalog_(*catalog),
        report_(catalog, std::move(log_folder), false, &session->err()) {
    dag_id_ = runs.front().key.dag_id;
    first_date_ = last_date_ = runs.front().logical_date;
    for (const RunRecord& run : runs) {
      open_.emplace(run.key.run_id, run);
      first_date_ = std::min(first_date_, run.logical_date);
      last_date_ = std::max(last_date_, run.logical_date);
    }
    total_ = runs.size();
    single_ = runs.size() == 1;
  }

  // Reads what changed; true when all runs have ended.
  Result<bool> Update() {
    BEEFLOW_RETURN_IF_ERROR(ReadUnfinished());
    for (auto it = open_.begin(); it != open_.end();) {
      const RunKey key = it->second.key;
      if (single_) BEEFLOW_RETURN_IF_ERROR(report_.Update(key));
      if (unfinished_.count(key.run_id) > 0) {
        ++it;
        continue;
      }
      BEEFLOW_ASSIGN_OR_RETURN(it->second, catalog_.Run(key));
      if (!IsFinished(it->second.state)) {
        ++it;
        continue;
      }
      // The last tasks may have ended between the two reads.
      if (single_) BEEFLOW_RETURN_IF_ERROR(report_.Update(key));
      TellEnd(it->second);
      it = open_.erase(it);
    }
    Draw();
    return open_.empty();
  }

  // For the end: which runs did not succeed.
  Status Verdict() const {
    if (failed_.empty()) return Ok();
    constexpr size_t kNamed = 5;
    std::string names;
    for (size_t i = 0; i < std::min(failed_.size(), kNamed); ++i) {
      names += (i > 0 ? ", " : "") + failed_[i].run_id;
    }
    if (failed_.size() > kNamed) names += ", ...";
    return Conflict(std::to_string(failed_.size()) + " of " + std::to_string(total_) +
                    " runs of DAG '" + failed_[0].dag_id + "' failed: " + names +
                    "; 'beeflow tasks states-for-dag-run " + failed_[0].dag_id + " " +
                    failed_[0].run_id + "' shows where");
  }

 private:
  // One query for all, since a backfill may have thousands of runs that wait for their turn.
  Status ReadUnfinished() {
    RunFilter filter;
    filter.dag_id = dag_id_;
    filter.states = {RunState::kQueued, RunState::kRunning};
    filter.logical_date_from = first_date_;
    filter.logical_date_to = last_date_;
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<RunRecord> runs, AllRuns(&catalog_, filter));
    unfinished_.clear();
    running_ = 0;
    for (const RunRecord& run : runs) {
      if (open_.count(run.key.run_id) == 0) continue;
      unfinished_.insert(run.key.run_id);
      running_ += run.state == RunState::kRunning ? 1 : 0;
    }
    return Ok();
  }

  void TellEnd(const RunRecord& run) {
    ++ended_;
    if (run.state == RunState::kFailed) failed_.push_back(run.key);
    std::string line = "run " + run.key.run_id + ": " + std::string(ToString(run.state));
    if (run.start_date && run.end_date) {
      line += " after " + FormatSeconds(ToSeconds(*run.end_date - *run.start_date));
    }
    Line(line);
  }

  // A line that stays, above the one that is drawn anew.
  void Line(const std::string& text) {
    Erase();
    session_.err() << text << '\n';
  }

  void Draw() {
    if (!session_.environment().err_is_terminal || single_) return;
    Erase();
    session_.err() << "finished runs " << ended_ << " of " << total_ << " | running " << running_
                   << " | failed " << failed_.size() << std::flush;
    drawn_ = !open_.empty();
    if (open_.empty()) session_.err() << '\n';
  }

  void Erase() {
    if (drawn_) session_.err() << "\r\033[K";
    drawn_ = false;
  }

  Session& session_;
  Catalog& catalog_;
  RunReport report_;
  std::string dag_id_;
  Time first_date_{};  // of the logical dates
  Time last_date_{};
  std::map<std::string, RunRecord> open_;  // by run id: those whose end was not told yet
  std::set<std::string> unfinished_;       // run ids, of the last read
  size_t running_ = 0;
  std::vector<RunKey> failed_;
  size_t total_ = 0;
  size_t ended_ = 0;
  bool single_ = false;
  bool drawn_ = false;
};

}  // namespace

Status CheckRunsWouldStart(Session& session, const DagInfo& dag) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(const bool server_runs, session.environment().server_runs(*config));
  if (!server_runs || !dag.record.is_paused) return Ok();
  return Conflict("DAG '" + dag.record.dag_id +
                  "' is paused, so that the running server would not start its runs; "
                  "'beeflow dags unpause " +
                  dag.record.dag_id + "' first");
}

Status CarryOut(Session& session, const std::vector<RunRecord>& runs) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  CliEnvironment& environment = session.environment();
  Progress progress(&session, catalog, config->Text("logging", "base_log_folder"), runs);
  BEEFLOW_ASSIGN_OR_RETURN(const bool server_runs, environment.server_runs(*config));
  if (server_runs) {
    BEEFLOW_ASSIGN_OR_RETURN(const auto watch, environment.watch(*config, ""));
    while (true) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool done, progress.Update());
      if (done) return progress.Verdict();
      BEEFLOW_RETURN_IF_ERROR(watch->Wait());
    }
  }
  EngineRequest request;
  for (const RunRecord& run : runs) request.runs.push_back(run.key);
  request.done = [&progress] { return progress.Update(); };
  BEEFLOW_RETURN_IF_ERROR(environment.run_in_process(*config, request));
  return progress.Verdict();
}

}  // namespace beeflow
