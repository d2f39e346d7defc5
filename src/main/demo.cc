#include "main/demo.h"

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>

#include "cli/output.h"
#include "lab/run_metrics.h"
#include "lab/sleep_seconds.h"
#include "main/database.h"
#include "main/engine.h"
#include "main/processes.h"
#include "main/resources.h"
#include "main/temporary_folder.h"
#include "ports/manual_run.h"

namespace beeflow {
namespace {

// The example's file alone, so that nothing else is imported.
Result<std::string> CopyExample(const std::string& dag_id, const std::string& home) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::string examples, FindResource("examples/dags"));
  const std::string name = dag_id + ".py";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(examples)) {
    if (entry.path().filename() != name) continue;
    const std::string folder = home + "/dags";
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    std::filesystem::copy_file(entry.path(), folder + "/" + name, failed);
    if (failed)
      return Unavailable("cannot copy " + entry.path().string() + ": " + failed.message());
    return folder;
  }
  return NotFound("there is no example " + name + " below " + examples);
}

class Demo {
 public:
  Demo(std::string dag_id, Config config, std::unique_ptr<Catalog> catalog)
      : dag_id_(std::move(dag_id)), config_(std::move(config)), catalog_(std::move(catalog)) {}

  Status Run() {
    asio::io_context io;
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const std::error_code&, int) {
      interrupted_ = true;
      io.stop();
    });
    EngineOptions options;
    options.committed = [&] {
      if (const Status step = Step(); !step.ok()) outcome_ = step;
      if (!outcome_.ok() || ended_) io.stop();
    };
    BEEFLOW_ASSIGN_OR_RETURN(const auto engine, Engine::Start(io, config_, std::move(options)));
    io.run();
    if (isatty(STDERR_FILENO)) fmt::print(stderr, "\n");
    if (interrupted_) return Unavailable("interrupted");
    BEEFLOW_RETURN_IF_ERROR(outcome_);
    return PrintResult();
  }

 private:
  // Called after every commit.
  Status Step() {
    if (!run_) return Trigger();
    BEEFLOW_ASSIGN_OR_RETURN(run_, catalog_->Run(run_->key));
    BEEFLOW_ASSIGN_OR_RETURN(const auto tasks, catalog_->Tasks(run_->key));
    ShowProgress(tasks);
    ended_ = IsFinished(run_->state);
    return Ok();
  }

  Status Trigger() {
    BEEFLOW_ASSIGN_OR_RETURN(const auto errors, catalog_->ImportErrors());
    if (!errors.empty()) return Invalid(errors[0].file + ": " + errors[0].stacktrace);
    const auto model = catalog_->Model(dag_id_);
    if (!model.ok()) return Ok();  // not imported yet
    BEEFLOW_RETURN_IF_ERROR(catalog_->SetPaused(dag_id_, false));
    BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, NewManualRun(**model, {}, clock_.Now()));
    BEEFLOW_ASSIGN_OR_RETURN(run_, catalog_->CreateRun(run));
    return Ok();
  }

  void ShowProgress(const std::vector<TaskInfo>& tasks) {
    std::map<std::string, int> counts;
    for (const TaskInfo& task : tasks) {
      const std::string state(ToString(task.record.state));
      ++counts[state.empty() ? "waiting" : state];
    }
    std::string line;
    for (const auto& [state, count] : counts) {
      line += (line.empty() ? "" : ", ") + fmt::format("{} {}", count, state);
    }
    if (line == shown_) return;
    shown_ = line;
    const double elapsed = ToSeconds(clock_.Now() - *run_->queued_at);
    const bool terminal = isatty(STDERR_FILENO) != 0;
    fmt::print(stderr, "{}{:7.3f} s  {}{}", terminal ? "\r\x1b[K" : "", elapsed, line,
               terminal ? "" : "\n");
  }

  Status PrintResult() {
    BEEFLOW_ASSIGN_OR_RETURN(const auto tasks, catalog_->Tasks(run_->key));
    BEEFLOW_ASSIGN_OR_RETURN(const auto model, catalog_->Model(dag_id_));
    const RunMetrics metrics = MeasureRun(*run_, tasks, *model);
    const auto seconds = [](double value) { return fmt::format("{:.3f} s", value); };
    Table table;
    table.columns = {"dag_id",       "run",      "state",          "start",
                     "end",          "duration", "ideal duration", "median task wait",
                     "p95 task wait"};
    table.rows.push_back({dag_id_, run_->key.run_id, std::string(ToString(run_->state)),
                          TimeCell(run_->start_date), TimeCell(run_->end_date),
                          seconds(metrics.makespan.value_or(0)),
                          seconds(IdealSeconds(tasks, *model)), seconds(metrics.wait.median),
                          seconds(metrics.wait.p95)});
    WriteTable(table, OutputFormat::kTable, std::cout);
    if (run_->state == RunState::kSuccess) return Ok();
    return Internal("the run of " + dag_id_ + " ended as " + std::string(ToString(run_->state)));
  }

  const std::string dag_id_;
  const Config config_;
  std::unique_ptr<Catalog> catalog_;
  SystemClock clock_;
  std::optional<RunRecord> run_;
  std::string shown_;
  Status outcome_;
  bool ended_ = false;
  bool interrupted_ = false;
};

Status RunExample(const std::string& dag_id) {
  const TemporaryFolder home("beeflow-demo");
  if (home.path().empty()) return Unavailable("cannot create a folder for temporary files");
  BEEFLOW_ASSIGN_OR_RETURN(const std::string dags, CopyExample(dag_id, home.path()));
  Variables variables = VariablesFrom(environ);
  std::erase_if(variables, [](const auto& variable) {
    return variable.first.starts_with("BEEFLOW__") || variable.first.starts_with("AIRFLOW__");
  });
  variables["BEEFLOW_HOME"] = home.path();
  BEEFLOW_ASSIGN_OR_RETURN(Config config, Config::Load(variables));
  BEEFLOW_RETURN_IF_ERROR(config.Override("core", "dags_folder", dags, "demo"));
  BEEFLOW_RETURN_IF_ERROR(config.Override("worker", "keep_alive_seconds", "0", "demo"));
  BEEFLOW_ASSIGN_OR_RETURN(auto catalog, OpenCatalog(config));
  fmt::print("Running {} once in {}\n", dag_id, home.path());
  std::fflush(stdout);
  return Demo(dag_id, config, std::move(catalog)).Run();
}

}  // namespace

int RunDemo(const std::vector<std::string>& arguments) {
  spdlog::set_level(spdlog::level::warn);
  const std::string dag_id = arguments.empty() ? "10s_20t" : arguments[0];
  const Status status = RunExample(dag_id);
  if (status.ok()) return 0;
  fmt::print(stderr, "beeflow demo: {}\n", status.error().message);
  return 1;
}

}  // namespace beeflow
