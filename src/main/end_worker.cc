#include "main/end_worker.h"

#include <asio/io_context.hpp>
#include <csignal>
#include <optional>

#include "os/child_watch.h"
#include "os/delay_timer.h"
#include "os/lock_file.h"
#include "os/process.h"

namespace beeflow {
namespace {

constexpr Duration kEndLimit = std::chrono::seconds(15);
// Between the end of one of the worker's two processes and that of the other.
constexpr Duration kLookAgain = std::chrono::milliseconds(10);

// The guard, which holds the lock, ends what the worker leaves.
void KillWorkerOf(pid_t guard) {
  for (const pid_t child : ChildrenOf(guard)) kill(child, SIGKILL);
  kill(guard, SIGCONT);
}

void WaitForEnd(pid_t guard, asio::io_context* io, Duration limit) {
  DelayTimer timer(*io);
  auto watch = ChildWatch::ForPid(*io, guard, [io](std::optional<int>) { io->stop(); });
  timer.Arm(watch.ok() ? limit : kLookAgain, [io] { io->stop(); });
  io->restart();
  io->run();
}

}  // namespace

Status EndWorker(const std::string& lock_path) {
  asio::io_context io;
  constexpr int kTriesMax = 20;
  for (int i = 0; i < kTriesMax && LockFile::IsHeld(lock_path); ++i) {
    const std::optional<pid_t> guard = LockFile::Holder(lock_path);
    if (guard && *guard > 1) KillWorkerOf(*guard);
    WaitForEnd(guard.value_or(0), &io, kEndLimit / kTriesMax);
  }
  if (!LockFile::IsHeld(lock_path)) return Ok();
  return Unavailable("the worker that holds " + lock_path + " does not end");
}

}  // namespace beeflow
