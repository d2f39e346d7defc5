#include "worker/zygote.h"

#include <fmt/format.h>

#include <asio/post.hpp>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "os/process.h"
#include "worker/text_tail.h"

extern char** environ;

namespace beeflow {
namespace {

constexpr int kSocketFd = 3;  // in the zygote
constexpr int kStartFailuresMax = 3;
constexpr Duration kStartBackoff = std::chrono::milliseconds(100);

}  // namespace

std::vector<std::string> InterpreterEnvironment(const WorkerOptions& options) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view variable(*entry);
    if (options.python_path.empty() || !variable.starts_with("PYTHONPATH=")) {
      result.emplace_back(variable);
    }
  }
  if (!options.python_path.empty()) {
    const char* inherited = getenv("PYTHONPATH");
    result.push_back(fmt::format("PYTHONPATH={}{}{}", options.python_path, inherited ? ":" : "",
                                 inherited ? inherited : ""));
  }
  result.insert(result.end(), options.zygote_environment.begin(), options.zygote_environment.end());
  return result;
}

Zygote::Zygote(asio::io_context& io, const WorkerOptions& options, uint64_t open_files,
               Callbacks callbacks)
    : io_(io),
      options_(options),
      open_files_(open_files),
      callbacks_(std::move(callbacks)),
      timer_(io) {}

Zygote::~Zygote() = default;

void Zygote::Fork(const std::string& environment, std::optional<int64_t> memory_mb,
                  std::vector<std::string> entry_files, UniqueFd socket, bool contain) {
  PendingFork fork{environment, memory_mb, std::move(entry_files), std::move(socket), contain};
  if (state_ == State::kReady) return SendFork(std::move(fork));
  pending_.push_back(std::move(fork));
  if (state_ == State::kStopped) Start();
}

void Zygote::SendFork(PendingFork fork) {
  Json message = {{"op", "fork"}, {"environment", fork.environment}, {"memory_mb", nullptr}};
  if (fork.memory_mb) message["memory_mb"] = *fork.memory_mb;
  if (fork.contain) message["contain"] = true;
  if (!fork.entry_files.empty()) message["entry_files"] = fork.entry_files;
  socket_->Send(message, std::move(fork.socket));
}

void Zygote::Stop() {
  if (state_ != State::kReady) return;
  state_ = State::kStopping;
  socket_.reset();
  timer_.Arm(options_.stop_grace, [this] { SignalGroup(pid_, SIGKILL); });
}

void Zygote::Start() {
  state_ = State::kStarting;
  const Status spawned = Spawn();
  if (spawned.ok()) {
    timer_.Arm(options_.zygote_start_limit, [this] { SignalGroup(pid_, SIGKILL); });
    return;
  }
  // Nothing will be different at once; told later, since Fork may be on the stack.
  failures_in_a_row_ = kStartFailuresMax;
  timer_.Arm(Duration(0), [this, reason = spawned.error().message] { OnStartFailure(reason); });
}

Status Zygote::Spawn() {
  BEEFLOW_ASSIGN_OR_RETURN(auto sockets, MakeSocketPair());
  BEEFLOW_ASSIGN_OR_RETURN(auto pipe, MakePipe());
  SpawnRequest request;
  request.argv = options_.zygote;
  request.argv.insert(request.argv.end(), {"--fd", std::to_string(kSocketFd)});
  request.environment = InterpreterEnvironment(options_);
  request.open_files_max = open_files_;
  request.adopts_orphans = true;
  request.fds = {{pipe.second.get(), 1}, {pipe.second.get(), 2}, {sockets.second.get(), kSocketFd}};
  BEEFLOW_ASSIGN_OR_RETURN(SpawnedProcess process, beeflow::Spawn(request));
  pid_ = process.pid;
  errors_ = std::make_unique<TextTail>(io_, std::move(pipe.first));
  // The end of the connection is the end of the process, which the watch tells with its reason. One
  // that closes the connection and lives on is no zygote any more.
  FrameSocket::Callbacks callbacks;
  callbacks.on_frame = [this](const Json& message) { OnFrame(message); };
  callbacks.on_closed = [this](const std::string&) { SignalGroup(pid_, SIGKILL); };
  socket_ = std::make_unique<FrameSocket>(io_, std::move(sockets.first), std::move(callbacks));
  watch_.emplace(io_, pid_, std::move(process.pidfd), Leftovers::kKillGroup,
                 [this](std::optional<int> status) { OnExit(status.value_or(0)); });
  return Ok();
}

void Zygote::OnFrame(const Json& message) {
  JsonReader reader(message, "the zygote's message");
  const std::string op = reader.String("op");
  const std::string environment = reader.String("environment");
  if (op == "ready") return OnReady();
  if (op == "forked") {
    const int64_t pid = reader.Integer("pid", 0, 2, 1 << 30);
    if (reader.status().ok()) callbacks_.on_forked(environment, static_cast<pid_t>(pid));
  } else if (op == "exited") {
    const Json cpu = message.value("cpu_seconds", Json());
    callbacks_.on_exited(environment,
                         {static_cast<int>(reader.Integer("status", 0, 0, 0xffff)),
                          {cpu.is_number() ? cpu.get<double>() : 0,
                           reader.Integer("max_rss_kb", 0, 0, INT64_MAX / 1024) * 1024},
                          reader.String("reason", "")});
  }
}

void Zygote::OnReady() {
  if (state_ != State::kStarting) return;
  state_ = State::kReady;
  failures_in_a_row_ = 0;
  timer_.Disarm();
  for (; !pending_.empty(); pending_.pop_front()) SendFork(std::move(pending_.front()));
}

void Zygote::OnExit(int wait_status) {
  const State before = std::exchange(state_, State::kStopped);
  pid_ = 0;
  timer_.Disarm();
  socket_.reset();
  const std::string text = errors_->Text();
  errors_.reset();
  const std::string reason =
      fmt::format("{}{}{}", DescribeExit(wait_status), text.empty() ? "" : "; it wrote: ", text);
  switch (before) {
    case State::kStarting:
      return OnStartFailure(fmt::format("it ended with {}", reason));
    case State::kStopping:
      callbacks_.on_stopped();
      if (!pending_.empty() && state_ == State::kStopped) Start();
      return;
    default:
      return Lose(fmt::format("the Python zygote ended with {}", reason));
  }
}

void Zygote::OnStartFailure(const std::string& reason) {
  if (++failures_in_a_row_ >= kStartFailuresMax) {
    failures_in_a_row_ = 0;
    return Lose(
        fmt::format("the Python zygote ({}) cannot be started: {}", options_.zygote[0], reason));
  }
  state_ = State::kBackingOff;
  timer_.Arm(kStartBackoff, [this] { Start(); });
}

void Zygote::Lose(const std::string& reason) {
  state_ = State::kStopped;
  pending_.clear();
  callbacks_.on_lost(reason);
}

}  // namespace beeflow
