#include "os/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

extern char** environ;

namespace beeflow {
namespace {

// Descriptor numbers in the child stay below this; sources are lifted above it, so that no mapping
// overwrites the source of a later one.
constexpr int kFirstFreeFd = 16;
constexpr size_t kChildStackBytes = 64 * 1024;
constexpr size_t kSignalSetBytes = 8;  // as the kernel has it
constexpr int kSignalMax = 64;

// The child leaves its functions by executing a program, not by returning from them: what a
// sanitizer notes of their stack, in memory that the child shares with us, would stay.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BEEFLOW_UNSANITIZED __attribute__((no_sanitize("address,thread,undefined")))
#else
#define BEEFLOW_UNSANITIZED
#endif

// All that the child needs until it executes its program. It shares our memory and holds us up, so
// it allocates nothing and calls the kernel directly.
struct ChildPlan {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* cwd = nullptr;
  std::vector<std::pair<int, int>> fds;
  const std::pair<int, int>* first_fd = nullptr;  // of `fds`
  size_t fd_count = 0;
  int last_fd = STDERR_FILENO;
  bool has_stdin = false;
  bool adopts_orphans = false;
  uint64_t open_files_max = 0;
  uint64_t memory_bytes_max = 0;
  int* error = nullptr;  // what it failed with, before the program was executed; shared with it
};

// ThreadSanitizer loses signals of ours where a child shares all our memory; there, it has a copy.
#if defined(__SANITIZE_THREAD__)
constexpr int kShareMemory = 0;
#else
constexpr int kShareMemory = CLONE_VM;
#endif

int* SharedError() {
  static thread_local void* const kPage =
      mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  BEEFLOW_CHECK(kPage != MAP_FAILED);
  return static_cast<int*>(kPage);
}

// Sets the soft limit, as far as the hard one lets it.
BEEFLOW_UNSANITIZED bool SetSoftLimit(int resource, uint64_t value) {
  if (value == 0) return true;
  rlimit64 limit{};
  if (syscall(SYS_prlimit64, 0, resource, nullptr, &limit) != 0) return false;
  limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
  return syscall(SYS_prlimit64, 0, resource, &limit, nullptr) == 0;
}

BEEFLOW_UNSANITIZED bool MapFdsInChild(const ChildPlan& plan) {
  for (size_t i = 0; i < plan.fd_count; ++i) {
    if (syscall(SYS_dup3, plan.first_fd[i].first, plan.first_fd[i].second, 0) < 0) return false;
  }
  if (!plan.has_stdin) {
    const auto null = static_cast<int>(syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY));
    if (null < 0 || (null != 0 && syscall(SYS_dup3, null, STDIN_FILENO, 0) < 0)) return false;
  }
  // Whoever started us may have left descriptors open that nobody knows of.
  return syscall(SYS_close_range, static_cast<unsigned>(plan.last_fd + 1), ~0U, 0U) == 0;
}

BEEFLOW_UNSANITIZED bool PrepareChild(const ChildPlan& plan) {
  const unsigned long default_action[4] = {};
  for (int signal = 1; signal <= kSignalMax; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    syscall(SYS_rt_sigaction, signal, default_action, nullptr, kSignalSetBytes);
  }
  if (syscall(SYS_setsid) < 0) return false;
  if (plan.adopts_orphans && syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
    return false;
  }
  if (!MapFdsInChild(plan)) return false;
  if (plan.cwd && syscall(SYS_chdir, plan.cwd) != 0) return false;
  return SetSoftLimit(RLIMIT_NOFILE, plan.open_files_max) &&
         SetSoftLimit(RLIMIT_DATA, plan.memory_bytes_max);
}

BEEFLOW_UNSANITIZED int RunChild(void* argument) {
  auto* plan = static_cast<ChildPlan*>(argument);
  if (PrepareChild(*plan)) {
    const uint64_t none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kSignalSetBytes);
    syscall(SYS_execve, plan->program, plan->argv, plan->environment);
  }
  *plan->error = errno;
  syscall(SYS_exit_group, 127);
  return 127;
}

// As vfork, with a stack of its own. Signals are blocked until the child has its own handlers: it
// must not run ours, in our memory.
pid_t CloneChild(ChildPlan* plan, int* pidfd) {
  // On the heap: every thread of the program would have the memory of a variable.
  static thread_local const auto kStack = std::make_unique_for_overwrite<char[]>(kChildStackBytes);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = clone(RunChild, kStack.get() + kChildStackBytes,
                          kShareMemory | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, plan, pidfd);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

// Fills in the mappings; `lifted` keeps the lifted sources open until the spawn.
Status PlanFds(const SpawnRequest& request, ChildPlan* plan, std::vector<UniqueFd>* lifted) {
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
    plan->fds.emplace_back(fd, target);
    plan->has_stdin = plan->has_stdin || target == STDIN_FILENO;
    plan->last_fd = std::max(plan->last_fd, target);
  }
  plan->first_fd = plan->fds.data();
  plan->fd_count = plan->fds.size();
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
  ChildPlan plan;
  std::vector<UniqueFd> lifted;
  BEEFLOW_RETURN_IF_ERROR(PlanFds(request, &plan, &lifted));
  const std::vector<char*> argv = Pointers(request.argv);
  std::vector<char*> environment;
  if (request.environment) environment = Pointers(*request.environment);
  const std::string& name = request.argv[0];
  const std::string program = name.find('/') == std::string::npos ? FindOnPath(name, "") : name;
  plan.program = program.c_str();
  plan.argv = argv.data();
  plan.environment = request.environment ? environment.data() : environ;
  plan.cwd = request.cwd.empty() ? nullptr : request.cwd.c_str();
  plan.adopts_orphans = request.adopts_orphans;
  plan.open_files_max = request.open_files_max;
  plan.memory_bytes_max = request.memory_bytes_max;
  plan.error = SharedError();
  *plan.error = 0;
  int pidfd = -1;
  const pid_t pid = CloneChild(&plan, &pidfd);
  int error = pid < 0 ? errno : *plan.error;
  UniqueFd watched(pid < 0 ? -1 : pidfd);
  if (pid > 0 && error != 0) waitpid(pid, nullptr, 0);
  if (error != 0) {
    const std::string where = request.cwd.empty() ? "" : fmt::format(" in {}", request.cwd);
    return Unavailable(fmt::format("cannot run {}{}: {}", name, where, strerror(error)));
  }
  return SpawnedProcess{pid, std::move(watched)};
}

UniqueFd OpenPidFd(pid_t pid) {
  // glibc 2.36 declares pidfd_open without C linkage.
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

void SignalGroup(pid_t group, int signal) {
  BEEFLOW_CHECK(group > 1);  // 0 and -1 address far more than one group
  kill(-group, signal);
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::vector<pid_t> children;
  char path[64];
  // The threads of a process share its children, but each lists its own.
  std::snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
  const UniqueFd file(open(path, O_RDONLY | O_CLOEXEC));
  char text[4096];
  pid_t child = 0;  // each number is followed by a space
  for (ssize_t size = 0; file && (size = read(file.get(), text, sizeof text)) > 0;) {
    for (const char c : std::string_view(text, static_cast<size_t>(size))) {
      if (c >= '0' && c <= '9') {
        child = 10 * child + (c - '0');
      } else if (child != 0) {
        children.push_back(std::exchange(child, 0));
      }
    }
  }
  return children;
}

size_t CountDescendants(pid_t pid, size_t max) {
  size_t count = 0;
  for (const pid_t child : ChildrenOf(pid)) {
    if (count >= max) break;
    count += 1 + CountDescendants(child, max - count - 1);
  }
  return count;
}

void KillDescendantsOf(pid_t pid) {
  for (const pid_t child : ChildrenOf(pid)) {
    // Stopped first, so that it cannot fork behind our back while we go down.
    kill(child, SIGSTOP);
    KillDescendantsOf(child);
    kill(child, SIGKILL);
  }
}

void LowerPriority(pid_t group) {
  // Still enough to go on beside others: 1 : 9.
  constexpr int kNice = 10;
  setpriority(PRIO_PGRP, static_cast<id_t>(group), kNice);
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

}  // namespace beeflow
