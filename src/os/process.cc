#include "os/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>

extern char** environ;

namespace beeflow {
namespace {

// Descriptor numbers in the child stay below this; sources are lifted above it, so that no mapping
// overwrites the source of a later one.
constexpr int kFirstFreeFd = 16;

struct SpawnAttributes {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  SpawnAttributes() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnAttributes() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
};

void SetSignalsAndSession(posix_spawnattr_t* attributes) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(attributes, &none);
  posix_spawnattr_setsigdefault(attributes, &all);
  posix_spawnattr_setflags(attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

// Adds the mappings to `actions`; `lifted` keeps the lifted sources open until the spawn.
Status MapFds(const SpawnRequest& request, posix_spawn_file_actions_t* actions,
              std::vector<UniqueFd>* lifted) {
  bool has_stdin = false;
  int last = STDERR_FILENO;
  for (const auto& [source, target] : request.fds) {
    BEEFLOW_CHECK(target < kFirstFreeFd);
    int fd = source;
    if (source < kFirstFreeFd) {
      lifted->emplace_back(fcntl(source, F_DUPFD_CLOEXEC, kFirstFreeFd));
      fd = lifted->back().get();
      if (fd < 0) {
        return Unavailable(fmt::format("cannot duplicate a descriptor: {}", strerror(errno)));
      }
    }
    posix_spawn_file_actions_adddup2(actions, fd, target);
    has_stdin = has_stdin || target == STDIN_FILENO;
    last = std::max(last, target);
  }
  if (!has_stdin) {
    posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  // Whoever started us may have left descriptors open that nobody knows of.
  posix_spawn_file_actions_addclosefrom_np(actions, last + 1);
  return Ok();
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Result<std::pair<UniqueFd, UniqueFd>> Pair(int error, const int (&fds)[2], const char* what) {
  if (error != 0) {
    return Unavailable(fmt::format("cannot make a {}: {}", what, strerror(errno)));
  }
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

}  // namespace

Result<SpawnedProcess> Spawn(const SpawnRequest& request) {
  BEEFLOW_CHECK(!request.argv.empty());
  SpawnAttributes spawn;
  SetSignalsAndSession(&spawn.attributes);
  std::vector<UniqueFd> lifted;
  BEEFLOW_RETURN_IF_ERROR(MapFds(request, &spawn.actions, &lifted));
  if (!request.cwd.empty()) {
    posix_spawn_file_actions_addchdir_np(&spawn.actions, request.cwd.c_str());
  }
  const std::vector<char*> argv = Pointers(request.argv);
  std::vector<char*> environment;
  if (request.environment) environment = Pointers(*request.environment);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], &spawn.actions, &spawn.attributes, argv.data(),
                                 request.environment ? environment.data() : environ);
  if (error != 0) {
    const std::string where = request.cwd.empty() ? "" : fmt::format(" in {}", request.cwd);
    return Unavailable(fmt::format("cannot run {}{}: {}", request.argv[0], where, strerror(error)));
  }
  // The child stays at least a zombie until we wait for it, so the id still names it.
  UniqueFd pidfd = OpenPidFd(pid);
  if (!pidfd) {
    const int open_error = errno;
    SignalGroup(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return Unavailable(
        fmt::format("cannot watch process {}: {}", request.argv[0], strerror(open_error)));
  }
  return SpawnedProcess{pid, std::move(pidfd)};
}

UniqueFd OpenPidFd(pid_t pid) {
  // glibc 2.36 declares pidfd_open without C linkage.
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

void SignalGroup(pid_t group, int signal) {
  BEEFLOW_CHECK(group > 1);  // 0 and -1 address far more than one group
  kill(-group, signal);
}

std::string DescribeExit(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return fmt::format("exit code {}", WEXITSTATUS(wait_status));
  const int signal = WTERMSIG(wait_status);
  const char* name = sigdescr_np(signal);
  return fmt::format("signal {} ({})", signal, name ? name : "unknown");
}

std::string FindOnPath(const std::string& name, const std::string& fallback) {
  const char* path = getenv("PATH");
  std::string_view rest = path ? path : "";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    std::string candidate = fmt::format("{}/{}", rest.substr(0, colon), name);
    if (candidate[0] == '/' && access(candidate.c_str(), X_OK) == 0) return candidate;
    rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
  }
  return fallback;
}

Result<std::pair<UniqueFd, UniqueFd>> MakePipe() {
  int fds[2] = {-1, -1};
  const int error = pipe2(fds, O_CLOEXEC);
  return Pair(error, fds, "pipe");
}

Result<std::pair<UniqueFd, UniqueFd>> MakeSocketPair() {
  int fds[2] = {-1, -1};
  const int error = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
  return Pair(error, fds, "socket pair");
}

uint64_t RaiseOpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t former = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return former;
}

void SetOpenFileLimit(pid_t pid, uint64_t limit) {
  rlimit current{};
  if (limit == 0 || prlimit(pid, RLIMIT_NOFILE, nullptr, &current) != 0) return;
  current.rlim_cur = limit;
  prlimit(pid, RLIMIT_NOFILE, &current, nullptr);
}

}  // namespace beeflow
