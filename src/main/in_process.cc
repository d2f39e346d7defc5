#include "main/in_process.h"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <utility>

#include "main/engine.h"
#include "main/processes.h"

namespace beeflow {
namespace {

// Runs an engine until `finished` is true after a commit, or a signal ends it.
Status RunUntil(const Config& config, EngineOptions options,
                const std::function<Result<bool>(const Engine&)>& finished) {
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
  options.worker_argv = WorkerCommand(config);
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

}  // namespace beeflow
