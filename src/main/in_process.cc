#include "main/in_process.h"

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <fstream>
#include <iostream>
#include <utility>

#include "control/answer.h"
#include "executor/function_executor.h"
#include "main/database.h"
#include "main/engine.h"
#include "main/processes.h"
#include "main/temporary_folder.h"
#include "os/system_clock.h"
#include "ports/log_path.h"

namespace beeflow {
namespace {

constexpr const char* kKeepAliveSeconds = "2";

// Runs an engine until `finished` is true after a commit, or a signal ends it.
Status RunUntil(Config config, EngineOptions options,
                const std::function<Result<bool>(const Engine&)>& finished) {
  // What is started for one command does not outlive it by much.
  BEEFLOW_RETURN_IF_ERROR(
      config.Override("worker", "keep_alive_seconds", kKeepAliveSeconds, "one command"));
  asio::io_context io;
  asio::signal_set signals(io, SIGINT, SIGTERM);
  Status outcome;
  signals.async_wait([&](const std::error_code& failed, int) {
    if (failed) return;
    outcome = Unavailable("interrupted");
    io.stop();
  });
  ExportAirflowVariables(config);
  const Engine* running = nullptr;
  options.committed = [&] {
    if (!running) return;
    const auto done = finished(*running);
    if (!done.ok()) outcome = done.error();
    if (!done.ok() || *done) io.stop();
  };
  BEEFLOW_ASSIGN_OR_RETURN(const auto engine, Engine::Start(io, config, std::move(options)));
  running = engine.get();
  io.run();
  return outcome;
}

// Runs one task on an executor of its own, in a folder of its own; requests for XComs and Variables
// are answered from the database.
class TaskTester {
 public:
  explicit TaskTester(const Config& config) : config_(config) {}

  Status Run(const TaskTest& test) {
    BEEFLOW_ASSIGN_OR_RETURN(Attempt attempt, MakeAttempt(test));
    run_id_ = attempt.run.key.run_id;
    const TemporaryFolder folder("beeflow-task-test");
    if (folder.path().empty()) return Unavailable("cannot create a folder for temporary files");
    ExportAirflowVariables(config_);
    const std::string log =
        folder.path() + "/" + AttemptLogPath(attempt.run.key, test.task_id, test.map_index, 1);
    FunctionExecutor::Callbacks callbacks;
    callbacks.on_report = [this](const NumberedReport& report) { OnReport(report); };
    callbacks.on_request = [this](const std::string& method, const Json& params) {
      return Answer(method, params);
    };
    callbacks.limits_of = [this](const std::string& queue) {
      return LimitsOfQueue(config_, queue);
    };
    BEEFLOW_ASSIGN_OR_RETURN(
        executor_, FunctionExecutor::Listen(io_, clock_, Channel(folder.path()), callbacks));
    executor_->Start(std::move(attempt));
    io_.run();
    executor_.reset();
    PrintFile(log);
    return Verdict(test);
  }

 private:
  Result<Attempt> MakeAttempt(const TaskTest& test) {
    BEEFLOW_ASSIGN_OR_RETURN(const auto catalog, OpenCatalog(config_));
    BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, catalog->Dag(test.dag_id));
    Attempt attempt;
    BEEFLOW_ASSIGN_OR_RETURN(attempt.dag, catalog->Model(test.dag_id));
    const auto task = attempt.dag->Find(test.task_id);
    if (!task) return NotFound("DAG " + test.dag_id + " has no task " + test.task_id);
    attempt.id = 1;
    attempt.task = *task;
    attempt.map_index = test.map_index;
    attempt.file = dag.record.file;
    attempt.dag_hash = dag.record.dag_hash;
    attempt.run.key = {test.dag_id, "__airflow_temporary_run_" + FormatIso(test.logical_date)};
    attempt.run.logical_date = test.logical_date;
    attempt.run.interval = test.interval;
    attempt.run.state = RunState::kRunning;
    attempt.run.start_date = clock_.Now();
    return attempt;
  }

  WorkerChannelOptions Channel(const std::string& folder) {
    Config own = config_;
    const Status logs = own.Override("logging", "base_log_folder", folder, "tasks test");
    const Status alive = own.Override("worker", "keep_alive_seconds", "0", "tasks test");
    BEEFLOW_CHECK(logs.ok() && alive.ok());
    return ChannelOptionsIn(own, folder);
  }

  void OnReport(const NumberedReport& numbered) {
    executor_->Acknowledge({numbered.number});
    if (numbered.report.outcome == Outcome::kRunning) return;
    report_ = numbered.report;
    // The acknowledgement is to leave first.
    asio::post(io_, [this] { io_.stop(); });
  }

  Result<Json> Answer(const std::string& method, const Json& params) {
    // The run that is tested is not in the database, so nothing can be recorded for it.
    const bool changes_xcoms = method == "xcom_set" || method == "xcom_clear";
    if (changes_xcoms && params.value("run_id", Json()) == run_id_) return Json();
    if (!requests_) {
      BEEFLOW_ASSIGN_OR_RETURN(requests_, OpenRequests(config_));
    }
    return AnswerRequest({requests_.get(), clock_.Now(), config_.Integer("core", "max_xcom_bytes")},
                         method, params);
  }

  static void PrintFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (in.peek() != std::ifstream::traits_type::eof()) std::cout << in.rdbuf() << std::flush;
  }

  Status Verdict(const TaskTest& test) const {
    const bool failed =
        report_.outcome != Outcome::kSuccess && report_.outcome != Outcome::kSkipped;
    const std::string name = "task " + test.dag_id + "." + test.task_id;
    if (failed) return Internal(name + " failed: " + report_.reason);
    std::cout << name << (report_.outcome == Outcome::kSkipped ? " was skipped" : " succeeded")
              << std::endl;
    return Ok();
  }

  const Config config_;
  SystemClock clock_;
  asio::io_context io_;
  std::unique_ptr<RequestStore> requests_;
  std::unique_ptr<FunctionExecutor> executor_;
  std::string run_id_;
  Report report_;
};

}  // namespace

Status RefreshDags(const Config& config) {
  return RunUntil(config, {}, [](const Engine& engine) -> Result<bool> {
    return engine.initial_import_done();
  });
}

Status RunInProcess(const Config& config, const EngineRequest& request) {
  EngineOptions options;
  options.watch_dags = false;
  options.only_runs = request.runs;
  return RunUntil(config, std::move(options), [&](const Engine&) { return request.done(); });
}

Status TestTask(const Config& config, const TaskTest& test) { return TaskTester(config).Run(test); }

}  // namespace beeflow
