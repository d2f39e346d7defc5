// Attempts whose command, operator or Python runs in a container.
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string_view>
#include <utility>

#include "os/process.h"
#include "worker/running_attempt.h"

namespace beeflow {

namespace fs = std::filesystem;

namespace {

// Where the authoring API is in a container.
constexpr const char* kPythonFolder = "/opt/beeflow/python";

// Output that is kept to be the value of a task.
constexpr size_t kLinesBytesMax = 32 << 20;

// The first process of a container ignores signals that it does not handle, and a shell that waits
// for a command handles none. So this one stays beside the command and passes SIGTERM on.
constexpr const char* kShellScript =
    "command -v bash >/dev/null 2>&1 && shell=bash || shell=sh\n"
    "$shell -c \"$0\" &\n"
    "child=$!\n"
    "trap 'kill -s TERM $child 2>/dev/null' TERM\n"
    "while wait $child; code=$?; kill -0 $child 2>/dev/null; do :; done\n"
    "exit $code\n";

bool IsBelow(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

std::string ValueOf(const std::vector<std::string>& environment, const std::string& name) {
  for (const std::string& entry : environment) {
    if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
  }
  return "";
}

}  // namespace

// What is added to the reason of a failure that memory explains, or may explain.
std::string RunningAttempt::MemoryHint(const Container& container, const ContainerEnd& end) const {
  constexpr int kKilled = 128 + SIGKILL;
  // It counts in pages, and gives them out in batches.
  constexpr int64_t kSlack = 1 << 20;
  const double limit_mb = container.plan.memory_mb;
  if (limit_mb == 0) return "";
  const auto limit = static_cast<int64_t>(limit_mb * (1 << 20));
  const bool was_killed = WIFEXITED(end.wait_status) && WEXITSTATUS(end.wait_status) == kKilled;
  const bool was_full = end.usage.memory_bytes_max.value_or(0) >= limit - kSlack;
  if (end.usage.ran_out_of_memory) return "";  // told by the end of the attempt
  if (was_killed && was_full) {
    return fmt::format(" Out of memory: it reached its limit of {} MB, memory_mb.", limit_mb);
  }
  if (!was_killed) return "";
  return fmt::format(" It may have reached its limit of {} MB, memory_mb.", limit_mb);
}

// What it took, and when it began.
void RunningAttempt::AddContainer(const Container& container, const ContainerEnd& end) {
  const auto add = [](const auto& value, auto* sum) {
    if (value) *sum = sum->value_or(0) + *value;
  };
  add(end.usage.cpu_seconds, &container_usage_.cpu_seconds);
  const auto& memory = end.usage.memory_bytes_max;
  if (memory) {
    auto& most = container_usage_.memory_bytes_max;
    most = std::max(most.value_or(0), *memory);
  }
  if (end.usage.ran_out_of_memory) exhausted_mb_ = container.plan.memory_mb;
  if (&container == container_.get() && end.started) {
    usage_.start_seconds = std::max(0.0, ToSeconds(*end.started - start_));
  }
}

std::string RunningAttempt::Describe() const {
  return fmt::format("the container of task {}.{}", spec_.dag_id, spec_.task_id);
}

std::optional<Duration> RunningAttempt::TimeLimit() const {
  const bool has_image =
      spec_.kind == AttemptKind::kContainer || spec_.kind == AttemptKind::kContainerTemplate;
  if (!is_for_container() && !has_image) return spec_.limits.timeout;
  const bool is_own =
      spec_.executor_config.is_object() && spec_.executor_config.contains("timeout_seconds");
  return is_own ? spec_.limits.timeout : std::nullopt;
}

void RunningAttempt::SignalContainers(int signal) {
  for (const auto* container : {&container_, &asked_}) {
    if (!*container) continue;
    if (signal == SIGKILL) {
      (*container)->run->Kill();
    } else {
      (*container)->run->Stop();
    }
  }
}

// What settings and executor_config say.
Result<ContainerPlan> RunningAttempt::QueuePlan() const {
  ContainerPlan plan;
  BEEFLOW_RETURN_IF_ERROR(
      ApplyContainerConfig(context_.options.container.defaults, "section [container]", &plan));
  BEEFLOW_RETURN_IF_ERROR(ApplyContainerConfig(
      spec_.executor_config,
      fmt::format("executor_config of task {}.{}", spec_.dag_id, spec_.task_id), &plan));
  return plan;
}

Result<ContainerPlan> RunningAttempt::OperatorPlan(const Json& run) const {
  ContainerPlan plan;
  if (is_for_container()) {
    BEEFLOW_ASSIGN_OR_RETURN(plan, QueuePlan());
  } else {
    BEEFLOW_RETURN_IF_ERROR(
        ApplyContainerConfig(context_.options.container.defaults, "section [container]", &plan));
  }
  BEEFLOW_RETURN_IF_ERROR(ApplyContainerRun(run, Describe(), &plan));
  return plan;
}

Status RunningAttempt::StartContainer(ContainerPlan plan, const std::string& suffix,
                                      ContainerRun::Callbacks callbacks,
                                      std::unique_ptr<Container>* container) {
  BashPlan context;
  context.env.emplace();
  for (const std::string& entry : BashEnvironment(spec_, context, {})) {
    const size_t equals = entry.find('=');
    plan.env.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  plan.labels.insert({{"beeflow.dag_id", spec_.dag_id},
                      {"beeflow.task_id", spec_.task_id},
                      {"beeflow.run_id", spec_.run_id},
                      {"beeflow.attempt", spec_.id}});
  const auto fail = [this](const Error& error) {
    return Status(Error{error.code, fmt::format("{}: {}", Describe(), error.message)});
  };
  const auto engine = FindContainerEngine(context_.options.container);
  if (!engine.ok()) return fail(engine.error());
  BEEFLOW_ASSIGN_OR_RETURN(auto pipe, MakePipe());
  if (!plan.note.empty()) log_->Info(context_.clock.Now(), plan.note);
  if (plan.output == ContainerOutput::kAllLines) log_->KeepLines(kLinesBytesMax);
  log_->Info(context_.clock.Now(),
             fmt::format("Running the image {} with {}", plan.image, engine->path));
  *container = std::make_unique<Container>();
  (*container)->plan.image = plan.image;
  (*container)->plan.output = plan.output;
  (*container)->plan.result_path = plan.result_path;
  (*container)->plan.skip_exit_codes = plan.skip_exit_codes;
  (*container)->plan.memory_mb = plan.memory_mb;
  ContainerRun::Request request{"beeflow-" + spec_.id + suffix,
                                context_.options.container.folder,
                                std::move(plan),
                                context_.container_groups.Make(),
                                context_.inherited,
                                std::move(pipe.second),
                                callbacks.on_frame != nullptr};
  auto run = ContainerRun::Start(context_.io, context_.watched, *engine, std::move(request),
                                 std::move(callbacks));
  if (!run.ok()) {
    container->reset();
    return fail(run.error());
  }
  (*container)->run = std::move(*run);
  if (container == &container_ && usage_.start_type.empty()) usage_.start_type = "container";
  (*container)->pump.emplace(context_.io, context_.clock, std::move(pipe.first), *log_);
  return Ok();
}

Status RunningAttempt::BeginBashContainer() {
  BEEFLOW_ASSIGN_OR_RETURN(ContainerPlan plan, QueuePlan());
  if (plan_.env) {
    for (const auto& [name, value] : *plan_.env) plan.env[name] = value;
  }
  if (!plan_.cwd.empty()) plan.workdir = plan_.cwd;
  plan.entrypoint = {"/bin/sh"};
  plan.command = {"-c", kShellScript, plan_.command};
  log_->Info(context_.clock.Now(), fmt::format("Running command: {}", DumpJson(plan_.command)));
  ContainerRun::Callbacks callbacks;
  callbacks.on_end = [this](const ContainerEnd& end) { OnBashContainerEnd(end); };
  BEEFLOW_RETURN_IF_ERROR(StartContainer(std::move(plan), "", std::move(callbacks), &container_));
  callbacks_.on_running(container_->run->pid());
  return Ok();
}

void RunningAttempt::HideSecretsOf(const ContainerPlan& plan, const Json& secrets) {
  std::vector<std::string> environment;
  for (const auto& [name, value] : plan.env) environment.push_back(name + "=" + value);
  SecretMask mask = SecretsOf(environment, secrets);
  for (const auto& [name, value] : plan.private_env) mask.Add(value);
  log_->Hide(mask);
}

Status RunningAttempt::BeginContainer(const Json& run, const Json& secrets) {
  BEEFLOW_ASSIGN_OR_RETURN(ContainerPlan plan, OperatorPlan(run));
  HideSecretsOf(plan, secrets);
  ContainerRun::Callbacks callbacks;
  callbacks.on_end = [this](const ContainerEnd& end) { OnContainerEnd(end); };
  BEEFLOW_RETURN_IF_ERROR(StartContainer(std::move(plan), "", std::move(callbacks), &container_));
  callbacks_.on_running(container_->run->pid());
  return Ok();
}

// The authoring API, the DAG folder and the configuration, all at the paths that they have outside.
void RunningAttempt::AddPythonParts(ContainerPlan* plan) const {
  const std::vector<std::string>& inherited = context_.inherited;
  plan->mounts.push_back({"bind", context_.options.python_path, kPythonFolder, true});
  std::vector<std::string> folders;
  for (const char* name : {"AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW__CORE__PLUGINS_FOLDER"}) {
    const std::string folder = ValueOf(inherited, name);
    if (folder.starts_with("/") && fs::is_directory(folder)) folders.push_back(folder);
  }
  const fs::path file = spec_.file;
  if (folders.empty() || !IsBelow(file, folders[0])) folders.push_back(file.parent_path());
  for (const std::string& folder : folders) plan->mounts.push_back({"bind", folder, folder, true});
  for (const std::string& entry : inherited) {
    const size_t equals = entry.find('=');
    if (!entry.starts_with("AIRFLOW_") || equals == std::string::npos) continue;
    const std::string name = entry.substr(0, equals);
    if (!plan->env.contains(name)) plan->private_env[name] = entry.substr(equals + 1);
  }
  std::string& search_path = plan->env["PYTHONPATH"];
  search_path = kPythonFolder + (search_path.empty() ? "" : ":" + search_path);
}

Status RunningAttempt::BeginPythonContainer() {
  BEEFLOW_ASSIGN_OR_RETURN(ContainerPlan plan, QueuePlan());
  AddPythonParts(&plan);
  // Not all that is private there: it holds settings, too.
  log_->Hide(SecretsOf(context_.inherited, Json()));
  plan.entrypoint = {"python3"};
  plan.command = {"-m", "beeflow_worker.container", "--fd", "3"};
  ContainerRun::Callbacks callbacks;
  callbacks.on_frame = [this](Json frame) { OnContainerFrame(std::move(frame)); };
  callbacks.on_end = [this](const ContainerEnd& end) { OnPythonContainerEnd(end); };
  BEEFLOW_RETURN_IF_ERROR(StartContainer(std::move(plan), "", std::move(callbacks), &container_));
  container_->run->Send({{"op", "run"}, {"attempt", std::move(attempt_)}});
  attempt_ = nullptr;
  callbacks_.on_running(container_->run->pid());
  return Ok();
}

void RunningAttempt::OnContainerFrame(Json frame) {
  if (frame["op"] == "request") return OnRequest(std::move(frame));
  if (frame["op"] == "finished") answer_ = ReadFinished(frame);
  container_->run->CloseSocket();
  // A thread of the task's, say, would keep it for ever.
  if (stop_reason_.empty()) grace_.Arm(context_.options.stop_grace, [this] { Kill(); });
}

// Why the engine has not started the container, in its own words.
std::string RunningAttempt::StartFailure(const Container& container) {
  const std::string& words = log_->last_line();
  const bool lacks_python =
      spec_.kind == AttemptKind::kPython && !asked_ && words.find("python3") != std::string::npos;
  if (lacks_python) {
    return fmt::format(
        "the image {} has no python3, which Python tasks of the queue '{}' need; use an image that "
        "has it, with the modules jinja2 and pendulum, or another queue",
        container.plan.image, spec_.queue);
  }
  return fmt::format("{} could not be started from the image {}: {}", Describe(),
                     container.plan.image,
                     words.empty() ? "the engine ended without a word" : words);
}

Result<Json> RunningAttempt::ContainerValue(const Container& container,
                                            const ContainerEnd& end) const {
  switch (container.plan.output) {
    case ContainerOutput::kNone:
      return Json();
    case ContainerOutput::kLastLine:
      return Json(log_->last_line());
    case ContainerOutput::kAllLines:
      if (!log_->lines()) {
        return Invalid(fmt::format("{} has written more than {} bytes, too much for an XCom",
                                   Describe(), kLinesBytesMax));
      }
      return Json(*log_->lines());
    case ContainerOutput::kFile:
      break;
  }
  if (end.result.empty()) return Json();
  Result<Json> value = ParseJson(end.result);
  if (value.ok()) return value;
  return Invalid(fmt::format("{} has written to {} what is not JSON: {}", Describe(),
                             container.plan.result_path, value.error().message));
}

void RunningAttempt::OnBashContainerEnd(const ContainerEnd& end) {
  container_->pump->Finish();
  if (!end.has_started) return OnContainerEnd(end);
  AddContainer(*container_, end);
  AttemptEnd outcome = BashEnd(plan_, end.wait_status);
  outcome.reason += MemoryHint(*container_, end);
  log_->Info(context_.clock.Now(),
             fmt::format("Command ended with {}", DescribeExit(end.wait_status)));
  outcome.xcoms = std::move(rendered_xcoms_);
  if (outcome.state == AttemptState::kSuccess && spec_.do_xcom_push) {
    outcome.xcoms["return_value"] = log_->last_line();
  }
  container_.reset();
  End(std::move(outcome));
}

void RunningAttempt::OnContainerEnd(const ContainerEnd& end) {
  container_->pump->Finish();
  AddContainer(*container_, end);
  const std::unique_ptr<Container> container = std::move(container_);
  AttemptEnd outcome;
  if (!end.has_started) {
    outcome.reason = StartFailure(*container);
    return End(std::move(outcome));
  }
  outcome = ContainerExit(container->plan.skip_exit_codes, end.wait_status);
  outcome.reason += MemoryHint(*container, end);
  log_->Info(context_.clock.Now(),
             fmt::format("Container ended with {}", DescribeExit(end.wait_status)));
  outcome.xcoms = std::move(rendered_xcoms_);
  if (outcome.state == AttemptState::kSuccess && spec_.do_xcom_push) {
    Result<Json> value = ContainerValue(*container, end);
    if (!value.ok()) {
      outcome = AttemptEnd();
      outcome.reason = value.error().message;
    } else if (!value->is_null()) {
      outcome.xcoms["return_value"] = std::move(*value);
    }
  }
  End(std::move(outcome));
}

void RunningAttempt::OnPythonContainerEnd(const ContainerEnd& end) {
  if (!end.has_started) return OnContainerEnd(end);
  container_->pump->Finish();
  AddContainer(*container_, end);
  const std::unique_ptr<Container> container = std::move(container_);
  if (answer_) return End(std::move(*answer_));
  AttemptEnd outcome;
  outcome.reason = fmt::format("{} ended without an answer: {}.{}", Describe(),
                               DescribeExit(end.wait_status), MemoryHint(*container, end));
  End(std::move(outcome));
}

// What the worker itself answers; all else is for control.
void RunningAttempt::OnRequest(Json request) {
  const Json method = request.value("method", Json());
  const Json id = request.value("id", Json());
  const Json params = request.value("params", Json::object());
  if (method == "mask") {
    log_->Hide(SecretsOf({}, params.value("secrets", Json())));
    return Respond({{"op", "response"}, {"id", id}, {"result", nullptr}});
  }
  if (method != "container_run") return callbacks_.on_request(std::move(request));
  // An operator that Python carries out (it has callbacks, or is derived from) asks for its
  // container.
  if (asked_) return Respond({{"op", "response"}, {"id", id}, {"error", "one runs already"}});
  asked_id_ = id;
  if (const Status begun = BeginAskedContainer(params.value("plan", Json())); !begun.ok()) {
    Respond({{"op", "response"}, {"id", id}, {"error", begun.error().message}});
  }
}

Status RunningAttempt::BeginAskedContainer(const Json& run) {
  BEEFLOW_ASSIGN_OR_RETURN(ContainerPlan plan, OperatorPlan(run));
  HideSecretsOf(plan, Json());
  // What runs its Python limits the time no more; the task does.
  if (!spec_.execution_timeout) timeout_.Disarm();
  ContainerRun::Callbacks callbacks;
  callbacks.on_end = [this](const ContainerEnd& end) { OnAskedContainerEnd(end); };
  return StartContainer(std::move(plan), "-operator", std::move(callbacks), &asked_);
}

void RunningAttempt::OnAskedContainerEnd(const ContainerEnd& end) {
  asked_->pump->Finish();
  AddContainer(*asked_, end);
  Json response = {{"op", "response"}, {"id", asked_id_}};
  if (!end.has_started) {
    response["error"] = StartFailure(*asked_);
  } else if (const Result<Json> value = ContainerValue(*asked_, end); !value.ok()) {
    response["error"] = value.error().message;
  } else {
    const int code = WIFSIGNALED(end.wait_status) ? 128 + WTERMSIG(end.wait_status)
                                                  : WEXITSTATUS(end.wait_status);
    response["result"] = {{"exit_code", code}, {"value", *value}};
  }
  asked_.reset();
  if (late_end_) return End(std::move(*late_end_));
  Respond(response);
}

}  // namespace beeflow
