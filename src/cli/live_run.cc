#include "cli/live_run.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cli/run_progress.h"
#include "cli/run_report.h"
#include "ports/log_path.h"

namespace beeflow {
namespace {

class Live {
 public:
  Live(Session* session, Catalog* catalog, const std::string& log_folder, const LiveRun& run)
      : session_(*session),
        catalog_(*catalog),
        run_(run),
        logs_(std::filesystem::path(log_folder + "/" + AttemptLogPath(run.key, "t", -1, 1))
                  .parent_path()
                  .parent_path()),
        report_(catalog, log_folder, true, &session->out()) {
    report_.LeaveOut(logs_);
  }

  // The folder of all logs of the run.
  const std::string& logs() const { return logs_; }

  Status CopyLogs() { return report_.CopyLogs(); }

  void TellCallback(const RunKey& run, const std::string& output) {
    session_.out() << "callback of DAG " << run.dag_id << " printed:\n"
                   << output << '\n'
                   << std::flush;
  }

  // Tells what changed; true when the run has ended.
  Result<bool> Update() {
    BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, catalog_.Run(run_.key));
    BEEFLOW_RETURN_IF_ERROR(report_.Update(run_.key));
    if (!IsFinished(run.state)) return false;
    if (state_ == run.state) return true;
    state_ = run.state;
    session_.out() << "run " << run_.key.run_id << ": " << ToString(run.state);
    if (run.start_date && run.end_date) {
      session_.out() << " after " << FormatSeconds(ToSeconds(*run.end_date - *run.start_date));
    }
    session_.out() << '\n' << std::flush;
    return true;
  }

  Status Interrupt() {
    BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, catalog_.Run(run_.key));
    if (IsFinished(run.state)) return Ok();
    session_.err() << "interrupted: run " << run_.key.run_id
                   << " is marked failed, and its tasks are ended\n";
    return catalog_.SetRunState(run_.key, RunState::kFailed, session_.Now());
  }

  Status Verdict() const {
    if (state_ != RunState::kFailed) return Ok();
    std::string text = "run " + run_.key.run_id + " of DAG '" + run_.key.dag_id + "' failed";
    constexpr size_t kNamed = 5;
    const std::vector<std::string>& failed = report_.failed();
    for (size_t i = 0; i < std::min(failed.size(), kNamed); ++i) {
      text += (i == 0 ? ": task " : ", ") + failed[i];
    }
    if (failed.size() > kNamed) text += ", ...";
    return Conflict(text);
  }

  Status CarryOutByServer(ChangeWatch* watch) {
    while (true) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool done, Update());
      if (done) return Verdict();
      if (Status waited = watch->Wait(); !waited.ok()) {
        BEEFLOW_RETURN_IF_ERROR(Interrupt());
        return waited;
      }
    }
  }

 private:
  Session& session_;
  Catalog& catalog_;
  const LiveRun& run_;
  const std::string logs_;
  RunReport report_;
  RunState state_ = RunState::kQueued;  // that was told
};

}  // namespace

Status CarryOutLive(Session& session, const LiveRun& run) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  CliEnvironment& environment = session.environment();
  Live live(&session, catalog, config->Text("logging", "base_log_folder"), run);
  BEEFLOW_ASSIGN_OR_RETURN(const bool server_runs, environment.server_runs(*config));
  if (server_runs) {
    BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, FindDag(catalog, run.key.dag_id));
    BEEFLOW_RETURN_IF_ERROR(CheckRunsWouldStart(session, dag));
    BEEFLOW_RETURN_IF_ERROR(run.begin());
    std::error_code failed;
    std::filesystem::create_directories(live.logs(), failed);
    BEEFLOW_ASSIGN_OR_RETURN(const auto watch, environment.watch(*config, live.logs()));
    return live.CarryOutByServer(watch.get());
  }
  EngineRequest request;
  request.runs = {run.key};
  request.dag_id = run.key.dag_id;
  request.begin = run.begin;
  request.done = [&live] { return live.Update(); };
  request.logs = live.logs();
  request.written = [&live] { return live.CopyLogs(); };
  request.callback_printed = [&live](const RunKey& ended, const std::string& output) {
    live.TellCallback(ended, output);
  };
  request.interrupted = [&live] { return live.Interrupt(); };
  BEEFLOW_RETURN_IF_ERROR(environment.run_in_process(*config, request));
  return live.Verdict();
}

}  // namespace beeflow
