#include "worker/socket_link.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "worker/host_name.h"

namespace beeflow {
namespace {

constexpr Duration kBackoffMin = std::chrono::milliseconds(10);
constexpr Duration kBackoffMax = std::chrono::milliseconds(500);

}  // namespace

SocketLink::SocketLink(asio::io_context& io, std::string socket_path, Callbacks callbacks)
    : io_(io),
      socket_path_(std::move(socket_path)),
      callbacks_(std::move(callbacks)),
      backoff_(kBackoffMin),
      retry_(io) {
  auto signal = FileChangeSignal::Watch(io, socket_path_, [this] { Hurry(); });
  if (signal.ok()) {
    socket_appears_ = std::move(*signal);
  } else {
    spdlog::warn("worker: {}", signal.error().message);
  }
}

void SocketLink::Connect() {
  if (socket_) return;
  Result<UniqueFd> fd = ConnectUnixSocket(socket_path_);
  if (!fd.ok()) return ConnectLater();
  backoff_ = kBackoffMin;
  retry_.Disarm();
  FrameSocket::Callbacks callbacks;
  callbacks.on_frame = [this](Json message) { OnFrame(std::move(message)); };
  callbacks.on_closed = [this](const std::string&) { OnClosed(); };
  socket_ = std::make_unique<FrameSocket>(io_, std::move(*fd), std::move(callbacks));
  SendHello();
  for (const auto& [number, report] : outbox_.reports()) socket_->Send(report.message);
  callbacks_.on_connected();
}

void SocketLink::SendHello() {
  std::set<std::string> attempts = outbox_.ended();
  for (std::string& id : callbacks_.running_attempts()) attempts.insert(std::move(id));
  socket_->Send({{"op", "hello"},
                 {"protocol", 1},
                 {"worker", HostName() + ":" + std::to_string(getpid())},
                 {"pid", getpid()},
                 {"answers_pings", true},
                 {"limits", callbacks_.limits},
                 {"attempts", attempts}});
}

void SocketLink::ConnectLater() {
  std::error_code failed;
  if (!std::filesystem::exists(std::filesystem::path(socket_path_).parent_path(), failed)) {
    return callbacks_.on_abandoned();
  }
  // Where nothing is needed of control, the appearance of its socket is waited for instead.
  if (backoff_ >= kBackoffMax && socket_appears_ && !callbacks_.is_needed()) return;
  retry_.Arm(backoff_, [this] { Connect(); });
  backoff_ = std::min(2 * backoff_, kBackoffMax);
}

void SocketLink::Hurry() {
  if (socket_) return;
  backoff_ = kBackoffMin;
  ConnectLater();
}

void SocketLink::OnClosed() {
  socket_.reset();
  ConnectLater();
  callbacks_.on_disconnected();
}

void SocketLink::OnFrame(Json message) {
  if (message["op"] != "ack") return callbacks_.on_message(std::move(message));
  outbox_.Acknowledge(message);
  callbacks_.on_acknowledged();
}

void SocketLink::Report(const std::string& attempt_id, Json report, bool ends_attempt) {
  const uint64_t number = outbox_.Add(attempt_id, std::move(report), ends_attempt);
  Send(outbox_.reports().at(number).message);
  if (!socket_ && !retry_.armed()) Hurry();
}

// Control says whether it agrees; where there is none, nobody does not.
bool SocketLink::OnIdle() {
  Send({{"op", "idle"}});
  return !is_connected();
}

void SocketLink::Send(const Json& message) {
  if (socket_) socket_->Send(message);
}

}  // namespace beeflow
