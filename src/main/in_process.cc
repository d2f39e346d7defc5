#include "main/in_process.h"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <utility>

#include "main/dag_search.h"
#include "main/database.h"
#include "main/engine.h"
#include "main/processes.h"
#include "os/folder_write_signal.h"

namespace beeflow {
namespace {

constexpr const char* kKeepAliveSeconds = "2";

// An engine that works until a request is fulfilled, or a signal ends it.
class CommandEngine {
 public:
  // `config` and `request` outlive the engine.
  CommandEngine(const Config& config, const EngineRequest& request)
      : config_(config), request_(request), signals_(io_, SIGINT, SIGTERM) {}

  Status Run(EngineOptions options) {
    // What is started for one command does not outlive it by much.
    Config own = config_;
    BEEFLOW_RETURN_IF_ERROR(
        own.Override("worker", "keep_alive_seconds", kKeepAliveSeconds, "one command"));
    ExportAirflowVariables(own);
    BEEFLOW_ASSIGN_OR_RETURN(catalog_, OpenCatalog(own));
    AwaitSignal();
    if (!request_.logs.empty()) BEEFLOW_RETURN_IF_ERROR(FollowLogs());
    if (!request_.dag_id.empty()) BEEFLOW_RETURN_IF_ERROR(BeginSearch());
    options.committed = [this] { Check([this] { return OnCommit(); }); };
    BEEFLOW_ASSIGN_OR_RETURN(engine_, Engine::Start(io_, own, std::move(options)));
    if (search_) BEEFLOW_RETURN_IF_ERROR(ImportNext());
    io_.run();
    return outcome_;
  }

 private:
  void AwaitSignal() {
    signals_.async_wait([this](const std::error_code& failed, int) {
      if (!failed) OnSignal();
    });
  }

  void OnSignal() {
    const bool may_wait = request_.interrupted && !std::exchange(interrupted_, true) && begun_;
    if (!may_wait) return End(Unavailable("interrupted"));
    AwaitSignal();
    Check([this]() -> Result<bool> {
      BEEFLOW_RETURN_IF_ERROR(request_.interrupted());
      if (!engine_->has_callbacks() || engine_->has_attempts()) return false;
      return request_.done();  // callbacks alone are not waited for
    });
  }

  void End(Status outcome) {
    outcome_ = std::move(outcome);
    io_.stop();
  }

  // Runs a step; true ends the engine, and so does an error.
  void Check(const std::function<Result<bool>()>& step) {
    if (io_.stopped()) return;
    const auto done = step();
    if (!done.ok()) return End(done.error());
    if (*done) End(interrupted_ ? Status(Unavailable("interrupted")) : Ok());
  }

  Result<bool> OnCommit() {
    if (!engine_ || (!begun_ && !engine_->imports_done())) return false;
    if (search_) BEEFLOW_RETURN_IF_ERROR(ContinueSearch());
    if (search_) return false;
    if (!std::exchange(begun_, true) && request_.begin) BEEFLOW_RETURN_IF_ERROR(request_.begin());
    BEEFLOW_ASSIGN_OR_RETURN(const bool done, request_.done());
    // Callbacks of DAGs, and tasks that are being ended, get the time that they need.
    return done && !engine_->has_callbacks() && !(interrupted_ && engine_->has_attempts());
  }

  Status BeginSearch() {
    const auto known = catalog_->Dag(request_.dag_id);
    if (!known.ok() && known.error().code != ErrorCode::kNotFound) return known.error();
    search_.emplace(config_, request_.dag_id, known.ok() ? known->record.file : "");
    return Ok();
  }

  // The imports that were asked for are committed: is the DAG among them?
  Status ContinueSearch() {
    const auto dag = catalog_->Dag(request_.dag_id);
    if (!dag.ok() && dag.error().code != ErrorCode::kNotFound) return dag.error();
    if (!dag.ok() || !dag->record.is_active) return ImportNext();
    search_.reset();
    return Ok();
  }

  Status ImportNext() {
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<std::string> files, search_->Next());
    if (files.empty()) {
      search_.reset();  // nobody defines it; what comes next finds that out
    } else {
      engine_->ImportFiles(files);
    }
    return Ok();
  }

  Status FollowLogs() {
    std::error_code failed;
    std::filesystem::create_directories(request_.logs, failed);
    if (failed) {
      return Unavailable("cannot create the folder " + request_.logs + ": " + failed.message());
    }
    BEEFLOW_ASSIGN_OR_RETURN(logs_, FolderWriteSignal::Watch(io_, request_.logs, [this] {
                               Check([this]() -> Result<bool> {
                                 BEEFLOW_RETURN_IF_ERROR(request_.written());
                                 return false;
                               });
                             }));
    return Ok();
  }

  const Config& config_;
  const EngineRequest& request_;
  asio::io_context io_;
  asio::signal_set signals_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<FolderWriteSignal> logs_;
  std::optional<DagSearch> search_;  // until the DAG is found
  bool begun_ = false;
  bool interrupted_ = false;
  Status outcome_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace

Status RefreshDags(const Config& config, const std::optional<std::string>& dag_id) {
  EngineRequest request;
  request.done = [] { return true; };
  request.dag_id = dag_id.value_or("");
  EngineOptions options;
  options.watch_dags = !dag_id;
  options.only_runs = {RunKey{}};  // none: nothing is to start
  return CommandEngine(config, request).Run(std::move(options));
}

Status RunInProcess(const Config& config, const EngineRequest& request) {
  EngineOptions options;
  options.watch_dags = false;
  options.only_runs = request.runs;
  options.callback_printed = request.callback_printed;
  return CommandEngine(config, request).Run(std::move(options));
}

}  // namespace beeflow
