#include "worker/worker.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "os/delay_timer.h"
#include "os/free_memory.h"
#include "os/lock_file.h"
#include "os/process.h"
#include "os/system_clock.h"
#include "worker/attempt_log.h"
#include "worker/attempt_runner.h"
#include "worker/attempt_usage.h"
#include "worker/control_link.h"
#include "worker/environment_pool.h"
#include "worker/guard.h"
#include "worker/host_name.h"
#include "worker/parse_queue.h"
#include "worker/socket_link.h"
#include "worker/trigger_process.h"
#include "worker/worker_description.h"

extern char** environ;

namespace beeflow {
namespace {

// Until control is told that an attempt runs: nothing depends on hearing it at once, people do not
// see the difference, and of one that ends sooner only the end is reported.
constexpr Duration kTellRunning = std::chrono::milliseconds(50);
// Starting attempts goes before telling that others run, which is put off so often at most.
constexpr int kTellRunningLaterMax = 10;

// How long a worker that was told to stop waits for control to take its reports.
constexpr Duration kFarewell = std::chrono::seconds(5);

// Who asks, in requests of code that is only imported: not an attempt.
const std::string kParsePrefix = "parse:";
const std::string kAskPrefix = "ask:";

int64_t Microseconds(Time t) { return t.time_since_epoch().count(); }

std::vector<std::string> InheritedEnvironment() {
  std::vector<std::string> result;
  for (char** entry = environ; *entry; ++entry) result.emplace_back(*entry);
  return result;
}

class Worker {
 public:
  Worker(asio::io_context& io, Clock& clock, const WorkerOptions& options, uint64_t open_files);

  Status Run(const MakeControlLink& make_link);

 private:
  // What control asks of a DAG file, until the answer is there.
  struct OpenAsk {
    EnvironmentPool::JobId job = 0;
    std::unique_ptr<DelayTimer> limit{};
  };

  // A request of a task that control has not answered.
  struct TaskRequest {
    std::string attempt_id;
    Json id;  // the environment's
    Json message;
  };

  ControlLink::Callbacks LinkCallbacks();
  AttemptRunner::Callbacks RunnerCallbacks();
  TriggerProcess::Callbacks TriggerCallbacks();
  ParseQueue::Callbacks ParseCallbacks();
  void AwaitSignal();
  void OnSignal(int signal);
  void OnMessage(Json message);
  void OnStart(Json attempt);
  void OnStartTrigger(const Json& attempt);
  void OnCancel(const Json& message);
  void OnParse(const Json& message);
  void OnAsk(const Json& message);
  void LimitAsk(uint64_t id, Duration limit);
  void OnAnswer(uint64_t id, Json answer);
  void OnResponse(const Json& message);
  void OnExit();
  void OnConnected();
  void OnRunning(const AttemptSpec& spec, Time start, pid_t pid);
  void TellRunningSoon();
  void TellRunning();
  void OnEnd(const AttemptSpec& spec, Time start, const AttemptEnd& end);
  void OnTaskRequest(const std::string& attempt_id, const Json& request);
  void OnParsed(uint64_t id, Json result);
  void ForgetRequests(const std::string& who);

  void OnTriggerEnd(const std::string& attempt_id, const Json& frame);
  void OnTriggerLog(const std::string& log, const Json& frame);

  bool HasWork() const {
    return runner_.size() > 0 || !parses_.empty() || !triggers_.empty() || !asks_.empty() ||
           link_->has_reports();
  }
  void OnDescribe();
  void OnActivity();
  void OnIdle();
  void EndIfStopped();
  void EndAdoptedSoon();

  asio::io_context& io_;
  Clock& clock_;
  const WorkerOptions& options_;
  const std::string host_;
  const Time started_;
  asio::signal_set signals_;
  ControlGroups groups_;
  EnvironmentPool pool_;
  TempFolders temp_folders_;
  AccountingGroups container_groups_;
  AttemptContext context_;
  AttemptRunner runner_;
  TriggerProcess triggers_;
  ParseQueue parses_;
  std::unique_ptr<ControlLink> link_;
  std::map<std::string, Json> untold_;  // reports that attempts run, by attempt id
  DelayTimer tell_running_;
  int told_later_ = 0;  // times that they were put off
  std::map<uint64_t, OpenAsk> asks_;
  uint64_t last_request_ = 0;
  std::map<uint64_t, TaskRequest> requests_;
  bool draining_ = false;  // what runs may run to its end
  bool stopping_ = false;
  bool ends_adopted_ = false;  // it is posted
  bool has_idled_ = false;     // for the keep-alive time
  DelayTimer keep_alive_;
  DelayTimer farewell_;
};

Worker::Worker(asio::io_context& io, Clock& clock, const WorkerOptions& options,
               uint64_t open_files)
    : io_(io),
      clock_(clock),
      options_(options),
      host_(HostName()),
      started_(clock.Now()),
      signals_(io, SIGTERM, SIGINT, SIGCHLD),
      pool_(io, options, groups_, open_files, [this] { OnIdle(); }),
      temp_folders_(io, options.temp_folder),
      context_{io,
               clock,
               options,
               pool_,
               temp_folders_,
               groups_,
               container_groups_,
               FindOnPath("bash", "/bin/bash"),
               InheritedEnvironment(),
               open_files,
               fmt::format("{}:{}", host_, getpid()),
               [this](const std::string& attempt_id) { link_->OnLogWritten(attempt_id); },
               {},
               OutOfMemoryKills()},
      runner_(context_, RunnerCallbacks()),
      triggers_(io, pool_, TriggerCallbacks()),
      parses_(io, pool_, options.max_parses, ParseCallbacks()),
      tell_running_(io),
      keep_alive_(io),
      farewell_(io) {}

ControlLink::Callbacks Worker::LinkCallbacks() {
  ControlLink::Callbacks callbacks;
  callbacks.on_message = [this](Json message) { OnMessage(std::move(message)); };
  callbacks.limits = groups_.description();
  callbacks.running_attempts = [this] {
    std::vector<std::string> ids = runner_.Ids();
    for (std::string& id : triggers_.Ids()) ids.push_back(std::move(id));
    return ids;
  };
  callbacks.on_connected = [this] { OnConnected(); };
  callbacks.on_disconnected = [this] {
    // Control asks again for what it still wants to be parsed.
    parses_.Clear();
    for (const auto& [id, ask] : std::exchange(asks_, {})) pool_.Drop(ask.job);
    OnActivity();
  };
  callbacks.on_acknowledged = [this] {
    OnActivity();
    EndIfStopped();
  };
  callbacks.is_needed = [this] { return HasWork(); };
  callbacks.on_abandoned = [this] {
    spdlog::warn("worker: its folder was removed; ending all that runs");
    KillDescendants();
    RemoveLeftContainers(options_.container);
    _exit(1);
  };
  return callbacks;
}

AttemptRunner::Callbacks Worker::RunnerCallbacks() {
  AttemptRunner::Callbacks callbacks;
  callbacks.on_running = [this](const AttemptSpec& spec, Time start, pid_t pid) {
    OnRunning(spec, start, pid);
  };
  callbacks.on_end = [this](const AttemptSpec& spec, Time start, const AttemptEnd& end) {
    OnEnd(spec, start, end);
  };
  callbacks.on_request = [this](const std::string& attempt_id, const Json& request) {
    OnTaskRequest(attempt_id, request);
  };
  return callbacks;
}

TriggerProcess::Callbacks Worker::TriggerCallbacks() {
  TriggerProcess::Callbacks callbacks;
  callbacks.on_end = [this](const std::string& id, const Json& frame) { OnTriggerEnd(id, frame); };
  callbacks.on_request = [this](const std::string& id, const Json& request) {
    OnTaskRequest(id, request);
  };
  callbacks.on_log = [this](const std::string& log, const Json& frame) {
    OnTriggerLog(log, frame);
  };
  return callbacks;
}

ParseQueue::Callbacks Worker::ParseCallbacks() {
  ParseQueue::Callbacks callbacks;
  callbacks.on_parsed = [this](uint64_t id, Json result) { OnParsed(id, std::move(result)); };
  callbacks.on_request = [this](uint64_t id, const Json& request) {
    OnTaskRequest(kParsePrefix + std::to_string(id), request);
  };
  callbacks.on_put_off = [this](uint64_t id) { ForgetRequests(kParsePrefix + std::to_string(id)); };
  return callbacks;
}

Status Worker::Run(const MakeControlLink& make_link) {
  BEEFLOW_ASSIGN_OR_RETURN(link_, make_link(io_, LinkCallbacks()));
  BEEFLOW_RETURN_IF_ERROR(temp_folders_.Prepare());
  std::error_code error;
  signals_.add(kGuardDiedSignal, error);
  if (error) return Internal("cannot watch the guard: " + error.message());
  AwaitSignal();
  OnActivity();
  link_->Connect();
  io_.run();
  return Ok();
}

void Worker::AwaitSignal() {
  signals_.async_wait([this](std::error_code error, int signal) {
    if (!error) OnSignal(signal);
  });
}

void Worker::OnSignal(int signal) {
  AwaitSignal();
  if (signal == SIGCHLD) return EndAdoptedSoon();
  if (signal == kGuardDiedSignal) {
    // Without the guard nobody would end our processes after us.
    KillDescendants();
    RemoveLeftContainers(options_.container);
    _exit(1);
  }
  if (!stopping_ && !std::exchange(draining_, true) && link_->Drain()) {
    spdlog::info("worker: told to stop; {} attempts run to their end", runner_.size());
    return EndIfStopped();
  }
  if (std::exchange(stopping_, true)) return runner_.KillAll();
  runner_.StopAll("the worker was told to stop");
  farewell_.Arm(options_.stop_grace + kFarewell, [this] { io_.stop(); });
  EndIfStopped();
}

void Worker::EndIfStopped() {
  if ((stopping_ || draining_) && runner_.size() == 0 && link_->may_end()) io_.stop();
}

void Worker::OnMessage(Json message) {
  const std::string& op = message["op"].get_ref<const std::string&>();
  if (op == "start") return OnStart(std::move(message["attempt"]));
  if (op == "cancel") return OnCancel(message);
  if (op == "parse") return OnParse(message);
  if (op == "ask") return OnAsk(message);
  if (op == "response") return OnResponse(message);
  if (op == "exit") return OnExit();
  if (op == "ping") return link_->Send({{"op", "pong"}});
  if (op == "describe") return OnDescribe();
  spdlog::warn("worker: control sent an unknown message '{}'", op);
}

void Worker::OnDescribe() {
  Json described = DescribeWorker(context_.name, started_, pool_, runner_);
  described["op"] = "described";
  link_->Send(described);
}

void Worker::OnStart(Json attempt) {
  if (attempt.is_object() && attempt.contains("trigger")) return OnStartTrigger(attempt);
  Result<AttemptSpec> spec = ReadAttemptSpec(attempt);
  if (!spec.ok()) {
    const Json id = attempt.is_object() ? attempt.value("attempt_id", Json()) : Json();
    spdlog::error("worker: cannot run an attempt: {}", spec.error().message);
    if (!id.is_string()) return;
    AttemptSpec unreadable;
    unreadable.id = id.get<std::string>();
    AttemptEnd end;
    end.reason = spec.error().message;
    return OnEnd(unreadable, clock_.Now(), end);
  }
  if (runner_.Knows(spec->id) || link_->AwaitsAcknowledgement(spec->id)) return;
  OnActivity();
  runner_.Start(std::move(*spec), std::move(attempt));
  if (stopping_) runner_.StopAll("the worker was told to stop");
}

void Worker::OnStartTrigger(const Json& attempt) {
  JsonReader reader(attempt, "the attempt of a trigger");
  const std::string id = reader.String("attempt_id");
  if (triggers_.Knows(id) || link_->AwaitsAcknowledgement(id)) return;
  OnActivity();
  const std::filesystem::path file = reader.String("file");
  triggers_.Start(id, reader.Raw("trigger"), file.parent_path(), reader.String("log"));
}

// Opened for each piece: thousands of tasks may be deferred, and few triggers say much.
void Worker::OnTriggerLog(const std::string& log, const Json& frame) {
  JsonReader reader(frame, "what a trigger has logged");
  const std::string text = reader.String("text");
  Result<AttemptLog> file =
      AttemptLog::Open(fmt::format("{}/{}", options_.log_folder, log), StampLines::kUnstamped);
  if (!file.ok()) return spdlog::warn("worker: {}", file.error().message);
  file->Output(clock_.Now(), text);
  file->FlushOutput(clock_.Now());
}

void Worker::OnTriggerEnd(const std::string& attempt_id, const Json& frame) {
  JsonReader reader(frame, "a trigger's end");
  Json report = {{"state", reader.String("end_state", "triggered")},
                 {"hostname", host_},
                 {"end_date", Microseconds(clock_.Now())}};
  for (const char* key : {"event", "error", "xcoms"}) {
    if (frame.contains(key)) report[key] = frame[key];
  }
  link_->Report(attempt_id, std::move(report), true);
}

void Worker::OnCancel(const Json& message) {
  JsonReader reader(message, "cancel");
  const std::string id = reader.String("attempt_id");
  const std::string reason = reader.String("reason", "cancelled");
  if (!triggers_.Knows(id)) return runner_.Stop(id, reason);
  triggers_.Stop(id);
  link_->Report(id, {{"state", "failed"}, {"hostname", host_}, {"reason", reason}}, true);
}

void Worker::OnParse(const Json& message) {
  JsonReader reader(message, "parse");
  const auto id = static_cast<uint64_t>(reader.Integer("id", 0, 0, INT64_MAX));
  const std::string file = reader.String("file");
  const Duration timeout = reader.OptionalSeconds("timeout").value_or(Seconds(30));
  if (!reader.status().ok()) {
    spdlog::error("worker: {}", reader.status().error().message);
    return;
  }
  OnActivity();
  parses_.Parse(id, file, timeout);
}

void Worker::OnAsk(const Json& message) {
  JsonReader reader(message, "ask");
  const auto id = static_cast<uint64_t>(reader.Integer("id", 0, 0, INT64_MAX));
  const Json& request = reader.Raw("request");
  if (!request.is_object() || asks_.contains(id)) return;
  OnActivity();
  const auto limit = reader.OptionalSeconds("timeout");
  JsonReader in(request, "ask");
  EnvironmentJob job;
  job.file = in.String("file");
  job.version = in.String("version");
  job.memory_mb = options_.memory_mb;
  job.request = request;
  job.on_request = [this, id](const Json& asked) {
    OnTaskRequest(kAskPrefix + std::to_string(id), asked);
  };
  job.on_answer = [this, id](Json answer) { OnAnswer(id, std::move(answer)); };
  job.on_lost = [this, id](const std::string& reason, const auto&) {
    OnAnswer(id, {{"error", reason}});
  };
  asks_[id].job = pool_.Submit(std::move(job));
  if (limit) LimitAsk(id, *limit);
}

void Worker::LimitAsk(uint64_t id, Duration limit) {
  OpenAsk& ask = asks_.at(id);
  ask.limit = std::make_unique<DelayTimer>(io_);
  ask.limit->Arm(limit, [this, id, limit] {
    pool_.Drop(asks_.at(id).job);
    const std::string reason = fmt::format("there was no answer within {} s", ToSeconds(limit));
    OnAnswer(id, {{"error", reason}, {"timed_out", true}});
  });
}

void Worker::OnAnswer(uint64_t id, Json answer) {
  asks_.erase(id);
  ForgetRequests(kAskPrefix + std::to_string(id));
  link_->Send({{"op", "answer"}, {"id", id}, {"answer", std::move(answer)}});
  OnActivity();
}

void Worker::ForgetRequests(const std::string& who) {
  std::erase_if(requests_,
                [&who](const auto& request) { return request.second.attempt_id == who; });
}

void Worker::OnResponse(const Json& message) {
  JsonReader reader(message, "response");
  const auto it = requests_.find(static_cast<uint64_t>(reader.Integer("id", 0, 0, INT64_MAX)));
  if (it == requests_.end()) return;
  const TaskRequest request = std::move(it->second);
  requests_.erase(it);
  Json response = message;
  response["id"] = request.id;
  const std::string& id = request.attempt_id;
  if (id.starts_with(kParsePrefix)) {
    parses_.Respond(std::stoull(id.substr(kParsePrefix.size())), response);
  } else if (id.starts_with(kAskPrefix)) {
    const auto ask = asks_.find(std::stoull(id.substr(kAskPrefix.size())));
    if (ask != asks_.end()) pool_.Respond(ask->second.job, response);
  } else if (runner_.Knows(id)) {
    runner_.Respond(id, response);
  } else {
    triggers_.Respond(response);
  }
}

void Worker::OnExit() {
  // Idle environments do not matter: they end with us.
  if (!HasWork()) io_.stop();
}

void Worker::OnConnected() {
  for (const auto& [id, request] : requests_) link_->Send(request.message);
  OnActivity();
}

void Worker::OnRunning(const AttemptSpec& spec, Time start, pid_t pid) {
  untold_[spec.id] = {
      {"state", "running"}, {"hostname", host_}, {"pid", pid}, {"start_date", Microseconds(start)}};
  if (!tell_running_.armed()) TellRunningSoon();
}

void Worker::TellRunningSoon() {
  tell_running_.Arm(kTellRunning, [this] {
    const bool later = runner_.is_starting() && ++told_later_ <= kTellRunningLaterMax;
    if (later) return TellRunningSoon();
    TellRunning();
  });
}

void Worker::TellRunning() {
  told_later_ = 0;
  for (auto& [id, report] : std::exchange(untold_, {})) link_->Report(id, std::move(report), false);
}

void Worker::OnEnd(const AttemptSpec& spec, Time start, const AttemptEnd& end) {
  ForgetRequests(spec.id);
  const auto untold = untold_.extract(spec.id);
  Json report = {{"dag_id", spec.dag_id},
                 {"run_id", spec.run_id},
                 {"task_id", spec.task_id},
                 {"map_index", spec.map_index},
                 {"try_number", spec.try_number},
                 {"state", ToString(end.state)},
                 {"hostname", host_},
                 {"start_date", Microseconds(start)},
                 {"end_date", Microseconds(clock_.Now())},
                 {"reason", end.reason},
                 {"xcoms", end.xcoms},
                 {"skip_tasks", end.skip_tasks}};
  if (!untold.empty()) report["pid"] = untold.mapped()["pid"];
  report["usage"] = AttemptUsageToJson(end.usage);
  if (end.usage.exit_code) report["exit_code"] = *end.usage.exit_code;
  report.update(end.more);
  link_->Report(spec.id, std::move(report), true);
}

void Worker::OnTaskRequest(const std::string& attempt_id, const Json& request) {
  const uint64_t id = ++last_request_;
  Json message = {{"op", "request"},
                  {"id", id},
                  {"attempt_id", attempt_id},
                  {"method", request.value("method", Json())},
                  {"params", request.value("params", Json::object())}};
  link_->Send(message);
  requests_[id] = {attempt_id, request.value("id", Json()), std::move(message)};
}

void Worker::OnParsed(uint64_t id, Json result) {
  ForgetRequests(kParsePrefix + std::to_string(id));
  link_->Send({{"op", "parsed"}, {"id", id}, {"result", std::move(result)}});
  OnActivity();
}

// Something was begun or ended: the keep-alive time starts anew.
void Worker::OnActivity() {
  has_idled_ = false;
  if (HasWork()) {
    keep_alive_.Disarm();
    if (!link_->is_connected()) link_->Hurry();
    return;
  }
  keep_alive_.Arm(options_.keep_alive, [this] {
    has_idled_ = true;
    OnIdle();
  });
}

// Once for all that have ended in this turn of the loop.
void Worker::EndAdoptedSoon() {
  if (std::exchange(ends_adopted_, true)) return;
  asio::post(io_, [this] {
    ends_adopted_ = false;
    EndAdopted([this](pid_t pid) {
      return context_.watched.contains(pid) || pool_.Watches(pid) || temp_folders_.Watches(pid);
    });
  });
}

void Worker::OnIdle() {
  if (!has_idled_ || HasWork() || !pool_.empty()) return;
  if (link_->OnIdle()) io_.stop();
}

}  // namespace

int RunWorker(const WorkerOptions& options) {
  const auto make_link = [&options](asio::io_context& io, ControlLink::Callbacks callbacks) {
    return std::unique_ptr<ControlLink>(
        std::make_unique<SocketLink>(io, options.socket_path, std::move(callbacks)));
  };
  return RunWorker(options, make_link);
}

int RunWorker(const WorkerOptions& options, const MakeControlLink& make_link) {
  // Taken before the fork, so that it is held until the last of worker and guard has ended.
  const Result<LockFile> lock = LockFile::Acquire(options.lock_path);
  if (!lock.ok()) {
    spdlog::error("worker: {}", lock.error().message);
    return lock.error().code == ErrorCode::kConflict ? kWorkerAlreadyRuns : 1;
  }
  // Those of a worker and guard that were killed, together.
  RemoveLeftContainers(options.container);
  ForkUnderGuard([&options] { RemoveLeftContainers(options.container); });
  std::signal(SIGPIPE, SIG_IGN);
  const uint64_t open_files = RaiseOpenFileLimit();
  asio::io_context io(1);
  SystemClock clock;
  const Status ended = Worker(io, clock, options, open_files).Run(make_link);
  if (ended.ok()) return 0;
  spdlog::error("worker: {}", ended.error().message);
  return 1;
}

}  // namespace beeflow
