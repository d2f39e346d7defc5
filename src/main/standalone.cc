#include "main/standalone.h"

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <asio/buffer.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <future>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "api/api.h"
#include "crypt/argon2_credentials.h"
#include "http/http_server.h"
#include "main/access.h"
#include "main/command_worker.h"
#include "main/database.h"
#include "main/end_worker.h"
#include "main/engine.h"
#include "main/processes.h"
#include "main/providers.h"
#include "os/file_wait.h"
#include "os/system_clock.h"

namespace beeflow {
namespace {

constexpr Duration kTimetableLimit = std::chrono::seconds(30);
constexpr Duration kWorkerAnswerLimit = std::chrono::seconds(2);
// Of what the code of a task says of itself.
constexpr Duration kTaskAnswerLimit = std::chrono::seconds(20);

// Runs a piece of work on the loop's thread and waits for it on that of the caller.
Status RunOnLoop(asio::io_context& io, const std::function<Status()>& work) {
  const auto done = std::make_shared<std::promise<Status>>();
  auto result = done->get_future();
  asio::post(io, [&work, done] { done->set_value(work()); });
  return result.get();
}

EngineFigures TakeFigures(const Engine& engine, const Config& config) {
  const TurnStats& stats = engine.control().stats();
  EngineFigures figures;
  figures.turns = stats.turns;
  figures.commits = stats.commits;
  figures.transitions = stats.transitions;
  figures.rejected = stats.rejected;
  figures.reloads = stats.reloads;
  figures.parallelism = config.Integer("core", "parallelism");
  const auto attempts = engine.CountAttempts();
  figures.attempts_waiting = attempts.waiting;
  figures.attempts_running = attempts.running;
  if (const NatsExecutor* nats = engine.nats()) {
    figures.nats_connected = nats->is_connected();
    figures.nats_repairs = nats->repairs();
    for (const auto& [name, queue] : nats->Queues()) {
      figures.queues[name] = {queue.waiting, queue.running, ToSeconds(queue.oldest_wait),
                              queue.workers, queue.slots};
    }
  }
  for (const auto& [dag_id, ends] : stats.task_ends) {
    for (const auto& [state, count] : ends) {
      figures.task_ends[dag_id][std::string(ToString(state))] = count;
    }
  }
  return figures;
}

// Asks on the engine's thread and waits for the answer on that of the caller.
Result<DataInterval> AskEngine(asio::io_context& io, Engine* engine,
                               const ManualIntervalQuestion& question) {
  using Answer = std::promise<Result<DataInterval>>;
  const auto answer = std::make_shared<Answer>();
  auto answered = answer->get_future();
  asio::post(io, [engine, question, answer] {
    engine->AskManualInterval(
        question, [answer](const Result<DataInterval>& interval) { answer->set_value(interval); });
  });
  if (answered.wait_for(kTimetableLimit) != std::future_status::ready) {
    return Unavailable("the timetable of DAG '" + question.dag_id + "' has not answered in time");
  }
  return answered.get();
}

// The worker ends what takes too long; it may itself have no answer for as long.
Result<Json> AskTask(asio::io_context& io, Engine* engine, const Config& config,
                     const TaskTest& test, const std::string& op) {
  BEEFLOW_ASSIGN_OR_RETURN(TaskQuestion asked, QuestionAbout(config, test, op));
  const auto answer = std::make_shared<std::promise<Result<Json>>>();
  auto answered = answer->get_future();
  asio::post(io, [engine, answer, asked = std::move(asked)] {
    engine->Ask(asked.file, asked.version, asked.request, kTaskAnswerLimit,
                [answer](const Result<Json>& given) { answer->set_value(given); });
  });
  if (answered.wait_for(2 * kTaskAnswerLimit) != std::future_status::ready) {
    return Unavailable("the worker does not answer");
  }
  return answered.get();
}

void SetTaskQuestions(asio::io_context& io, Engine* engine, const Config& config,
                      ApiOptions* options) {
  options->render_task = [&io, engine, config](const RunRecord& run, const std::string& task_id,
                                               int map_index) -> Result<RenderedFields> {
    const TaskTest test{run.key.dag_id, task_id, map_index, run};
    BEEFLOW_ASSIGN_OR_RETURN(const Json answer,
                             AskTask(io, engine, config, test, "rendered_fields"));
    return RenderedFieldsFrom(answer);
  };
  options->find_links = [&io, engine, config](const RunRecord& run, const std::string& task_id,
                                              int map_index) -> Result<ExtraLinks> {
    const TaskTest test{run.key.dag_id, task_id, map_index, run};
    BEEFLOW_ASSIGN_OR_RETURN(const Json answer, AskTask(io, engine, config, test, "extra_links"));
    ExtraLinks links;
    for (const Json& link : answer.value("links", Json::array())) {
      const Json& url = link.at(1);
      links.emplace_back(link.at(0).get<std::string>(),
                         url.is_string() ? std::optional(url.get<std::string>()) : std::nullopt);
    }
    return links;
  };
}

Json AskWorker(asio::io_context& io, Engine* engine) {
  const auto answer = std::make_shared<std::promise<Json>>();
  auto answered = answer->get_future();
  asio::post(io, [engine, answer] {
    engine->DescribeWorker([answer](const Json& described) { answer->set_value(described); });
  });
  // A worker that hangs is as good as none.
  if (answered.wait_for(kWorkerAnswerLimit) != std::future_status::ready) return nullptr;
  return answered.get();
}

QueueLimits LimitsToShow(const Config& config, const std::string& queue) {
  const AttemptLimits limits = LimitsOfQueue(config, queue);
  QueueLimits shown;
  shown.queue = queue.empty() ? "*" : queue;
  shown.max_concurrency = static_cast<int64_t>(config.NumberForQueue(queue, "max_concurrency"));
  shown.memory_mb = limits.memory_mb;
  shown.cpu_share = limits.CpuShare();
  if (limits.timeout) shown.timeout_seconds = ToSeconds(*limits.timeout);
  shown.keep_alive_seconds = config.NumberForQueue(queue, "keep_alive_seconds");
  shown.sandbox = config.ForQueue(queue, "sandbox").value;
  return shown;
}

// Of [worker], and of each [worker:QUEUE].
std::vector<QueueLimits> QueueLimitsOf(const Config& config) {
  constexpr std::string_view kPrefix = "worker:";
  std::set<std::string> queues = {""};
  for (const EffectiveSetting& setting : config.settings()) {
    if (setting.section.starts_with(kPrefix)) queues.insert(setting.section.substr(kPrefix.size()));
  }
  std::vector<QueueLimits> all;
  for (const std::string& queue : queues) all.push_back(LimitsToShow(config, queue));
  return all;
}

std::unique_ptr<HttpServer> MakeServer(asio::io_context& io, Engine* engine, const Config& config,
                                       EventHub* events, Clock* clock, Credentials* credentials,
                                       SignIn* sign_in) {
  ApiOptions options;
  options.open_catalog = [config] { return OpenCatalog(config); };
  options.open_history = [config] { return OpenHistory(config); };
  options.open_secrets = [config] { return OpenSecrets(config); };
  options.open_overview = [config] { return OpenOverview(config); };
  options.engine_figures = [&io, engine, config] {
    EngineFigures figures;
    const Status taken = RunOnLoop(io, [&]() -> Status {
      figures = TakeFigures(*engine, config);
      return Ok();
    });
    BEEFLOW_CHECK(taken.ok());
    return figures;
  };
  options.limits = QueueLimitsOf(config);
  options.open_inventory = [config] { return OpenInventory(config); };
  options.open_users = [config] { return OpenUsers(config); };
  options.clock = clock;
  options.authenticator = sign_in;
  options.sign_in = sign_in;
  options.credentials = credentials;
  options.events = events;
  options.on_loop = [&io](const std::function<Status()>& work) { return RunOnLoop(io, work); };
  options.ask_manual_interval = [&io, engine](const ManualIntervalQuestion& question) {
    return AskEngine(io, engine, question);
  };
  options.test_connection = [config](const StoredConnection& connection) {
    return TryConnection(config, connection);
  };
  options.describe_worker = [&io, engine] { return AskWorker(io, engine); };
  SetTaskQuestions(io, engine, config, &options);
  options.reimport = [&io, engine](const std::string& file) {
    asio::post(io, [engine, file] { engine->Reimport(file); });
  };
  options.list_providers = [config] { return ListProviders(config); };
  options.config = config;
  options.watch_file = [](const std::string& path) -> std::unique_ptr<FileWait> {
    return std::make_unique<InotifyFileWait>(path);
  };
  options.log_folder = config.Text("logging", "base_log_folder");
  options.version = BEEFLOW_VERSION;
  options.instance_name = config.Text("webserver", "instance_name");
  HttpRouter router;
  AddApiRoutes(options, &router);
  return std::make_unique<HttpServer>(std::move(router));
}

HttpServerOptions ListenOptions(const Config& config) {
  HttpServerOptions listen;
  listen.host = config.Text("webserver", "web_server_host");
  listen.port = static_cast<int>(config.Integer("webserver", "web_server_port"));
  listen.certificate_file = config.Text("webserver", "web_server_ssl_cert");
  listen.key_file = config.Text("webserver", "web_server_ssl_key");
  listen.is_behind_proxy = config.Boolean("webserver", "enable_proxy_fix");
  return listen;
}

// Requests that are being handled may wait for the loop, which so runs on meanwhile.
void StopServer(asio::io_context& io, EventHub* events, HttpServer* server) {
  events->Close();
  io.restart();
  const auto work = asio::make_work_guard(io);
  std::thread stopper([&] {
    server->Stop();
    io.stop();
  });
  io.run();
  stopper.join();
}

void TellWhereThingsAre(const Config& config, int port) {
  fmt::print("Beeflow {} serves {}\n", BEEFLOW_VERSION, config.Text("core", "dags_folder"));
  const std::string& host = config.Text("webserver", "web_server_host");
  const bool is_encrypted = !config.Text("webserver", "web_server_ssl_cert").empty();
  const std::string server = fmt::format("{}://{}:{}", is_encrypted ? "https" : "http", host, port);
  fmt::print("  UI and API  {}/ and {}/api/v1\n", server, server);
  if (config.Text("core", "system") == "mwaa") {
    fmt::print("  system      a model of managed Airflow: {} to {} workers with {} tasks each\n",
               config.Integer("pool_executor", "min_workers"),
               config.Integer("pool_executor", "max_workers"),
               config.Integer("pool_executor", "tasks_per_worker"));
  }
  fmt::print("  logs        {}\n", config.Text("logging", "base_log_folder"));
  fmt::print("  database    {}\n", DatabaseName(config));
  fmt::print(
      "DAGs start paused; in another terminal: beeflow dags list, beeflow dags unpause DAG, "
      "beeflow dags trigger DAG\nCtrl-C ends it.\n");
  std::fflush(stdout);
}

// Stops `io` when nothing more can be read; what is read has no meaning.
void AwaitEof(asio::io_context& io, asio::posix::stream_descriptor* input) {
  static std::array<char, 64> ignored;
  std::error_code failed;
  if (!input->is_open()) input->assign(dup(STDIN_FILENO), failed);
  if (failed) return io.stop();
  input->async_read_some(asio::buffer(ignored), [&io, input](const std::error_code& error, size_t) {
    if (error == asio::error::operation_aborted) return;
    if (error) return io.stop();
    AwaitEof(io, input);
  });
}

// What a control process is until it is told to end, or another may have taken over.
enum class ServingEnd { kStopped, kLost };

Result<ServingEnd> Serve(const Config& config, Clock* clock, Credentials* credentials,
                         bool until_eof) {
  asio::io_context io;
  ServingEnd outcome = ServingEnd::kStopped;
  bool is_told_to_stop = false;
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const std::error_code& failed, int) {
    if (failed) return;
    is_told_to_stop = true;
    io.stop();
  });
  asio::posix::stream_descriptor input(io);
  if (until_eof) AwaitEof(io, &input);
  EventHub events([config] { return OpenChangeHistory(config); });
  EngineOptions options;
  options.as_configured_system = true;
  options.committed = [&events] { events.Notify(); };
  options.lost = [&](const Error& error) {
    spdlog::error("{}; this process works no more, until it is its turn again", error.message);
    outcome = ServingEnd::kLost;
    io.stop();
  };
  auto engine = Engine::Start(io, config, std::move(options));
  if (!engine.ok() && is_told_to_stop) return ServingEnd::kStopped;
  if (!engine.ok()) return engine.error();
  SignIn sign_in(AccessOptions(config, credentials, clock,
                               [&io](const auto& work) { return RunOnLoop(io, work); }));
  const auto server = MakeServer(io, engine->get(), config, &events, clock, credentials, &sign_in);
  BEEFLOW_ASSIGN_OR_RETURN(const int port, server->Start(ListenOptions(config)));
  TellWhereThingsAre(config, port);
  io.run();
  StopServer(io, &events, server.get());
  if (until_eof && outcome == ServingEnd::kStopped) {
    engine->reset();  // it would start another worker
    BEEFLOW_RETURN_IF_ERROR(EndWorker(ChannelOptions(config).lock_path));
  } else if (outcome == ServingEnd::kStopped) {
    spdlog::info("stopped; running tasks go on, and are taken over at the next start");
  }
  return outcome;
}

}  // namespace

int RunStandalone(const Config& config, bool until_eof) {
  SetLogLevel(config);
  ExportAirflowVariables(config);
  SystemClock clock;
  Argon2Credentials credentials;
  // Before the engine starts a worker, which inherits the environment.
  Status status = MakeFirstAdmin(config, &credentials, &clock, !until_eof);
  while (status.ok()) {
    const auto outcome = Serve(config, &clock, &credentials, until_eof);
    if (outcome.ok() && *outcome == ServingEnd::kStopped) return 0;
    if (outcome.ok()) continue;
    // A server that restarts is waited for; what else is not there, is not.
    if (UsesPostgres(config) && outcome.error().code == ErrorCode::kUnavailable) {
      spdlog::error("{}", outcome.error().message);
    } else {
      status = outcome.error();
    }
  }
  fmt::print(stderr, "beeflow standalone: {}\n", status.error().message);
  return 1;
}

}  // namespace beeflow
