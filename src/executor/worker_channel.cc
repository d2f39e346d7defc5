#include "executor/worker_channel.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "os/lock_file.h"
#include "os/process.h"

namespace beeflow {
namespace {

using Protocol = asio::local::stream_protocol;

constexpr int kProtocolVersion = 1;
constexpr int kStartFailuresMax = 3;
constexpr Duration kStartBackoff = std::chrono::milliseconds(100);
// Between the end of one of the worker's two processes and that of the other.
constexpr Duration kLockRetry = std::chrono::milliseconds(10);

}  // namespace

struct WorkerChannel::Listener {
  explicit Listener(asio::io_context& io) : acceptor(io) {}
  Protocol::acceptor acceptor;
};

WorkerChannel::WorkerChannel(asio::io_context& io, WorkerChannelOptions options,
                             Callbacks callbacks)
    : io_(io),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      timer_(io),
      accept_timer_(io) {}

WorkerChannel::~WorkerChannel() {
  if (!listener_) return;
  unlink(options_.socket_path.c_str());
  std::error_code ignored;
  listener_->acceptor.close(ignored);
}

Status WorkerChannel::Listen() {
  const std::string& path = options_.socket_path;
  const Result<UniqueFd> other = ConnectUnixSocket(path);
  if (other.ok()) {
    return Conflict(fmt::format("{}: another control process listens there; stop it first", path));
  }
  if (other.error().code == ErrorCode::kInvalid) return other.error();
  unlink(path.c_str());
  auto listener = std::make_unique<Listener>(io_);
  std::error_code error;
  listener->acceptor.open(Protocol(), error);
  if (!error) listener->acceptor.bind(Protocol::endpoint(path), error);
  // Nobody can connect before listen: there is no moment in which others could.
  if (!error && chmod(path.c_str(), 0600) != 0) error.assign(errno, std::generic_category());
  if (!error) listener->acceptor.listen(Protocol::acceptor::max_listen_connections, error);
  if (error) return Unavailable(fmt::format("{}: cannot listen: {}", path, error.message()));
  listener_ = std::move(listener);
  Accept();
  if (LockFile::IsHeld(options_.lock_path)) WatchHolder();
  return Ok();
}

void WorkerChannel::Accept() {
  listener_->acceptor.async_accept([this](std::error_code error, Protocol::socket socket) {
    if (error == asio::error::operation_aborted) return;  // `this` may be gone
    if (!error) {
      OnConnection(UniqueFd(socket.release(error)));
      return Accept();
    }
    // Out of descriptors, most likely: later.
    spdlog::warn("attempt channel: cannot accept: {}", error.message());
    accept_timer_.Arm(kStartBackoff, [this] { Accept(); });
  });
}

void WorkerChannel::OnConnection(UniqueFd socket) {
  auto slot = std::make_shared<FrameSocket*>(nullptr);
  FrameSocket::Callbacks callbacks;
  callbacks.on_frame = [this, slot](Json message) { OnFrame(*slot, std::move(message)); };
  callbacks.on_closed = [this, slot](const std::string&) { OnClosed(*slot); };
  newcomers_.push_back(std::make_unique<FrameSocket>(io_, std::move(socket), std::move(callbacks)));
  *slot = newcomers_.back().get();
}

void WorkerChannel::OnFrame(FrameSocket* connection, Json message) {
  if (connection == connection_.get()) {
    callbacks_.on_message(std::move(message));
  } else if (message["op"] == "hello") {
    OnHello(connection, message);
  }
}

void WorkerChannel::OnHello(FrameSocket* connection, const Json& message) {
  const auto it = std::find_if(newcomers_.begin(), newcomers_.end(),
                               [&](const auto& socket) { return socket.get() == connection; });
  if (it == newcomers_.end()) return;
  std::unique_ptr<FrameSocket> socket = std::move(*it);
  newcomers_.erase(it);
  if (message.value("protocol", Json()) != kProtocolVersion) {
    spdlog::error(
        "attempt channel: a worker speaks version {} of the protocol instead of {}; end "
        "it, or start the engine in its version",
        DumpJson(message.value("protocol", Json())), kProtocolVersion);
    return;
  }
  // The worker has one connection: a former one is broken, whether we know it or not.
  connection_ = std::move(socket);
  ended_ = false;
  process_ = Process::kAlive;
  leaving_ = false;
  wanted_ = false;
  failures_in_a_row_ = 0;
  worker_pid_ = message.value("pid", 0);
  if (!watch_) WatchHolder();
  callbacks_.on_hello(message);
}

void WorkerChannel::OnClosed(FrameSocket* connection) {
  if (connection == connection_.get()) {
    connection_.reset();
    if (std::exchange(ended_, false)) OnGone();
  } else {
    std::erase_if(newcomers_, [&](const auto& socket) { return socket.get() == connection; });
  }
}

// Waits for the end of a worker that we did not start.
void WorkerChannel::WatchHolder() {
  const std::optional<pid_t> holder = LockFile::Holder(options_.lock_path);
  process_ = Process::kAlive;
  if (holder) {
    auto watch = ChildWatch::ForPid(io_, *holder,
                                    [this](std::optional<int> status) { OnProcessEnd(status); });
    if (watch.ok()) {
      watch_ = std::move(*watch);
      return;
    }
  }
  timer_.Arm(kLockRetry, [this] { OnProcessEnd(std::nullopt); });
}

void WorkerChannel::Want() {
  if (is_connected()) return;
  wanted_ = true;
  // A worker that is alive comes to us; one that leaves is replaced when it is gone.
  if (process_ == Process::kNone) Start();
}

void WorkerChannel::Send(const Json& message) {
  if (connection_) connection_->Send(message);
}

void WorkerChannel::SendExit() {
  Send({{"op", "exit"}});
  leaving_ = true;
}

// The guard, which holds the lock, ends what the worker leaves; it may have been stopped too.
void WorkerChannel::KillWorker() {
  const std::optional<pid_t> guard = LockFile::Holder(options_.lock_path);
  if (worker_pid_ > 1) kill(worker_pid_, SIGKILL);
  if (!guard || *guard <= 1) return;
  if (worker_pid_ == 0) {
    for (const pid_t child : ChildrenOf(*guard)) kill(child, SIGKILL);
  }
  kill(*guard, SIGCONT);
}

void WorkerChannel::Start() {
  process_ = Process::kStarting;
  const Status spawned = Spawn();
  if (spawned.ok()) return;
  failures_in_a_row_ = kStartFailuresMax;  // trying again at once is of no use
  timer_.Arm(Duration(0), [this, reason = spawned.error().message] { OnStartFailure(reason); });
}

Status WorkerChannel::Spawn() {
  SpawnRequest request;
  request.argv = options_.worker_argv;
  UniqueFd log;
  if (!options_.worker_log.empty()) {
    log.reset(open(options_.worker_log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!log) {
      return Unavailable(fmt::format("{}: cannot open: {}", options_.worker_log, strerror(errno)));
    }
    request.fds = {{log.get(), 1}, {log.get(), 2}};
  }
  BEEFLOW_ASSIGN_OR_RETURN(SpawnedProcess process, beeflow::Spawn(request));
  watch_.emplace(io_, process.pid, std::move(process.pidfd), Leftovers::kKeep,
                 [this](std::optional<int> status) { OnProcessEnd(status); });
  return Ok();
}

void WorkerChannel::OnProcessEnd(std::optional<int> wait_status) {
  watch_.reset();
  if (wait_status) last_exit_ = DescribeExit(*wait_status);
  // The worker's other process lives on for a moment, or another worker was faster.
  if (LockFile::IsHeld(options_.lock_path)) return WatchHolder();
  // What it had reported counts: its end of the connection is closed, so OnClosed comes last.
  ended_ = connection_ != nullptr;
  if (!ended_) OnGone();
}

void WorkerChannel::OnGone() {
  const bool failed_to_start = process_ == Process::kStarting;
  process_ = Process::kNone;
  worker_pid_ = 0;
  connection_.reset();
  leaving_ = false;
  if (failed_to_start) return OnStartFailure(fmt::format("it ended with {}", last_exit_));
  callbacks_.on_gone();
  if (wanted_ && process_ == Process::kNone) Start();
}

void WorkerChannel::OnStartFailure(const std::string& reason) {
  process_ = Process::kNone;
  if (++failures_in_a_row_ < kStartFailuresMax) {
    process_ = Process::kBackingOff;
    timer_.Arm(kStartBackoff, [this] { Start(); });
    return;
  }
  failures_in_a_row_ = 0;
  wanted_ = false;
  const std::string where =
      options_.worker_log.empty() ? "" : fmt::format("; see {}", options_.worker_log);
  callbacks_.on_unavailable(fmt::format("the worker ({}) cannot be started: {}{}",
                                        options_.worker_argv[0], reason, where));
}

}  // namespace beeflow
