#include "main/engine.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/post.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "main/answer_task.h"
#include "main/database.h"
#include "main/nats_worker.h"
#include "main/processes.h"
#include "os/entropy.h"
#include "os/free_memory.h"

namespace beeflow {
namespace {

constexpr Duration kRetryMin = std::chrono::milliseconds(50);
constexpr Duration kRetryMax = std::chrono::seconds(5);
// Freed memory that is held back at most, and how often it is looked at: after so many transitions,
// or as soon as something was loaded.
constexpr size_t kFreeBytesMax = 8 << 20;
constexpr uint64_t kWorkOfALoad = 1000;

std::string ControlLock(const Config& config) { return config.RunFolder() + "/control.lock"; }

std::string ReadSource(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

ControlOptions ControlOptionsFrom(const Config& config, const EngineOptions& options) {
  ControlOptions out;
  out.dags_are_paused_at_creation = config.Boolean("core", "dags_are_paused_at_creation");
  out.scheduler.parallelism = static_cast<int>(config.Integer("core", "parallelism"));
  out.scheduler.check_slas = config.Boolean("core", "check_slas");
  out.scheduler.use_job_schedule = config.Boolean("scheduler", "use_job_schedule");
  out.scheduler.max_active_tasks_default =
      static_cast<int>(config.Integer("core", "max_active_tasks_per_dag"));
  out.scheduler.seed = RandomSeed();
  out.scheduler.only_runs = options.only_runs;
  return out;
}

}  // namespace

bool Engine::Runs(const Config& config) { return LockFile::IsHeld(ControlLock(config)); }

Engine::Engine(asio::io_context& io, const Config& config, EngineOptions options)
    : io_(io),
      config_(config),
      options_(std::move(options)),
      due_(io),
      next_poll_(io),
      retry_(io) {}

Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::Start(asio::io_context& io, const Config& config,
                                              EngineOptions options) {
  std::unique_ptr<Engine> engine(new Engine(io, config, std::move(options)));
  BEEFLOW_RETURN_IF_ERROR(engine->OpenParts());
  if (engine->options_.watch_dags) BEEFLOW_RETURN_IF_ERROR(engine->WatchDags());
  engine->RequestTurn();
  return engine;
}

Status Engine::OpenParts() {
  std::error_code failed;
  std::filesystem::create_directories(config_.RunFolder(), failed);
  if (failed) {
    return Unavailable("cannot create the folder " + config_.RunFolder() + ": " + failed.message());
  }
  auto lock = LockFile::Acquire(ControlLock(config_));
  if (!lock.ok()) {
    return Conflict("Beeflow runs already on " + config_.home() + ": " + lock.error().message);
  }
  lock_ = std::move(*lock);
  BEEFLOW_RETURN_IF_ERROR(CreateDatabase(config_));
  BEEFLOW_ASSIGN_OR_RETURN(
      store_, EngineStore::Open(io_, config_, {[this] { RequestTurn(); }, options_.lost}));
  BEEFLOW_RETURN_IF_ERROR(MakeExecutors());
  MakeRouter();
  control_ = std::make_unique<Control>(ControlOptionsFrom(config_, options_), &clock_,
                                       &store_->store(), router_.get());
  return Ok();
}

// Who runs what: see MakeRouter.
Status Engine::MakeExecutors() {
  BEEFLOW_RETURN_IF_ERROR(MakeLocal());
  if (!options_.as_configured_system) return Ok();
  const bool is_model = config_.Text("core", "system") == "mwaa";
  if (is_model) BEEFLOW_RETURN_IF_ERROR(MakePool());
  if (config_.Text("nats", "url").empty()) return Ok();
  if (is_model) return Invalid("[core] system = mwaa is a model of one host; unset [nats] url");
  BEEFLOW_ASSIGN_OR_RETURN(NatsExecutorOptions nats, NatsExecutorOptionsFrom(config_));
  BEEFLOW_ASSIGN_OR_RETURN(nats.epoch, store_->Epoch());
  AttemptCallbacks callbacks = TaskCallbacks();
  callbacks.on_report = [this](NumberedReport report) { OnReport(nats_.get(), std::move(report)); };
  BEEFLOW_ASSIGN_OR_RETURN(nats_,
                           NatsExecutor::Open(io_, clock_, std::move(nats), std::move(callbacks)));
  return Ok();
}

// Tasks go to workers elsewhere where there are any, but for the queues that stay here; triggers
// and all that only imports DAG files are for the worker of this host.
void Engine::MakeRouter() {
  Executor* const local = pool_ ? static_cast<Executor*>(pool_.get()) : executor_.get();
  router_ = std::make_unique<Router>(nats_ ? static_cast<Executor*>(nats_.get()) : local);
  if (nats_) {
    router_->SetTriggers(local);
    for (const std::string& queue : LocalQueues(config_)) router_->AddQueue(queue, local);
  }
  router_->SetDagCode(
      executor_.get(),
      [this](const TimetableQuestion& question, const auto& answer) {
        control_->AddNextRun(question, answer);
        RequestTurn();
      },
      [this](NoteSlaTold told) {
        control_->AddSlaTold(std::move(told));
        RequestTurn();
      });
}

AttemptCallbacks Engine::TaskCallbacks() {
  AttemptCallbacks callbacks;
  callbacks.on_request = [this](const std::string& method, const Json& params, auto respond) {
    Answer(method, params, respond);
  };
  callbacks.limits_of = [this](const std::string& queue) {
    const auto [it, is_new] = limits_.try_emplace(queue);
    if (is_new) it->second = LimitsOfQueue(config_, queue);
    return it->second;
  };
  return callbacks;
}

AttemptCounts Engine::CountAttempts() const {
  AttemptCounts counts = executor_->CountAttempts();
  if (!nats_) return counts;
  const AttemptCounts elsewhere = nats_->CountAttempts();
  counts.waiting += elsewhere.waiting;
  counts.running += elsewhere.running;
  return counts;
}

Status Engine::MakeLocal() {
  const ContainerOptions container = ContainerOptionsFrom(config_, config_.RunFolder());
  if (container.engine != "auto" || container.defaults.contains("image")) {
    const auto found = FindContainerEngine(container);
    container_engine_checked_ = !found.ok();
    if (!found.ok()) {
      spdlog::error("section [container] asks for containers, but {}", found.error().message);
    }
  }
  // Said before the first task fails of it.
  for (const std::string& missing : MissingForWorker(config_)) spdlog::error("{}", missing);
  FunctionExecutor::Callbacks callbacks;
  static_cast<AttemptCallbacks&>(callbacks) = TaskCallbacks();
  callbacks.on_report = [this](NumberedReport report) {
    OnReport(executor_.get(), std::move(report));
  };
  callbacks.on_callback_end = [this](const RunKey& run, const std::string& output) {
    if (options_.callback_printed && !output.empty()) options_.callback_printed(run, output);
    RequestTurn();
  };
  BEEFLOW_ASSIGN_OR_RETURN(executor_, FunctionExecutor::Listen(io_, clock_, ChannelOptions(config_),
                                                               std::move(callbacks)));
  return Ok();
}

Status Engine::MakePool() {
  const double scale = config_.Number("pool_executor", "time_scale");
  const auto span = [&](const char* key) {
    return Seconds(scale * config_.Number("pool_executor", key));
  };
  const auto count = [&](const char* key) {
    return static_cast<int>(config_.Integer("pool_executor", key));
  };
  FleetOptions fleet;
  fleet.min_workers = count("min_workers");
  fleet.max_workers = count("max_workers");
  fleet.tasks_per_worker = count("tasks_per_worker");
  fleet.provision_min = span("provision_seconds_min");
  fleet.provision_max = span("provision_seconds_max");
  fleet.cooldown = span("cooldown_seconds");
  fleet.task_start = span("task_start_seconds");
  fleet.seed = RandomSeed();
  if (fleet.max_workers < fleet.min_workers) {
    return Invalid("[pool_executor] max_workers is less than min_workers; raise it");
  }
  if (fleet.provision_max < fleet.provision_min) {
    return Invalid("[pool_executor] provision_seconds_max is less than provision_seconds_min");
  }
  poll_interval_ = span("poll_seconds");
  pool_ = std::make_unique<PoolExecutor>(io_, steady_clock_, *executor_, fleet);
  return Ok();
}

void Engine::Answer(const std::string& method, const Json& params,
                    const std::function<void(const Result<Json>&)>& respond) {
  if (!requests_) {
    auto opened = OpenRequests(config_);
    if (!opened.ok()) return respond(opened.error());
    requests_ = std::move(*opened);
  }
  AnswerTask({requests_.get(), clock_.Now(), config_.Integer("core", "max_xcom_bytes")},
             executor_.get(), method, params, respond);
}

void Engine::DescribeWorker(std::function<void(const Json& described)> done) {
  if (!nats_) return executor_->Describe(std::move(done));
  executor_->Describe([this, done = std::move(done)](const Json& here) {
    nats_->Describe(
        [here, done](const Json& elsewhere) { done(DescribeTogether(here, elsewhere)); });
  });
}

void Engine::Ask(const std::string& file, const std::string& version, Json request, Duration limit,
                 std::function<void(const Result<Json>& answer)> done) {
  executor_->Ask(file, version, std::move(request), std::move(done), limit);
}

void Engine::AskManualInterval(const ManualIntervalQuestion& question, DagCode::IntervalDone done) {
  executor_->AskManualInterval(question, std::move(done));
}

Status Engine::WatchDags() {
  FileWatcher::Callbacks callbacks;
  callbacks.changed = [this](const std::vector<FileChange>& changes) { OnFilesChanged(changes); };
  callbacks.warning = [](const std::string& text) { spdlog::warn("{}", text); };
  watcher_ = std::make_unique<FileWatcher>(io_, config_.Text("core", "dags_folder"),
                                           IgnoreSyntax::kRegexp, std::move(callbacks));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<std::string> files, watcher_->Start());
  BEEFLOW_RETURN_IF_ERROR(RemoveVanishedFiles(files));
  for (const std::string& path : files) Import(path);
  return Ok();
}

// Files that went away while no engine ran.
Status Engine::RemoveVanishedFiles(const std::vector<std::string>& present) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto catalog, OpenCatalog(config_));
  std::set<std::string> known;
  BEEFLOW_ASSIGN_OR_RETURN(const auto dags, catalog->Dags(true));
  for (const DagInfo& dag : dags) known.insert(dag.record.file);
  BEEFLOW_ASSIGN_OR_RETURN(const auto errors, catalog->ImportErrors());
  for (const ImportErrorInfo& error : errors) known.insert(error.file);
  for (const std::string& file : known) {
    if (!std::binary_search(present.begin(), present.end(), file)) control_->AddRemovedFile(file);
  }
  return Ok();
}

void Engine::ImportFiles(const std::vector<std::string>& paths) {
  std::vector<FileChange> changes;
  for (const std::string& path : paths) {
    std::error_code failed;
    changes.push_back({path, !std::filesystem::exists(path, failed)});
  }
  OnFilesChanged(changes);
}

void Engine::OnFilesChanged(const std::vector<FileChange>& changes) {
  for (const FileChange& change : changes) {
    if (!change.removed) {
      Import(change.path);
      continue;
    }
    ++import_versions_[change.path];  // an import that is still under way is of no interest
    control_->AddRemovedFile(change.path);
    RequestTurn();
  }
}

void Engine::Import(const std::string& path) {
  const uint64_t version = ++import_versions_[path];
  ++imports_open_;
  executor_->Parse(
      path, Seconds(config_.Number("core", "dagbag_import_timeout")),
      [this, path, version](const Json& result) { OnImported(path, version, result); });
}

void Engine::OnImported(const std::string& path, uint64_t version, const Json& result) {
  --imports_open_;
  ++imports_done_;
  if (import_versions_[path] != version) return;  // it has changed again, and is imported again
  ParsedFile file = ParsedFileFromJson(path, result);
  if (file.code.empty()) file.code = ReadSource(path);
  if (file.error) {
    spdlog::warn("{}: the import failed: {}", path, file.error->message);
  } else {
    spdlog::info("imported {} in {:.3f} s: {} DAGs", path, file.seconds, file.dags.size());
  }
  for (const ParsedDag& parsed : file.dags) CheckContainerEngine(*parsed.dag);
  for (const std::string& warning : file.warnings) spdlog::debug("{}: {}", path, warning);
  control_->AddFile(std::move(file));
  RequestTurn();
}

// Says once that containers cannot run, before the first task fails of it.
void Engine::CheckContainerEngine(const Dag& dag) {
  if (container_engine_checked_) return;
  const std::string& queue = config_.Text("container", "queue");
  for (const Task& task : dag.tasks) {
    const Result<Json> run = ParseJson(task.run);
    const std::string kind = run.ok() ? run->value("kind", "") : "";
    const bool has_image = kind == "container" || kind == "container_template";
    const bool is_queued = task.queue == queue && task.run_kind != RunKind::kEmpty;
    if (!has_image && !is_queued) continue;
    container_engine_checked_ = true;
    const auto found = FindContainerEngine(ContainerOptionsFrom(config_, config_.RunFolder()));
    if (!found.ok()) {
      spdlog::error("task {}.{} is to run in a container, but {}", dag.id, task.id,
                    found.error().message);
    }
    return;
  }
}

void Engine::OnReport(Executor* executor, NumberedReport report) {
  if (pool_) pool_->OnReport(report.report);
  control_->AddReport(executor, std::move(report));
  RequestTurn();
}

// A scheduler that polls sees what has happened at its next look, at full intervals. Nothing is
// looked at where nothing has happened, which nobody can tell from outside.
void Engine::RequestTurn() {
  if (poll_interval_ == Duration(0)) return PostTurn();
  if (next_poll_.armed()) return;
  const Duration since_last = clock_.Now().time_since_epoch() % poll_interval_;
  next_poll_.Arm(poll_interval_ - since_last, [this] { PostTurn(); });
}

// All events that are ready now share the turn: it is run after their handlers.
void Engine::PostTurn() {
  if (turn_posted_ || retry_.armed()) return;
  turn_posted_ = true;
  asio::post(io_, [this] { RunTurn(); });
}

void Engine::RunTurn() {
  turn_posted_ = false;
  const auto more = control_->Turn();
  if (!more.ok()) {
    retry_delay_ = std::clamp(retry_delay_ * 2, kRetryMin, kRetryMax);
    spdlog::error("{}; trying again in {} ms", more.error().message,
                  std::chrono::duration_cast<std::chrono::milliseconds>(retry_delay_).count());
    retry_.Arm(retry_delay_, [this] { RequestTurn(); });
    return;
  }
  retry_delay_ = Duration(0);
  if (*more) PostTurn();
  ArmTimer();
  if (!*more) ReturnMemory();
  if (options_.committed) options_.committed();
}

// A large DAG file, a burst of tasks or a cold start takes memory for a moment only.
void Engine::ReturnMemory() {
  const TurnStats& stats = control_->stats();
  const uint64_t work = stats.transitions + (stats.reloads + imports_done_) * kWorkOfALoad;
  if (work - work_at_last_return_ < kWorkOfALoad || imports_open_ > 0) return;
  work_at_last_return_ = work;
  store_->store().DropCache();
  ReturnFreeMemory(kFreeBytesMax);
}

void Engine::ArmTimer() {
  if (const auto due = control_->NextDue()) {
    due_.Arm(*due, [this] { RequestTurn(); });
  } else {
    due_.Disarm();
  }
}

}  // namespace beeflow
