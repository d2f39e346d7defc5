// The engine: the control loop with real parts around it, on one thread and one io_context. It
// turns events (reports, files, edits by others, the time) into turns of Control, and is blocked in
// epoll while there are none.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "control/control.h"
#include "executor/function_executor.h"
#include "executor/pool_executor.h"
#include "main/engine_store.h"
#include "nats/nats_executor.h"
#include "os/delay_timer.h"
#include "os/file_watcher.h"
#include "os/lock_file.h"
#include "os/system_clock.h"
#include "os/wall_timer.h"
#include "ports/dag_code.h"
#include "ports/request_store.h"

namespace beeflow {

struct EngineOptions {
  bool watch_dags = true;         // watch [core] dags_folder, and import what is in it
  std::vector<RunKey> only_runs;  // see SchedulerOptions
  // Work as the system does that [core] system names; otherwise as Beeflow itself.
  bool as_configured_system = false;
  // Called after every turn that committed, on the engine's thread.
  std::function<void()> committed;
  // Another control process may work by now: the engine is to end. May be empty where the database
  // is a file.
  std::function<void(const Error&)> lost;
  // What a callback of a DAG printed, on the engine's thread; may be empty.
  std::function<void(const RunKey& run, const std::string& output)> callback_printed;
};

class Engine {
 public:
  // kConflict where another engine works on this BEEFLOW_HOME.
  static Result<std::unique_ptr<Engine>> Start(asio::io_context& io, const Config& config,
                                               EngineOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Where the DAG folder is not watched: imports these files, and takes away what those defined
  // that are gone.
  void ImportFiles(const std::vector<std::string>& paths);
  // True once every file that was in the DAG folder at the start, or was to be imported, is, and
  // that is committed.
  bool imports_done() const { return imports_open_ == 0 && !turn_posted_; }
  // True while a task or a trigger runs, or its end is not committed.
  bool has_attempts() const {
    return executor_->has_attempts() || (nats_ && nats_->has_attempts());
  }
  // True while a callback of a DAG runs; a turn follows its end.
  bool has_callbacks() const { return executor_->has_callbacks(); }
  // On the engine's thread; `done` is not called once the engine has ended.
  void AskManualInterval(const ManualIntervalQuestion& question, DagCode::IntervalDone done);
  AttemptCounts CountAttempts() const;
  // See FunctionExecutor::Ask; the same.
  void Ask(const std::string& file, const std::string& version, Json request, Duration limit,
           std::function<void(const Result<Json>& answer)> done);
  // Imports a file anew, as if it had changed.
  void Reimport(const std::string& path) { Import(path); }
  // See FunctionExecutor::Describe; the same.
  void DescribeWorker(std::function<void(const Json& described)> done);
  // Null where tasks run on this host only.
  NatsExecutor* nats() const { return nats_.get(); }
  const Control& control() const { return *control_; }

  // Whether an engine works on this BEEFLOW_HOME, or on the same PostgreSQL database.
  static Result<bool> Runs(const Config& config);

 private:
  Engine(asio::io_context& io, const Config& config, EngineOptions options);

  Status OpenParts();
  Status MakeExecutors();
  AttemptCallbacks TaskCallbacks();
  Status MakeLocal();
  Status MakePool();
  void MakeRouter();
  Status WatchDags();
  Status RemoveVanishedFiles(const std::vector<std::string>& present);
  void Import(const std::string& path);
  void OnFilesChanged(const std::vector<FileChange>& changes);
  void OnImported(const std::string& path, uint64_t version, const Json& result);
  void CheckContainerEngine(const Dag& dag);
  void OnReport(Executor* executor, NumberedReport report);
  void Answer(const std::string& method, const Json& params,
              const std::function<void(const Result<Json>&)>& respond);
  void RequestTurn();
  void PostTurn();
  void RunTurn();
  void ArmTimer();
  void ReturnMemory();

  asio::io_context& io_;
  const Config config_;
  const EngineOptions options_;
  std::optional<LockFile> lock_;
  SystemClock clock_;
  SteadyClock steady_clock_;
  std::unique_ptr<EngineStore> store_;
  std::unique_ptr<RequestStore> requests_;       // opened by the first request of a task
  std::map<std::string, AttemptLimits> limits_;  // of the queues that were asked for
  std::unique_ptr<FunctionExecutor> executor_;   // on this host
  std::unique_ptr<NatsExecutor> nats_;           // on others; may be null
  std::unique_ptr<PoolExecutor> pool_;  // in front of it, where managed Airflow is modelled
  std::unique_ptr<Router> router_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<FileWatcher> watcher_;
  WallTimer due_;
  DelayTimer next_poll_;  // of a scheduler that looks only now and then
  Duration poll_interval_{};
  DelayTimer retry_;
  Duration retry_delay_{};
  std::map<std::string, uint64_t> import_versions_;  // latest import asked for, by file
  size_t imports_open_ = 0;
  uint64_t imports_done_ = 0;
  bool turn_posted_ = false;
  bool container_engine_checked_ = false;
  uint64_t work_at_last_return_ = 0;  // see ReturnMemory
};

}  // namespace beeflow
