#include "worker/container_run.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "os/process.h"
#include "os/thread_pause.h"

namespace beeflow {

namespace fs = std::filesystem;

namespace {

constexpr int kSocketFd = 3;  // in the container
constexpr size_t kResultBytesMax = 64 << 20;

Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? Ok() : Status(Unavailable(fmt::format("{}: cannot be written", path)));
}

Status CheckSources(const ContainerPlan& plan) {
  if (IsFolderImage(plan.image) && !fs::is_directory(plan.image)) {
    return NotFound(fmt::format("the image {} is no folder with a root file system", plan.image));
  }
  for (const ContainerMount& mount : plan.mounts) {
    std::error_code ignored;
    if (mount.type == "bind" && !fs::exists(mount.source, ignored)) {
      return NotFound(fmt::format("the source {} of the mount at {} does not exist", mount.source,
                                  mount.target));
    }
  }
  return Ok();
}

// Lets the container, whoever it runs as, write its result into the folder, or the file.
Status PrepareResult(const std::string& folder, ContainerPlan* plan, std::string* result_file) {
  if (plan->output != ContainerOutput::kFile) return Ok();
  const std::string host = folder + "/result";
  fs::path target = plan->result_path;
  std::error_code error;
  if (plan->result_mount.empty()) {
    BEEFLOW_RETURN_IF_ERROR(WriteFile(host, ""));
    *result_file = host;
  } else {
    fs::create_directory(host, error);
    *result_file = host / fs::path(plan->result_path).lexically_relative(plan->result_mount);
    target = plan->result_mount;
  }
  fs::permissions(host, fs::perms::all, error);
  plan->mounts.push_back({"bind", host, target, false});
  return Ok();
}

// By the clock of the machine, as all times.
Time WrittenAt(const struct stat& info) {
  return Time(std::chrono::seconds(info.st_mtim.tv_sec) +
              std::chrono::microseconds(info.st_mtim.tv_nsec / 1000));
}

// A removal fails while the container is between two states, as one is whose engine has just been
// killed; a little later it does not. After so many tries it is left, and said so.
constexpr int kRemovalsMax = 5;
constexpr Duration kRemoveLater = std::chrono::milliseconds(300);

bool Failed(int wait_status) { return !WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0; }

void TellLeft(const std::string& name) {
  spdlog::error("worker: the container {} could not be removed; see what its engine says above",
                name);
}

// An orphan of an engine that was killed is nobody's child here; its end is not waited for.
bool RemoveOnce(const ContainerEngine& engine, const std::string& name) {
  SpawnRequest request;
  request.argv = RemoveArguments(engine, name);
  Result<SpawnedProcess> process = Spawn(request);
  int wait_status = 0;
  return process.ok() && waitpid(process->pid, &wait_status, 0) > 0 && !Failed(wait_status);
}

void RemoveNow(const ContainerEngine& engine, const std::string& name) {
  ThreadPause pause;
  for (int tries = 1; !RemoveOnce(engine, name); ++tries) {
    if (tries == kRemovalsMax) return TellLeft(name);
    pause.For(kRemoveLater);
  }
}

}  // namespace

ContainerRun::ContainerRun(asio::io_context& io, std::set<pid_t>& watched, ContainerEngine engine,
                           Callbacks callbacks)
    : io_(io),
      watched_(watched),
      engine_(std::move(engine)),
      callbacks_(std::move(callbacks)),
      remove_later_(io) {}

ContainerRun::~ContainerRun() {
  if (engine_pid_ != 0) SignalGroup(engine_pid_, SIGKILL);
  watched_.erase(engine_pid_);
  watched_.erase(remover_pid_);
}

Result<std::unique_ptr<ContainerRun>> ContainerRun::Start(asio::io_context& io,
                                                          std::set<pid_t>& watched,
                                                          const ContainerEngine& engine,
                                                          Request request, Callbacks callbacks) {
  std::unique_ptr<ContainerRun> run(new ContainerRun(io, watched, engine, std::move(callbacks)));
  Status started = run->Prepare(&request);
  if (started.ok()) started = run->Spawn(request);
  if (started.ok()) return run;
  std::error_code ignored;
  fs::remove_all(run->identity_.folder, ignored);
  return started.error();
}

Status ContainerRun::Prepare(Request* request) {
  ContainerPlan& plan = request->plan;
  if (plan.image.empty()) {
    return Invalid(
        "no image is named; give executor_config={\"image\": …} or set [container] image");
  }
  identity_ = {request->name, request->parent_folder + "/" + request->name,
               request->has_socket ? 1 : 0, ""};
  group_ = std::move(request->group);
  if (group_) identity_.parent_group = group_->path();
  BEEFLOW_RETURN_IF_ERROR(CheckSources(plan));
  std::error_code error;
  fs::create_directories(identity_.folder, error);
  if (!error) fs::permissions(request->parent_folder, fs::perms::owner_all, error);
  if (error) {
    return Unavailable(fmt::format("{}: cannot be made: {}", identity_.folder, error.message()));
  }
  BEEFLOW_RETURN_IF_ERROR(PrepareResult(identity_.folder, &plan, &result_file_));
  if (engine_.kind != ContainerEngine::Kind::kOciRuntime) return Ok();
  BEEFLOW_ASSIGN_OR_RETURN(const Json config, OciConfig(engine_, plan, identity_));
  const std::string path = identity_.folder + "/config.json";
  BEEFLOW_RETURN_IF_ERROR(WriteFile(path, DumpJson(config)));
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);
  return Ok();
}

Status ContainerRun::Spawn(const Request& request) {
  SpawnRequest spawn;
  spawn.argv = RunArguments(engine_, request.plan, identity_);
  spawn.environment = EngineEnvironment(engine_, request.plan, request.inherited);
  // The container is no child of ours, to be taken for one that an attempt has left behind.
  spawn.adopts_orphans = true;
  spawn.fds = {{request.output.get(), 1}, {request.output.get(), 2}};
  UniqueFd theirs;
  if (request.has_socket) {
    BEEFLOW_ASSIGN_OR_RETURN(auto sockets, MakeSocketPair());
    theirs = std::move(sockets.second);
    spawn.fds.emplace_back(theirs.get(), kSocketFd);
    FrameSocket::Callbacks callbacks;
    callbacks.on_frame = [this](Json message) { callbacks_.on_frame(std::move(message)); };
    callbacks.on_closed = [this](const std::string&) {
      socket_.reset();
      EndIfGone();
    };
    socket_ = std::make_unique<FrameSocket>(io_, std::move(sockets.first), std::move(callbacks));
  }
  BEEFLOW_ASSIGN_OR_RETURN(SpawnedProcess process, beeflow::Spawn(spawn));
  engine_pid_ = process.pid;
  watched_.insert(engine_pid_);
  engine_watch_.emplace(io_, engine_pid_, std::move(process.pidfd), Leftovers::kKillGroup,
                        [this](std::optional<int> status) { OnEngineExit(status.value_or(0)); });
  return Ok();
}

void ContainerRun::Stop() {
  // To the engine alone, which passes it on.
  if (engine_pid_ != 0) kill(engine_pid_, SIGTERM);
}

void ContainerRun::Kill() {
  if (!std::exchange(is_killed_, true)) Remove();
}

void ContainerRun::Remove() {
  if (remover_pid_ != 0) {
    removes_again_ = true;
    return;
  }
  removes_again_ = false;
  SpawnRequest request;
  request.argv = RemoveArguments(engine_, identity_.name);
  Result<SpawnedProcess> process = beeflow::Spawn(request);
  if (!process.ok()) {
    spdlog::error("worker: cannot remove the container {}: {}", identity_.name,
                  process.error().message);
    if (engine_pid_ != 0) SignalGroup(engine_pid_, SIGKILL);
    return;
  }
  remover_pid_ = process->pid;
  watched_.insert(remover_pid_);
  remover_watch_.emplace(
      io_, remover_pid_, std::move(process->pidfd), Leftovers::kKillGroup,
      [this](std::optional<int> status) { OnRemoved(Failed(status.value_or(0))); });
}

void ContainerRun::OnRemoved(bool failed) {
  watched_.erase(remover_pid_);
  remover_pid_ = 0;
  failed_removals_ = failed ? failed_removals_ + 1 : 0;
  // Without its container the engine ends by itself, unless it had none yet.
  if (engine_pid_ != 0) SignalGroup(engine_pid_, SIGKILL);
  if (failed && failed_removals_ < kRemovalsMax) {
    remove_later_.Arm(kRemoveLater, [this] { Remove(); });
  } else if (removes_again_) {
    Remove();
  } else if (failed) {
    TellLeft(identity_.name);
  }
  EndIfGone();
}

void ContainerRun::OnEngineExit(int wait_status) {
  watched_.erase(engine_pid_);
  engine_pid_ = 0;
  end_.wait_status = wait_status;
  struct stat info {};
  end_.has_started = stat(identity_.PidFile().c_str(), &info) == 0;
  if (end_.has_started) end_.started = WrittenAt(info);
  // An engine that somebody has killed leaves its container behind. We have killed it, too, where
  // it had made none yet when we removed it: it may have made it since.
  if (WIFSIGNALED(wait_status)) {
    is_killed_ = true;
    Remove();
  }
  EndIfGone();
}

// The socket closes with the last process of the container; what it has sent comes before that.
void ContainerRun::EndIfGone() {
  if (engine_pid_ != 0 || remover_pid_ != 0 || remove_later_.armed() || socket_) return;
  end_.result = ReadResult();
  if (group_) end_.usage = group_->Usage();
  std::error_code ignored;
  fs::remove_all(identity_.folder, ignored);
  const auto on_end = callbacks_.on_end;
  on_end(std::move(end_));
}

std::string ContainerRun::ReadResult() const {
  struct stat info {};
  // The container may have made anything of it; only a plain file is read.
  const bool is_plain = !result_file_.empty() && lstat(result_file_.c_str(), &info) == 0 &&
                        S_ISREG(info.st_mode) &&
                        info.st_size <= static_cast<off_t>(kResultBytesMax);
  if (!is_plain) return "";
  std::ifstream file(result_file_, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void ContainerRun::Send(const Json& message, UniqueFd descriptor) {
  if (socket_) socket_->Send(message, std::move(descriptor));
}

void ContainerRun::CloseSocket() {
  // After the end of the container, the other side closes.
  if (!socket_ || engine_pid_ == 0) return;
  socket_->Close();
  socket_.reset();
}

void RemoveLeftContainers(const ContainerOptions& options) {
  std::error_code error;
  if (options.folder.empty() || !fs::is_directory(options.folder, error)) return;
  if (fs::is_empty(options.folder, error)) return;
  const Result<ContainerEngine> engine = FindContainerEngine(options);
  for (fs::directory_iterator it(options.folder, error), end; !error && it != end;
       it.increment(error)) {
    if (engine.ok()) RemoveNow(*engine, it->path().filename());
    std::error_code ignored;
    fs::remove_all(it->path(), ignored);
  }
}

}  // namespace beeflow
