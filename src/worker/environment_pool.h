// The environments: Python processes that have one DAG file loaded and do one job at a time. A job
// gets an idle environment of its file and version, or a new one; idle environments end after the
// keep-alive time, and the zygote with the last of them.
//
// Threads: all on the thread of the io_context; no callback of a job comes from within a method.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_set>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "os/control_groups.h"
#include "os/delay_timer.h"
#include "os/unique_fd.h"
#include "worker/frame_socket.h"
#include "worker/sandbox.h"
#include "worker/worker_options.h"
#include "worker/zygote.h"

namespace beeflow {

// The environment that a job got.
struct EnvironmentStart {
  pid_t pid = 0;
  std::string environment;  // its name, unique in this worker
  bool is_warm = false;     // it had been used before
};

// An environment as it is at the moment.
struct EnvironmentState {
  std::string name;
  std::string file;
  pid_t pid = 0;
  bool is_busy = false;
  bool has_triggers = false;  // those of all deferred tasks run in it
  Time started{};
  int64_t jobs = 0;  // that it has had, the present one included
};

// Exactly one of on_answer and on_lost ends a job.
struct EnvironmentJob {
  enum class Kind {
    kParse,   // in an environment of its own, which then ends; contained
    kRender,  // short: waits for one of max_render_environments
    kRun,
    kTriggers,  // never answered: all frames go to on_request, until it is dropped
  };
  Kind kind = Kind::kRun;
  std::string file;
  std::string version;
  Json request;                          // the frame to send
  UniqueFd descriptor;                   // that goes along with it, if any
  std::optional<int64_t> memory_mb;      // of each of its processes; absent: no limit
  std::optional<GroupLimits> group;      // of all its processes; absent: none
  std::optional<SandboxPolicy> sandbox;  // that it runs in; absent: none
  std::optional<Duration> keep_alive;    // when it idles then; absent: the worker's
  std::function<void(const EnvironmentStart&)> on_started;  // may be empty
  std::function<void(Json request)> on_request;             // of the task; may be empty
  // Before its end: the kernel has killed a process of its group. May be empty.
  std::function<void()> on_out_of_memory;
  std::function<void(Json answer)> on_answer;
  // No answer will come. `exit` is absent where the process has not ended, or nobody knows how.
  std::function<void(const std::string& reason, const std::optional<EnvironmentExit>& exit)>
      on_lost;
};

class EnvironmentPool {
 public:
  using JobId = uint64_t;

  // `on_empty` is called when the last process has ended.
  EnvironmentPool(asio::io_context& io, const WorkerOptions& options, ControlGroups& groups,
                  uint64_t open_files, std::function<void()> on_empty);
  ~EnvironmentPool();

  JobId Submit(EnvironmentJob job);
  // To the process group of the job's environment, which is not used again; a job that waits for
  // its environment gets none. Unknown ids are ignored.
  void Signal(JobId id, int signal);
  // Forgets the job and kills its environment.
  void Drop(JobId id);
  void Respond(JobId id, const Json& response);

  // Those that are alive, by name.
  std::vector<EnvironmentState> List() const;
  // Whether that process is waited for here.
  bool Watches(pid_t pid) const;
  // Of an environment that runs no attempt.
  std::optional<int64_t> memory_mb() const { return options_.memory_mb; }
  // No process is alive.
  bool empty() const { return environments_.empty() && zygote_.is_stopped(); }

 private:
  struct Environment;
  struct Job;
  // File, version, limits, sandbox: one environment serves only what agrees in them.
  using Key = std::tuple<std::string, std::string, std::optional<int64_t>,
                         std::optional<GroupLimits>, std::optional<SandboxPolicy>>;

  void Place(JobId id);
  Environment* TakeIdle(const Key& key);
  Environment* Create(const Key& key, bool contain);
  Status Fork(Environment* environment, bool contain);
  Status StartSandboxed(Environment* environment, UniqueFd socket);
  bool HasLeftovers(const Environment& environment) const;
  void Run(Environment* environment, JobId id);
  void OnFrame(Environment* environment, Json message);
  void OnAnswer(Environment* environment, Json answer);
  static void TellOfMemory(const Environment& environment, const Job& job);
  void OnStale(Environment* environment);
  void Release(Environment* environment, const Job& job);
  void MakeIdle(Environment* environment, Duration keep_alive);
  void Retire(Environment* environment);
  void LoseJob(JobId id, const std::string& reason,
               const std::optional<EnvironmentExit>& exit = std::nullopt);
  void Remove(Environment* environment, const std::string& reason,
              const std::optional<EnvironmentExit>& exit = std::nullopt);
  void PlaceWaiting(const Key& key);
  void OnForked(const std::string& name, pid_t pid);
  void OnExited(const std::string& name, const EnvironmentExit& exit);
  void OnZygoteLost(const std::string& reason);
  void OnRemoved(bool was_expired);
  void TellIfEmpty();
  Environment* Find(const std::string& name);

  asio::io_context& io_;
  const WorkerOptions& options_;
  ControlGroups& groups_;
  const uint64_t open_files_;
  const std::function<void()> on_empty_;
  uint64_t last_id_ = 0;
  std::map<JobId, std::unique_ptr<Job>> jobs_;
  std::map<std::string, std::unique_ptr<Environment>> environments_;  // by name
  std::unordered_set<pid_t> sandboxed_;  // processes of those that are, until they are waited for
  std::multimap<Key, Environment*> idle_;
  std::map<Key, std::deque<JobId>> waiting_;  // jobs that render
  std::map<Key, int> rendering_;              // environments that render, of each file
  DelayTimer zygote_idle_;
  Zygote zygote_;  // last: its end must find all others
};

}  // namespace beeflow
