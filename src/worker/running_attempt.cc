#include "worker/running_attempt.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include "os/free_memory.h"
#include "os/process.h"

namespace beeflow {
namespace {

constexpr uint64_t kMebibyte = 1024 * 1024;

void AddExit(const EnvironmentExit& exit, AttemptUsage* usage) {
  if (WIFSIGNALED(exit.wait_status)) {
    usage->exit_signal = WTERMSIG(exit.wait_status);
  } else {
    usage->exit_code = WEXITSTATUS(exit.wait_status);
  }
  usage->cpu_seconds = exit.usage.cpu_seconds;
  usage->memory_bytes = exit.usage.memory_bytes_max;
}

// What programs say when they get no more memory.
bool TellsOfMemory(std::string_view line) {
  for (const std::string_view phrase : {"MemoryError", "annot allocate memory", "std::bad_alloc",
                                        "ut of memory", "OutOfMemoryError", "emory exhausted"}) {
    if (line.find(phrase) != std::string_view::npos) return true;
  }
  return false;
}

bool IsFailure(AttemptState state) {
  return state == AttemptState::kFailed || state == AttemptState::kFailedWithoutRetry;
}

}  // namespace

RunningAttempt::RunningAttempt(AttemptContext& context, AttemptSpec spec, Json attempt,
                               Callbacks callbacks)
    : context_(context),
      spec_(std::move(spec)),
      attempt_(std::move(attempt)),
      callbacks_(std::move(callbacks)),
      timeout_(context.io),
      grace_(context.io),
      end_soon_(context.io) {}

RunningAttempt::~RunningAttempt() {
  if (job_ != 0) context_.pool.Drop(job_);
  if (bash_pid_ == 0) return;
  Kill();
  context_.watched.erase(bash_pid_);
}

void RunningAttempt::Begin() {
  start_ = context_.clock.Now();
  // Nothing waits for less than no time, though the clock may have been set back meanwhile.
  if (spec_.queued_at) {
    usage_.queue_seconds = std::max(0.0, ToSeconds(start_ - *spec_.queued_at));
  }
  if (!stop_reason_.empty()) return FailSoon(stop_reason_);
  if (const Status opened = OpenLog(); !opened.ok()) return FailSoon(opened.error().message);
  if (!spec_.refusal.empty()) return FailSoon(spec_.refusal);
  if (const std::string wrong = SettleSandbox(); !wrong.empty()) return FailSoon(wrong);
  ArmTimeout();
  BeginKind();
}

// Returns why the sandbox that must be cannot be, "" where all is well.
std::string RunningAttempt::SettleSandbox() {
  const bool renders =
      spec_.kind == AttemptKind::kBashTemplate || spec_.kind == AttemptKind::kContainerTemplate;
  const bool is_contained = is_for_container() || spec_.kind == AttemptKind::kContainer;
  // A container is one of its own.
  if (is_contained && !renders) spec_.limits.sandbox.reset();
  if (!spec_.limits.sandbox) return "";
  std::optional<std::string>& why_none = context_.why_no_sandbox;
  if (!why_none) why_none = WhyNoSandbox();
  if (why_none->empty()) return MissingInSandbox();
  if (spec_.limits.sandbox->required) {
    return fmt::format(
        "The tasks of queue '{0}' run in a sandbox ([worker:{0}] or [worker] sandbox = bubblewrap "
        "in "
        "beeflow.cfg), and there is none here: {1}. Install the package bubblewrap, or set sandbox "
        "to "
        "auto or none.",
        spec_.queue, *why_none);
  }
  spec_.limits.sandbox.reset();
  log_->Info(context_.clock.Now(), fmt::format("Not in a sandbox: {}", *why_none));
  return "";
}

// bubblewrap would say it too, but not whose setting it is.
std::string RunningAttempt::MissingInSandbox() const {
  const SandboxPolicy& policy = *spec_.limits.sandbox;
  for (const auto* paths : {&policy.read_only, &policy.writable}) {
    for (const std::string& path : *paths) {
      if (access(path.c_str(), F_OK) == 0) continue;
      return fmt::format(
          "The sandbox of queue '{0}' is to show {1}, which does not exist: create it, or remove "
          "it "
          "from sandbox_paths in section [worker:{0}] or [worker] of beeflow.cfg.",
          spec_.queue, path);
    }
  }
  return "";
}

Status RunningAttempt::OpenLog() {
  const StampLines stamp =
      spec_.kind == AttemptKind::kPython ? StampLines::kUnstamped : StampLines::kAll;
  BEEFLOW_ASSIGN_OR_RETURN(
      log_, AttemptLog::Open(fmt::format("{}/{}", context_.options.log_folder, spec_.log), stamp,
                             context_.options.log_bytes_max));
  log_->OnWritten([this] { context_.log_written(spec_.id); });
  log_->Info(start_, fmt::format("Starting attempt {} of {}: {}.{}, run {}", spec_.try_number,
                                 spec_.max_tries + 1, spec_.dag_id, spec_.task_id, spec_.run_id));
  if (!spec_.foreign_config.empty() && !is_for_container()) {
    log_->Info(start_, fmt::format("Ignored in executor_config, which is for other executors: {}",
                                   fmt::join(spec_.foreign_config, ", ")));
  }
  return Ok();
}

void RunningAttempt::BeginKind() {
  switch (spec_.kind) {
    case AttemptKind::kBash:
      if (const Status begun = BeginBash(attempt_["run"], Json()); !begun.ok()) {
        FailSoon(begun.error().message);
      }
      attempt_ = nullptr;
      return;
    case AttemptKind::kBashTemplate:
    case AttemptKind::kContainerTemplate:
      return BeginRendering();
    case AttemptKind::kContainer:
      if (const Status begun = BeginContainer(attempt_["run"], Json()); !begun.ok()) {
        FailSoon(begun.error().message);
      }
      attempt_ = nullptr;
      return;
    case AttemptKind::kPython:
      if (!is_for_container()) return BeginPython();
      if (const Status begun = BeginPythonContainer(); !begun.ok()) {
        FailSoon(begun.error().message);
      }
      return;
  }
}

void RunningAttempt::BeginRendering() {
  EnvironmentJob job;
  job.kind = EnvironmentJob::Kind::kRender;
  job.request = {{"op", "render"}, {"attempt", std::move(attempt_)}};
  job.on_started = [this](const EnvironmentStart& start) { OnEnvironment(start); };
  job.on_answer = [this](const Json& answer) { OnRendered(answer); };
  SubmitJob(std::move(job));
}

void RunningAttempt::OnRendered(const Json& answer) {
  job_ = 0;
  if (answer["op"] != "rendered" || !stop_reason_.empty()) return End(ReadFinished(answer));
  rendered_xcoms_ = answer.value("xcoms", Json::object());
  const Json run = answer.value("run", Json());
  const Json secrets = answer.value("secrets", Json());
  const bool has_image = spec_.kind == AttemptKind::kContainerTemplate;
  const Status begun = has_image ? BeginContainer(run, secrets) : BeginBash(run, secrets);
  if (!begun.ok()) {
    FailSoon(begun.error().message);
  }
}

void RunningAttempt::BeginPython() {
  auto pipe = MakePipe();
  if (!pipe.ok()) return FailSoon(pipe.error().message);
  pump_.emplace(context_.io, context_.clock, std::move(pipe->first), *log_);
  log_->Hide(SecretsOf(context_.inherited, Json()));
  EnvironmentJob job;
  job.kind = EnvironmentJob::Kind::kRun;
  job.request = {{"op", "run"}, {"attempt", std::move(attempt_)}};
  job.descriptor = std::move(pipe->second);
  job.on_started = [this](const EnvironmentStart& start) {
    OnEnvironment(start);
    callbacks_.on_running(start.pid);
  };
  job.on_answer = [this](const Json& answer) {
    job_ = 0;
    End(ReadFinished(answer));
  };
  SubmitJob(std::move(job));
}

void RunningAttempt::SubmitJob(EnvironmentJob job) {
  attempt_ = nullptr;
  job.file = spec_.file;
  job.version = spec_.version;
  const bool renders = job.kind == EnvironmentJob::Kind::kRender;
  job.memory_mb = renders ? context_.options.memory_mb : spec_.limits.memory_mb;
  job.group = renders ? std::nullopt : spec_.limits.ForGroup();
  job.keep_alive = spec_.limits.keep_alive;
  job.sandbox = spec_.limits.sandbox;
  job.on_request = [this](Json request) { OnRequest(std::move(request)); };
  job.on_lost = [this](const std::string& reason, const std::optional<EnvironmentExit>& exit) {
    job_ = 0;
    AttemptEnd end;
    if (exit) AddExit(*exit, &end.usage);
    end.reason = fmt::format("The task ended without an answer: {}.", reason);
    GuessAtMemory(&end);
    End(std::move(end));
  };
  job.on_out_of_memory = [this] { exhausted_mb_ = spec_.limits.memory_mb; };
  job_ = context_.pool.Submit(std::move(job));
}

SecretMask RunningAttempt::SecretsOf(const std::vector<std::string>& environment,
                                     const Json& rendered) const {
  SecretMask mask;
  mask.AddEnvironment(environment, context_.inherited);
  for (const Json& secret : rendered) {
    if (secret.is_string()) mask.Add(secret.get<std::string>());
  }
  return mask;
}

// `secrets` are those that the rendering has read.
Status RunningAttempt::BeginBash(const Json& run, const Json& secrets) {
  BEEFLOW_ASSIGN_OR_RETURN(plan_, ReadBashPlan(run));
  std::vector<std::string> environment = BashEnvironment(spec_, plan_, context_.inherited);
  log_->Hide(SecretsOf(environment, secrets));
  if (is_for_container()) return BeginBashContainer();
  BEEFLOW_ASSIGN_OR_RETURN(const std::string folder, Folder());
  BEEFLOW_ASSIGN_OR_RETURN(auto pipe, MakePipe());
  log_->Info(context_.clock.Now(),
             fmt::format("Running command: {}",
                         DumpJson(Json::array({context_.bash, "-c", plan_.command}))));
  BEEFLOW_RETURN_IF_ERROR(SpawnBash(folder, std::move(environment), std::move(pipe.second)));
  pump_.emplace(context_.io, context_.clock, std::move(pipe.first), *log_);
  callbacks_.on_running(bash_pid_);
  plan_.command.clear();
  plan_.env.reset();
  return Ok();
}

// Airflow runs a command in a temporary folder unless told otherwise.
Result<std::string> RunningAttempt::Folder() {
  if (!plan_.cwd.empty()) return plan_.cwd;
  BEEFLOW_ASSIGN_OR_RETURN(temp_folder_, context_.temp_folders.Make());
  return temp_folder_;
}

void RunningAttempt::MakeGroup() {
  const auto limits = spec_.limits.ForGroup();
  if (!limits || !context_.groups.are_available()) return;
  auto group = context_.groups.Make(*limits);
  if (group.ok()) {
    group_ = std::move(*group);
  } else {
    log_->Error(context_.clock.Now(), group.error().message);
  }
}

Result<std::vector<std::string>> RunningAttempt::InSandbox(std::vector<std::string> argv,
                                                           const std::string& folder) {
  SandboxedCommand command;
  command.argv = std::move(argv);
  command.cwd = folder;
  command.drop_root = geteuid() == 0;
  if (!temp_folder_.empty()) command.writable.push_back(temp_folder_);
  if (command.drop_root && !temp_folder_.empty() &&
      chown(temp_folder_.c_str(), kNobody, kNobody) != 0) {
    return Unavailable(fmt::format("cannot give the folder {} to the user of the sandbox: {}",
                                   temp_folder_, strerror(errno)));
  }
  return SandboxArgv(*spec_.limits.sandbox, command);
}

Status RunningAttempt::SpawnBash(const std::string& folder, std::vector<std::string> environment,
                                 UniqueFd output) {
  SpawnRequest request;
  request.argv = {context_.bash, "-c", plan_.command};
  if (spec_.limits.sandbox) {
    BEEFLOW_ASSIGN_OR_RETURN(request.argv, InSandbox(std::move(request.argv), folder));
  }
  request.environment = std::move(environment);
  request.cwd = folder;
  request.adopts_orphans = true;
  request.open_files_max = context_.open_files;
  MakeGroup();
  if (group_) {
    request.argv = group_->Entering(request.argv);
  } else if (spec_.limits.memory_mb) {
    request.memory_bytes_max = static_cast<uint64_t>(*spec_.limits.memory_mb) * kMebibyte;
  }
  request.fds = {{output.get(), 1}, {output.get(), 2}};
  BEEFLOW_ASSIGN_OR_RETURN(SpawnedProcess process, Spawn(request));
  bash_pid_ = process.pid;
  context_.watched.insert(bash_pid_);
  if (usage_.start_type.empty()) usage_.start_type = "direct";
  usage_.start_seconds = ToSeconds(context_.clock.Now() - start_);
  child_.emplace(context_.io, bash_pid_, std::move(process.pidfd), Leftovers::kKillGroup,
                 [this](std::optional<int> status) { OnBashExit(status.value_or(0)); });
  return Ok();
}

void RunningAttempt::OnBashExit(int wait_status) {
  context_.watched.erase(std::exchange(bash_pid_, 0));
  pump_->Finish();
  AttemptEnd end = BashEnd(plan_, wait_status);
  if (group_ && group_->OutOfMemoryKills() > 0) exhausted_mb_ = spec_.limits.memory_mb;
  if (end.state == AttemptState::kFailed) GuessAtMemory(&end);
  end.usage.cpu_seconds = child_->usage().cpu_seconds;
  end.usage.memory_bytes = child_->usage().memory_bytes_max;
  end.xcoms = std::move(rendered_xcoms_);
  log_->Info(context_.clock.Now(), fmt::format("Command ended with {}", DescribeExit(wait_status)));
  if (end.state == AttemptState::kSuccess && spec_.do_xcom_push) {
    end.xcoms["return_value"] = log_->last_line();
  }
  End(std::move(end));
}

void RunningAttempt::Stop(const std::string& reason) {
  if (!stop_reason_.empty()) return;
  stop_reason_ = reason;
  if (log_) log_->Error(context_.clock.Now(), fmt::format("Stopping: {}", reason));
  Signal(SIGTERM);
  grace_.Arm(context_.options.stop_grace, [this] { Kill(); });
}

void RunningAttempt::Kill() { Signal(SIGKILL); }

void RunningAttempt::Signal(int signal) {
  if (job_ != 0) context_.pool.Signal(job_, signal);
  SignalContainers(signal);
  if (bash_pid_ == 0) return;
  // What left the group, too; it cannot be told by a signal that it might handle.
  if (signal == SIGKILL) KillDescendantsOf(bash_pid_);
  SignalGroup(bash_pid_, signal);
}

void RunningAttempt::Respond(const Json& response) {
  if (job_ != 0) return context_.pool.Respond(job_, response);
  if (container_) container_->run->Send(response);
}

// Adds that the kernel has killed for memory, whatever came of it: a pipeline may succeed all the
// same, and what waits for the process that was killed may run into its timeout.
void RunningAttempt::ExplainMemory(AttemptEnd* end) const {
  if (!exhausted_mb_) return;
  std::string& reason = end->reason;
  if (!reason.empty()) reason += reason.ends_with('.') ? " " : ". ";
  const char* what =
      IsFailure(end->state) ? "Out of memory" : "The kernel has killed a process of the task";
  // A container's limit comes from other settings.
  reason += fmt::format("{}: it reached its limit of {} MB, memory_mb{}.", what, *exhausted_mb_,
                        is_in_container() ? "" : "; " + HowToRaise("memory_mb"));
}

// Adds that memory was the reason, where it is likely to have been.
void RunningAttempt::GuessAtMemory(AttemptEnd* end) const {
  if (exhausted_mb_) return;  // it is certain
  if (end->usage.exit_signal == SIGKILL && OutOfMemoryKills() > context_.out_of_memory_kills) {
    ++context_.out_of_memory_kills;  // this was one of them
    end->reason +=
        " The kernel killed a process because the machine ran out of memory: lower memory_mb or "
        "max_concurrency in section [worker] of beeflow.cfg, so that less runs at a time.";
    return;
  }
  if (!spec_.limits.memory_mb || !log_ || !TellsOfMemory(log_->last_line())) return;
  end->reason += fmt::format(" It seems to have reached its limit of {} MB, memory_mb; {}.",
                             *spec_.limits.memory_mb, HowToRaise("memory_mb"));
}

void RunningAttempt::OnEnvironment(const EnvironmentStart& start) {
  usage_.start_type = start.is_warm ? "warm" : "cold";
  usage_.environment = fmt::format("{}/{}", context_.name, start.environment);
}

void RunningAttempt::AddUsage(AttemptEnd* end) const {
  end->usage.start_type = usage_.start_type;
  end->usage.environment = usage_.environment;
  end->usage.queue_seconds = usage_.queue_seconds;
  end->usage.start_seconds =
      end->code_began ? std::optional(ToSeconds(*end->code_began - start_)) : usage_.start_seconds;
  AddContainersUsage(end);
}

// Its control group counts all that ran in a container. Python that has asked for one from outside
// counts besides.
void RunningAttempt::AddContainersUsage(AttemptEnd* end) const {
  const bool is_inside = is_in_container();
  const auto& [cpu_seconds, memory, ran_out] = container_usage_;
  if (cpu_seconds) {
    end->usage.cpu_seconds = *cpu_seconds + (is_inside ? 0 : end->usage.cpu_seconds.value_or(0));
  }
  if (memory) {
    end->usage.memory_bytes =
        std::max(*memory, is_inside ? 0 : end->usage.memory_bytes.value_or(0));
  }
}

// The task's own limit, or that of what runs it: whichever comes first.
void RunningAttempt::ArmTimeout() {
  const auto& own = spec_.execution_timeout;
  const std::optional<Duration> limit = TimeLimit();
  // A Python environment ends its task at the timeout itself, so that a sensor may skip instead of
  // fail, and callbacks see the error. One that has not managed to is stopped a little later.
  const bool ends_itself = spec_.kind == AttemptKind::kPython;
  const Duration patience = ends_itself ? context_.options.stop_grace : Duration(0);
  if (own && (!limit || *own + patience <= *limit)) {
    timeout_.Arm(*own + patience, [this, own] {
      Stop(fmt::format("ran longer than its execution_timeout of {} s", ToSeconds(*own)));
    });
  } else if (limit) {
    timeout_.Arm(*limit, [this, limit] {
      Stop(fmt::format("ran longer than the time limit of an attempt, timeout_seconds = {}; {}",
                       ToSeconds(*limit), HowToRaise("timeout_seconds")));
    });
  }
}

// The caller of Begin does not expect the end yet.
void RunningAttempt::FailSoon(const std::string& reason) {
  end_soon_.Arm(Duration(0), [this, reason] {
    AttemptEnd end;
    end.reason = reason;
    End(std::move(end));
  });
}

void RunningAttempt::End(AttemptEnd end) {
  if (asked_) {
    // Nobody waits for it any more.
    late_end_ = std::move(end);
    if (!stop_reason_.empty()) return;  // then it was stopped, too
    asked_->run->Stop();
    return grace_.Arm(context_.options.stop_grace, [this] { Kill(); });
  }
  if (!stop_reason_.empty()) Fail(stop_reason_, &end);
  RefuseLargeXComs(spec_, context_.options.max_xcom_bytes, &end);
  ExplainMemory(&end);
  AddUsage(&end);
  timeout_.Disarm();
  grace_.Disarm();
  if (pump_) pump_->Finish();
  if (log_) LogEnd(end);
  if (!temp_folder_.empty()) context_.temp_folders.Remove(temp_folder_);
  const auto on_end = callbacks_.on_end;
  on_end(std::move(end));
}

void RunningAttempt::LogEnd(const AttemptEnd& end) {
  const Time now = context_.clock.Now();
  if (!end.traceback.empty()) {
    log_->Output(now, end.traceback);
    log_->FlushOutput(now);
  }
  if (IsFailure(end.state) || exhausted_mb_) {
    log_->Error(now, end.reason);
  } else if (!end.reason.empty()) {
    log_->Info(now, end.reason);
  }
  log_->Info(now, fmt::format("Attempt {} ended: {}", spec_.try_number, ToString(end.state)));
}

}  // namespace beeflow
