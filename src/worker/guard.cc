#include "worker/guard.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "base/result.h"
#include "os/process.h"

namespace beeflow {

const int kGuardDiedSignal = SIGUSR2;

namespace {

volatile sig_atomic_t worker_pid = 0;

void ForwardToWorker(int signal) {
  if (worker_pid > 0) kill(worker_pid, signal);
}

[[noreturn]] void EndAs(int wait_status) {
  if (WIFEXITED(wait_status)) _exit(WEXITSTATUS(wait_status));
  _exit(128 + WTERMSIG(wait_status));
}

[[noreturn]] void Guard(pid_t worker, const std::function<void()>& after_worker) {
  prctl(PR_SET_NAME, "beeflow-guard");
  while (true) {
    int status = 0;
    const pid_t ended = waitpid(-1, &status, 0);
    if (ended < 0 && errno != EINTR) _exit(1);
    if (ended != worker) continue;  // a process that had made itself independent
    const bool orderly = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!orderly) KillDescendants();
    after_worker();
    EndAs(status);
  }
}

}  // namespace

void KillDescendants() {
  // The children of those that we kill become ours.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  while (true) {
    KillDescendantsOf(getpid());
    if (waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) return;
  }
}

void EndAdopted(const std::function<bool(pid_t)>& is_watched) {
  for (const pid_t child : ChildrenOf(getpid())) {
    if (is_watched(child)) continue;
    kill(child, SIGSTOP);
    KillDescendantsOf(child);
    kill(child, SIGKILL);
  }
  while (true) {
    siginfo_t info{};
    constexpr int kPeek = WEXITED | WNOHANG | WNOWAIT;
    if (waitid(P_ALL, 0, &info, kPeek) != 0 || info.si_pid == 0) return;
    if (is_watched(info.si_pid)) return;
    waitpid(info.si_pid, nullptr, WNOHANG);
  }
}

void ForkUnderGuard(const std::function<void()>& after_worker) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t guard = getpid();
  // Until its handlers are there, a signal would end the guard alone.
  sigset_t forwarded, before;
  sigemptyset(&forwarded);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&forwarded, signal);
  sigprocmask(SIG_BLOCK, &forwarded, &before);
  const pid_t pid = fork();
  BEEFLOW_CHECK(pid >= 0);
  if (pid == 0) {
    // Takes in what makes itself independent of us, so that it can be found without the guard too.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(kGuardDiedSignal, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, kGuardDiedSignal);
    if (getppid() != guard) _exit(1);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return;
  }
  worker_pid = pid;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) std::signal(signal, ForwardToWorker);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  Guard(pid, after_worker);
}

}  // namespace beeflow
