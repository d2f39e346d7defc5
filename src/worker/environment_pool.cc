#include "worker/environment_pool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include "os/process.h"
#include "os/system_clock.h"
#include "worker/sandboxed_environment.h"

namespace beeflow {
namespace {

// A file that changes again and again while it is imported is given up at some time.
constexpr int kStaleAnswersMax = 5;

// What tells one version of a source file from another.
using FileSignature = std::tuple<dev_t, ino_t, off_t, int64_t>;

FileSignature SignatureOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return {};
  const int64_t modified_ns =
      static_cast<int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
  return {info.st_dev, info.st_ino, info.st_size, modified_ns};
}

}  // namespace

struct EnvironmentPool::Job {
  EnvironmentJob job;
  Environment* environment = nullptr;  // absent while it waits
  int stale_answers = 0;
  Key key() const { return {job.file, job.version, job.memory_mb, job.group, job.sandbox}; }
};

struct EnvironmentPool::Environment {
  explicit Environment(asio::io_context& io) : idle_timer(io) {}

  std::string name;
  Key key;
  FileSignature signature;
  pid_t pid = 0;  // 0 until it is forked
  JobId job = 0;
  bool was_used = false;
  const Time started = SystemClock().Now();
  int64_t jobs = 0;
  bool retired = false;
  bool expired = false;    // retired because nobody needed it
  bool signalled = false;  // what it does now, nobody knows
  int signal_when_forked = 0;
  std::unique_ptr<ControlGroup> group;
  int64_t kills_before = 0;                         // of the group, when the job began
  std::unique_ptr<SandboxedEnvironment> sandboxed;  // absent: it is forked from the zygote
  std::unique_ptr<FrameSocket> socket;
  DelayTimer idle_timer;

  EnvironmentStart Start() const { return {pid, name, was_used}; }

  void Signal(int signal) {
    signalled = true;
    if (pid == 0) {
      signal_when_forked = signal;
    } else {
      SignalGroup(pid, signal);
    }
  }
};

EnvironmentPool::EnvironmentPool(asio::io_context& io, const WorkerOptions& options,
                                 ControlGroups& groups, uint64_t open_files,
                                 std::function<void()> on_empty)
    : io_(io),
      options_(options),
      groups_(groups),
      open_files_(open_files),
      on_empty_(std::move(on_empty)),
      zygote_idle_(io),
      zygote_(
          io, options, open_files,
          {[this](const std::string& name, pid_t pid) { OnForked(name, pid); },
           [this](const std::string& name, const EnvironmentExit& exit) { OnExited(name, exit); },
           [this](const std::string& reason) { OnZygoteLost(reason); }, [this] { on_empty_(); }}) {}

EnvironmentPool::~EnvironmentPool() = default;

EnvironmentPool::JobId EnvironmentPool::Submit(EnvironmentJob job) {
  const JobId id = ++last_id_;
  jobs_[id] = std::make_unique<Job>(Job{std::move(job)});
  Place(id);
  return id;
}

void EnvironmentPool::Place(JobId id) {
  const Job& job = *jobs_.at(id);
  const Key key = job.key();
  const bool renders = job.job.kind == EnvironmentJob::Kind::kRender;
  if (renders && rendering_[key] >= options_.max_render_environments) {
    waiting_[key].push_back(id);
    return;
  }
  const bool alone = job.job.kind == EnvironmentJob::Kind::kParse ||
                     job.job.kind == EnvironmentJob::Kind::kTriggers;
  Environment* environment = alone ? nullptr : TakeIdle(key);
  const bool contain = job.job.kind == EnvironmentJob::Kind::kParse;
  Run(environment ? environment : Create(key, contain), id);
}

EnvironmentPool::Environment* EnvironmentPool::TakeIdle(const Key& key) {
  const FileSignature now = SignatureOf(std::get<0>(key));
  for (auto it = idle_.find(key); it != idle_.end(); it = idle_.find(key)) {
    Environment* environment = it->second;
    idle_.erase(it);
    environment->idle_timer.Disarm();
    if (environment->signature == now) return environment;
    Retire(environment);
  }
  return nullptr;
}

EnvironmentPool::Environment* EnvironmentPool::Create(const Key& key, bool contain) {
  zygote_idle_.Disarm();
  auto owned = std::make_unique<Environment>(io_);
  Environment* environment = owned.get();
  environment->name = fmt::format("e{}", ++last_id_);
  environment->key = key;
  // Before the import: a change during it makes the environment stale, not the other way round.
  environment->signature = SignatureOf(std::get<0>(key));
  environments_[environment->name] = std::move(owned);
  if (const Status forked = Fork(environment, contain); !forked.ok()) {
    asio::post(io_, [this, name = environment->name, reason = forked.error().message] {
      if (Environment* failed = Find(name)) Remove(failed, reason);
    });
  }
  return environment;
}

Status EnvironmentPool::Fork(Environment* environment, bool contain) {
  const auto& [file, version, memory_mb, limits, sandbox] = environment->key;
  BEEFLOW_ASSIGN_OR_RETURN(auto sockets, MakeSocketPair());
  std::vector<std::string> entry_files;
  if (limits && groups_.are_available()) {
    BEEFLOW_ASSIGN_OR_RETURN(environment->group, groups_.Make(*limits));
    entry_files = environment->group->EntryFiles();
  }
  FrameSocket::Callbacks callbacks;
  callbacks.on_frame = [this, environment](Json message) {
    OnFrame(environment, std::move(message));
  };
  // The process has ended, which the zygote tells with its status; or it has lost its connection
  // (user code may close any descriptor) and is of no use.
  callbacks.on_closed = [this, environment](const std::string&) { Retire(environment); };
  environment->socket =
      std::make_unique<FrameSocket>(io_, std::move(sockets.first), std::move(callbacks));
  if (sandbox) return StartSandboxed(environment, std::move(sockets.second));
  // The group counts what is really taken, by all processes.
  const auto own_memory_mb = environment->group ? std::nullopt : memory_mb;
  zygote_.Fork(environment->name, own_memory_mb, std::move(entry_files), std::move(sockets.second),
               contain);
  return Ok();
}

Status EnvironmentPool::StartSandboxed(Environment* environment, UniqueFd socket) {
  SandboxedEnvironment::Request request;
  request.policy = *std::get<4>(environment->key);
  request.group = environment->group.get();
  if (!environment->group) request.memory_mb = std::get<2>(environment->key);
  request.open_files = open_files_;
  request.socket = std::move(socket);
  BEEFLOW_ASSIGN_OR_RETURN(
      environment->sandboxed,
      SandboxedEnvironment::Start(
          io_, options_, std::move(request),
          [this, name = environment->name](const auto& exit) { OnExited(name, exit); }));
  const pid_t pid = environment->sandboxed->pid();
  sandboxed_.insert(pid);
  asio::post(io_, [this, name = environment->name, pid] { OnForked(name, pid); });
  return Ok();
}

void EnvironmentPool::Run(Environment* environment, JobId id) {
  Job& job = *jobs_.at(id);
  job.environment = environment;
  environment->job = id;
  ++environment->jobs;
  if (environment->group) environment->kills_before = environment->group->OutOfMemoryKills();
  if (job.job.kind == EnvironmentJob::Kind::kRender) ++rendering_[environment->key];
  if (!environment->socket) return;  // could not be made: told soon
  // Kept here too, for the case that the environment turns out to be stale.
  UniqueFd descriptor(job.job.descriptor ? fcntl(job.job.descriptor.get(), F_DUPFD_CLOEXEC, 0)
                                         : -1);
  environment->socket->Send(job.job.request, std::move(descriptor));
  if (environment->pid == 0 || !job.job.on_started) return;
  asio::post(io_, [this, id, start = environment->Start()] {
    const auto it = jobs_.find(id);
    if (it != jobs_.end() && it->second->job.on_started) it->second->job.on_started(start);
  });
}

std::vector<EnvironmentState> EnvironmentPool::List() const {
  std::vector<EnvironmentState> states;
  for (const auto& [name, environment] : environments_) {
    if (environment->pid == 0) continue;
    const auto job = jobs_.find(environment->job);
    const bool is_busy = job != jobs_.end();
    states.push_back({name, std::get<0>(environment->key), environment->pid, is_busy,
                      is_busy && job->second->job.kind == EnvironmentJob::Kind::kTriggers,
                      environment->started, environment->jobs});
  }
  return states;
}

void EnvironmentPool::Signal(JobId id, int signal) {
  const auto it = jobs_.find(id);
  if (it == jobs_.end()) return;
  if (it->second->environment) return it->second->environment->Signal(signal);
  asio::post(io_, [this, id] { LoseJob(id, "it was stopped before it had an environment"); });
}

void EnvironmentPool::Drop(JobId id) {
  const auto it = jobs_.find(id);
  if (it == jobs_.end()) return;
  const std::unique_ptr<Job> job = std::move(it->second);
  jobs_.erase(it);
  if (Environment* environment = job->environment) {
    Release(environment, *job);
    Retire(environment);
  }
}

bool EnvironmentPool::Watches(pid_t pid) const {
  return zygote_.pid() == pid || sandboxed_.contains(pid);
}

void EnvironmentPool::Respond(JobId id, const Json& response) {
  const auto it = jobs_.find(id);
  if (it == jobs_.end() || !it->second->environment || !it->second->environment->socket) return;
  it->second->environment->socket->Send(response);
}

void EnvironmentPool::OnFrame(Environment* environment, Json message) {
  const auto it = jobs_.find(environment->job);
  if (it == jobs_.end()) return;
  const std::string& op = message["op"].get_ref<const std::string&>();
  if (op == "stale") return OnStale(environment);
  const bool has_answer = it->second->job.kind != EnvironmentJob::Kind::kTriggers;
  if (op != "request" && has_answer) return OnAnswer(environment, std::move(message));
  const auto on_request = it->second->job.on_request;
  if (on_request) on_request(std::move(message));
}

void EnvironmentPool::OnAnswer(Environment* environment, Json answer) {
  const auto it = jobs_.find(environment->job);
  const std::unique_ptr<Job> job = std::move(it->second);
  jobs_.erase(it);
  TellOfMemory(*environment, *job);
  Release(environment, *job);
  const bool leaves_children =
      job->job.kind == EnvironmentJob::Kind::kRun && HasLeftovers(*environment);
  const bool is_spent =
      job->job.kind == EnvironmentJob::Kind::kParse || leaves_children || environment->signalled;
  if (is_spent) {
    Retire(environment);
  } else {
    MakeIdle(environment, job->job.keep_alive.value_or(options_.keep_alive));
  }
  job->job.on_answer(std::move(answer));
}

void EnvironmentPool::TellOfMemory(const Environment& environment, const Job& job) {
  const bool may_have = environment.group && job.job.on_out_of_memory;
  if (!may_have || environment.group->OutOfMemoryKills() <= environment.kills_before) return;
  const auto on_out_of_memory = job.job.on_out_of_memory;
  on_out_of_memory();
}

// Whether a process of the job that it did lives on.
bool EnvironmentPool::HasLeftovers(const Environment& environment) const {
  return environment.sandboxed ? environment.sandboxed->HasLeftovers()
                               : CountDescendants(environment.pid, 1) > 0;
}

// The job's environment has a version of the file, or of a module of its, that is not the current
// one any more.
void EnvironmentPool::OnStale(Environment* environment) {
  const JobId id = environment->job;
  Job& job = *jobs_.at(id);
  Release(environment, job);
  Retire(environment);
  job.environment = nullptr;
  if (++job.stale_answers > kStaleAnswersMax) {
    return LoseJob(id, fmt::format("{} changes all the time", job.job.file));
  }
  Run(Create(job.key(), false), id);
}

// The job no longer occupies the environment.
void EnvironmentPool::Release(Environment* environment, const Job& job) {
  environment->job = 0;
  if (job.job.kind != EnvironmentJob::Kind::kRender) return;
  if (--rendering_[environment->key] == 0) rendering_.erase(environment->key);
  asio::post(io_, [this, key = environment->key] { PlaceWaiting(key); });
}

void EnvironmentPool::PlaceWaiting(const Key& key) {
  const auto it = waiting_.find(key);
  if (it == waiting_.end()) return;
  std::deque<JobId> waiting = std::move(it->second);
  waiting_.erase(it);
  // What finds no environment now goes back to the queue, in the same order.
  for (const JobId id : waiting) {
    if (jobs_.contains(id)) Place(id);
  }
}

void EnvironmentPool::MakeIdle(Environment* environment, Duration keep_alive) {
  environment->was_used = true;
  idle_.emplace(environment->key, environment);
  environment->idle_timer.Arm(keep_alive, [this, environment] {
    environment->expired = true;
    Retire(environment);
  });
}

// Ends the process; it stays in environments_ until the zygote tells of its end.
void EnvironmentPool::Retire(Environment* environment) {
  if (std::exchange(environment->retired, true)) return;
  const auto [first, last] = idle_.equal_range(environment->key);
  const auto it = std::find_if(
      first, last, [environment](const auto& entry) { return entry.second == environment; });
  if (it != last) idle_.erase(it);
  environment->idle_timer.Disarm();
  if (environment->socket) environment->socket->Close();
  environment->Signal(SIGKILL);
}

void EnvironmentPool::LoseJob(JobId id, const std::string& reason,
                              const std::optional<EnvironmentExit>& exit) {
  const auto it = jobs_.find(id);
  if (it == jobs_.end()) return;
  const std::unique_ptr<Job> job = std::move(it->second);
  jobs_.erase(it);
  job->job.on_lost(reason, exit);
}

void EnvironmentPool::Remove(Environment* environment, const std::string& reason,
                             const std::optional<EnvironmentExit>& exit) {
  Retire(environment);
  const std::unique_ptr<Environment> owned =
      std::move(environments_.extract(environment->name).mapped());
  if (owned->sandboxed) sandboxed_.erase(owned->sandboxed->pid());
  const JobId id = owned->job;
  if (const auto it = jobs_.find(id); it != jobs_.end()) {
    Release(owned.get(), *it->second);
    it->second->environment = nullptr;
  }
  OnRemoved(owned->expired);
  LoseJob(id, reason, exit);
}

void EnvironmentPool::OnForked(const std::string& name, pid_t pid) {
  Environment* environment = Find(name);
  if (!environment) return;
  environment->pid = pid;
  if (environment->signal_when_forked != 0) SignalGroup(pid, environment->signal_when_forked);
  const auto it = jobs_.find(environment->job);
  if (it == jobs_.end() || !it->second->job.on_started) return;
  const auto on_started = it->second->job.on_started;
  on_started(environment->Start());
}

void EnvironmentPool::OnExited(const std::string& name, const EnvironmentExit& exit) {
  Environment* environment = Find(name);
  if (!environment) return;
  environment->pid = 0;  // reaped: the id may belong to another process now
  if (environment->sandboxed) sandboxed_.erase(environment->sandboxed->pid());
  // The zygote's word may overtake the environment's own, which then is still to be read.
  if (environment->socket && environment->socket->HasUnread()) {
    environment->signalled = true;
    asio::post(io_, [this, name, exit] { OnExited(name, exit); });
    return;
  }
  const auto job = jobs_.find(environment->job);
  if (job != jobs_.end()) TellOfMemory(*environment, *job->second);
  const std::string ended = "its process ended with " + DescribeExit(exit.wait_status);
  Remove(environment, exit.reason.empty() ? ended : exit.reason, exit);
}

void EnvironmentPool::OnZygoteLost(const std::string& reason) {
  std::vector<std::string> names;
  for (const auto& [name, environment] : environments_) {
    if (!environment->sandboxed) names.push_back(name);  // those are no children of its
  }
  for (const std::string& name : names) {
    if (Environment* environment = Find(name)) Remove(environment, reason);
  }
  TellIfEmpty();
}

void EnvironmentPool::TellIfEmpty() {
  if (empty()) on_empty_();
}

// Ends the zygote where it was the last environment.
void EnvironmentPool::OnRemoved(bool was_expired) {
  if (!environments_.empty()) return;
  if (zygote_.is_stopped()) return asio::post(io_, [this] { TellIfEmpty(); });
  if (was_expired) return zygote_.Stop();
  zygote_idle_.Arm(options_.keep_alive, [this] { zygote_.Stop(); });
}

EnvironmentPool::Environment* EnvironmentPool::Find(const std::string& name) {
  const auto it = environments_.find(name);
  return it == environments_.end() ? nullptr : it->second.get();
}

}  // namespace beeflow
