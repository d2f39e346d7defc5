// Starting processes, and telling how they ended.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "os/unique_fd.h"

namespace beeflow {

struct SpawnRequest {
  std::vector<std::string> argv;  // argv[0] is looked up on our PATH where it has no slash
  std::optional<std::vector<std::string>> environment;  // "NAME=value"; absent: our own
  std::string cwd;                                      // "": our own
  // Pairs of our descriptor and the child's number for it. Standard input is /dev/null unless
  // mapped; standard output and error are ours unless mapped. No other is passed on.
  std::vector<std::pair<int, int>> fds;
  // What its descendants make independent of it comes to it rather than to us while it lives, so
  // that it is known whose they are.
  bool adopts_orphans = false;
  uint64_t open_files_max = 0;    // soft limit; 0: ours
  uint64_t memory_bytes_max = 0;  // writable memory of each process (RLIMIT_DATA); 0: ours
};

struct SpawnedProcess {
  pid_t pid = 0;
  UniqueFd pidfd;
};

// Starts a program as the leader of a session and process group of its own, with default signal
// handlers and nothing blocked. Returns after the program was executed, or tells why it could not.
// Whoever spawns must wait for the process (ChildWatch).
Result<SpawnedProcess> Spawn(const SpawnRequest& request);

// A close-on-exec descriptor that becomes readable when the process ends; none, with errno set,
// where there is no such process.
UniqueFd OpenPidFd(pid_t pid);

// Signals every process of the group; one that is gone is no error.
void SignalGroup(pid_t group, int signal);

// The children of a process that has one thread, zombies included.
std::vector<pid_t> ChildrenOf(pid_t pid);
// Kills all descendants of a process, whatever group they are in, but not itself. Those that die
// come to the next process above that adopts orphans.
void KillDescendantsOf(pid_t pid);

// Lets others go first where there is not enough processor time for all; for every process of the
// group, and those that they start.
void LowerPriority(pid_t group);

// How many descendants a process has, counted up to `max`.
size_t CountDescendants(pid_t pid, size_t max);

// A wait status for people: "exit code 3", "signal 9 (Killed)".
std::string DescribeExit(int wait_status);

// The first program of that name on PATH; `fallback` where there is none.
std::string FindOnPath(const std::string& name, const std::string& fallback);

// Both close-on-exec; the read end, then the write end.
Result<std::pair<UniqueFd, UniqueFd>> MakePipe();
// A pair of connected Unix stream sockets, both close-on-exec.
Result<std::pair<UniqueFd, UniqueFd>> MakeSocketPair();

// Lets this process open as many files as the hard limit permits; returns the former soft limit.
uint64_t RaiseOpenFileLimit();

}  // namespace beeflow
