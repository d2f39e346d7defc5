#include "worker/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <initializer_list>
#include <set>
#include <string_view>
#include <utility>

#include "os/process.h"

namespace beeflow {
namespace {

// Where distributions that have merged /usr have links, and others folders; "--ro-bind-try" takes
// what is there.
constexpr const char* kSystemPaths[] = {
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/opt", "/run/systemd/resolve"};

bool IsBelowSystemPath(std::string_view path) {
  return std::any_of(
      std::begin(kSystemPaths), std::end(kSystemPaths), [path](std::string_view system) {
        return path.starts_with(system) && path.substr(system.size()).starts_with('/');
      });
}

class Argv {
 public:
  void Add(std::initializer_list<std::string> words) { words_.insert(words_.end(), words); }
  void Add(const std::vector<std::string>& words) {
    words_.insert(words_.end(), words.begin(), words.end());
  }

  // Binds a path to its own place. Folders on the way to it must let nobody through.
  void Bind(const char* option, const std::string& path) {
    for (size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      const std::string parent = path.substr(0, slash);
      if (parents_.insert(parent).second) Add({"--perms", "0755", "--dir", parent});
    }
    parents_.insert(path);
    Add({option, path, path});
  }

  std::vector<std::string> Take() { return std::move(words_); }

 private:
  std::vector<std::string> words_;
  std::set<std::string> parents_;  // made, or bound
};

}  // namespace

Json SandboxPolicyToJson(const SandboxPolicy& policy) {
  return {{"required", policy.required},
          {"network", policy.network},
          {"read_only", policy.read_only},
          {"writable", policy.writable},
          {"hidden", policy.hidden}};
}

SandboxPolicy ReadSandboxPolicy(const Json& policy) {
  SandboxPolicy result;
  result.required = policy.value("required", true);
  result.network = policy.value("network", true);
  result.read_only = policy.value("read_only", std::vector<std::string>());
  result.writable = policy.value("writable", std::vector<std::string>());
  result.hidden = policy.value("hidden", std::vector<std::string>());
  return result;
}

void AddSandboxPaths(const std::string& paths, SandboxPolicy* policy) {
  constexpr std::string_view kWritable = ":rw";
  for (size_t begin = 0; begin < paths.size();) {
    const size_t end = std::min(paths.find(',', begin), paths.size());
    std::string path = paths.substr(begin, end - begin);
    begin = end + 1;
    const bool is_writable = path.ends_with(kWritable);
    if (is_writable) path.resize(path.size() - kWritable.size());
    (is_writable ? policy->writable : policy->read_only).push_back(std::move(path));
  }
}

// The sandbox's own processes ignore SIGTERM, which bubblewrap would end by; the command has it
// back. It is the last that setpriv and env execute, so their names do not stay.
std::vector<std::string> SandboxArgv(const SandboxPolicy& policy, const SandboxedCommand& command) {
  Argv argv;
  argv.Add({"env", "--ignore-signal=TERM", "bwrap", "--unshare-pid", "--unshare-ipc",
            "--unshare-uts", "--die-with-parent"});
  if (!command.drop_root) argv.Add({"--unshare-user"});
  if (!policy.network) argv.Add({"--unshare-net"});
  argv.Add({"--dev", "/dev", "--proc", "/proc", "--perms", "1777", "--tmpfs", "/tmp", "--perms",
            "1777", "--tmpfs", "/var/tmp"});
  for (const char* path : kSystemPaths) argv.Add({"--ro-bind-try", path, path});
  for (const std::string& path : policy.hidden) {
    if (IsBelowSystemPath(path)) argv.Add({"--tmpfs", path});
  }
  for (const std::string& path : policy.read_only) argv.Bind("--ro-bind", path);
  for (const std::string& path : command.read_only) argv.Bind("--ro-bind-try", path);
  for (const std::string& path : policy.writable) argv.Bind("--bind", path);
  for (const std::string& path : command.writable) argv.Bind("--bind", path);
  if (!command.cwd.empty()) argv.Add({"--chdir", command.cwd});
  argv.Add({"--", "env", "--default-signal=TERM"});
  if (command.drop_root) {
    const std::string nobody = std::to_string(kNobody);
    argv.Add({"setpriv", "--reuid", nobody, "--regid", nobody, "--clear-groups", "--no-new-privs",
              "--bounding-set=-all", "--inh-caps=-all", "--"});
  }
  argv.Add(command.argv);
  return argv.Take();
}

std::string WhyNoSandbox() {
  auto pipe = MakePipe();
  if (!pipe.ok()) return pipe.error().message;
  SandboxedCommand command;
  command.argv = {"true"};
  command.drop_root = geteuid() == 0;
  SpawnRequest request;
  request.argv = SandboxArgv(SandboxPolicy(), command);
  request.fds = {{pipe->second.get(), 1}, {pipe->second.get(), 2}};
  const auto process = Spawn(request);
  pipe->second.reset();
  if (!process.ok()) return process.error().message;
  std::string output;
  std::array<char, 512> part{};
  for (ssize_t size = 1; size > 0 || errno == EINTR;) {
    size = read(pipe->first.get(), part.data(), part.size());
    if (size == 0) break;
    if (size > 0 && output.size() < part.size()) output.append(part.data(), size);
  }
  int status = 0;
  while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR) continue;
  if (status == 0) return "";
  output.erase(output.find_last_not_of('\n') + 1);
  return fmt::format("bubblewrap ended with {}: {}", DescribeExit(status), output);
}

}  // namespace beeflow
