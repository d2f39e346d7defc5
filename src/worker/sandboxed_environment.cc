#include "worker/sandboxed_environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "os/process.h"

namespace beeflow {
namespace {

constexpr int kSocketFd = 3;  // in the environment
constexpr uint64_t kMebibyte = 1024 * 1024;
// bubblewrap's own first process in the sandbox, and the interpreter.
constexpr size_t kOwnDescendants = 2;

SandboxedCommand Interpreter(const WorkerOptions& options) {
  namespace fs = std::filesystem;
  SandboxedCommand command;
  const std::string& python = options.zygote.front();
  command.argv = {python, "-m", "beeflow_worker.sandboxed", "--fd", std::to_string(kSocketFd)};
  command.cwd = "/tmp";
  command.drop_root = geteuid() == 0;
  if (!options.python_path.empty()) command.read_only.push_back(options.python_path);
  // A virtual environment: the folder above bin/.
  const fs::path prefix = fs::path(python).parent_path().parent_path();
  if (prefix.is_absolute() && prefix != "/" && prefix != "/usr") {
    command.read_only.push_back(prefix.string());
  }
  return command;
}

}  // namespace

Result<std::unique_ptr<SandboxedEnvironment>> SandboxedEnvironment::Start(
    asio::io_context& io, const WorkerOptions& options, Request request, OnExit on_exit) {
  BEEFLOW_ASSIGN_OR_RETURN(auto pipe, MakePipe());
  std::unique_ptr<SandboxedEnvironment> result(new SandboxedEnvironment(io, std::move(pipe.first)));
  SpawnRequest spawn;
  spawn.argv = SandboxArgv(request.policy, Interpreter(options));
  if (request.group) spawn.argv = request.group->Entering(spawn.argv);
  spawn.environment = InterpreterEnvironment(options);
  spawn.fds = {{pipe.second.get(), 1}, {pipe.second.get(), 2}, {request.socket.get(), kSocketFd}};
  spawn.open_files_max = request.open_files;
  if (request.memory_mb) {
    spawn.memory_bytes_max = static_cast<uint64_t>(*request.memory_mb) * kMebibyte;
  }
  BEEFLOW_ASSIGN_OR_RETURN(SpawnedProcess process, Spawn(spawn));
  result->pid_ = process.pid;
  SandboxedEnvironment* self = result.get();
  result->watch_.emplace(io, process.pid, std::move(process.pidfd), Leftovers::kKillGroup,
                         [self, on_exit = std::move(on_exit)](std::optional<int> status) {
                           EnvironmentExit exit;
                           exit.wait_status = status.value_or(0);
                           exit.usage = self->watch_->usage();
                           const std::string text = self->errors_.Text();
                           if (!text.empty()) {
                             exit.reason = fmt::format("its process ended with {}; it wrote: {}",
                                                       DescribeExit(exit.wait_status), text);
                           }
                           on_exit(exit);
                         });
  return result;
}

bool SandboxedEnvironment::HasLeftovers() const {
  return CountDescendants(pid_, kOwnDescendants + 1) > kOwnDescendants;
}

}  // namespace beeflow
