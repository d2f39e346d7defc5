#include "nats/nats_connection.h"

#include <fmt/format.h>
#include <nats/nats.h>
#include <spdlog/spdlog.h>

#include <asio/post.hpp>
#include <climits>
#include <cstdint>
#include <mutex>

#include "nats/nats_frame.h"

namespace beeflow {
namespace {

constexpr int64_t kReconnectWaitMs = 100;
constexpr int64_t kReconnectJitterMs = 100;
// A server that answers no ping until the next one is due hangs, or cannot be reached: another one
// is tried.
constexpr int64_t kPingIntervalMs = 2'000;
constexpr int kPingsOut = 1;
constexpr int64_t kFlushMs = 1'000;
constexpr int kPendingMax = 1 << 20;  // messages that wait for the loop
constexpr const char* kStatusHeader = "Status";

std::string TextOf(const char* text) { return text ? text : ""; }

std::string HeaderOf(natsMsg* message, const char* name) {
  const char* value = nullptr;
  return natsMsgHeader_Get(message, name, &value) == NATS_OK ? TextOf(value) : "";
}

struct OptionsDeleter {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};
using OwnedOptions = std::unique_ptr<natsOptions, OptionsDeleter>;

}  // namespace

// Kept by the connection, and by libnats until its last callback: each closure is a reference.
struct NatsConnection::State {
  using Event = std::function<void(State&)>;

  State(asio::io_context& the_io, Callbacks the_callbacks)
      : io(the_io), callbacks(std::move(the_callbacks)) {}

  // Hands over to the loop; from any thread.
  void Post(Event event) {
    const std::lock_guard lock(mutex);
    if (!is_open) return;
    events.push_back(std::move(event));
    if (events.size() > 1) return;  // it is posted, and nobody has taken it yet
    asio::post(io, [state = self.lock()] { state->Deliver(); });
  }

  void Deliver() {
    std::vector<Event> taken;
    {
      const std::lock_guard lock(mutex);
      taken.swap(events);
    }
    for (const Event& event : taken) {
      if (!is_open) return;  // ended by a callback
      event(*this);
    }
  }

  void OnConnected() {
    is_connected = true;
    callbacks.on_connected();
  }

  void OnDisconnected() {
    if (std::exchange(is_connected, false)) callbacks.on_disconnected();
  }

  asio::io_context& io;
  const Callbacks callbacks;
  std::weak_ptr<State> self;
  std::mutex mutex;
  bool is_open = true;  // changed on the loop's thread, under the mutex
  std::vector<Event> events;
  bool is_connected = false;
  natsConnection* connection = nullptr;
  std::vector<natsSubscription*> subscriptions;
};

namespace {

using SharedState = std::shared_ptr<NatsConnection::State>;

NatsConnection::State& StateOf(void* closure) { return **static_cast<SharedState*>(closure); }

void ForgetState(void* closure) { delete static_cast<SharedState*>(closure); }

Status Check(natsStatus status, const std::string& what) {
  if (status == NATS_OK) return Ok();
  const char* detail = nats_GetLastError(nullptr);
  return Invalid(fmt::format("NATS: {}: {}{}{}", what, natsStatus_GetText(status),
                             detail && *detail ? ": " : "", TextOf(detail)));
}

std::vector<std::string> SplitUrls(const std::string& urls) {
  std::vector<std::string> list;
  for (size_t begin = 0; begin < urls.size();) {
    const size_t end = std::min(urls.find(',', begin), urls.size());
    std::string url = urls.substr(begin, end - begin);
    std::erase(url, ' ');
    if (!url.empty()) list.push_back(std::move(url));
    begin = end + 1;
  }
  return list;
}

Status SetServers(natsOptions* out, const NatsOptions& options) {
  const std::vector<std::string> urls = SplitUrls(options.urls);
  if (urls.empty()) return Invalid("NATS: no URL of a server is given");
  std::vector<const char*> servers;
  servers.reserve(urls.size());
  for (const std::string& url : urls) servers.push_back(url.c_str());
  return Check(natsOptions_SetServers(out, servers.data(), static_cast<int>(servers.size())),
               options.urls);
}

Status SetCredentials(natsOptions* out, const NatsOptions& options) {
  if (!options.user.empty()) {
    BEEFLOW_RETURN_IF_ERROR(
        Check(natsOptions_SetUserInfo(out, options.user.c_str(), options.password.c_str()),
              "the user's name and password"));
  }
  if (!options.credentials_file.empty()) {
    BEEFLOW_RETURN_IF_ERROR(Check(
        natsOptions_SetUserCredentialsFromFiles(out, options.credentials_file.c_str(), nullptr),
        options.credentials_file));
  }
  if (options.nkey.empty()) return Ok();
  return Check(
      natsOptions_SetNKeyFromSeed(out, options.nkey.c_str(), options.nkey_seed_file.c_str()),
      options.nkey_seed_file);
}

// "" of several.
std::string HostOf(const std::vector<std::string>& urls) {
  std::string host;
  for (const std::string& url : urls) {
    const size_t scheme = url.find("://");
    const size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
    const std::string one =
        url.substr(begin, url.rfind(':') > begin ? url.rfind(':') - begin : std::string::npos);
    if (!host.empty() && one != host) return "";
    host = one;
  }
  return host;
}

Status SetTls(natsOptions* out, const NatsOptions& options) {
  const bool is_demanded = options.urls.find("tls://") != std::string::npos;
  if (!is_demanded && options.ca_file.empty() && options.certificate_file.empty()) return Ok();
  BEEFLOW_RETURN_IF_ERROR(Check(natsOptions_SetSecure(out, true), "TLS"));
  const std::string name =
      options.server_name.empty() ? HostOf(SplitUrls(options.urls)) : options.server_name;
  if (name.empty()) {
    return Invalid("NATS: set [nats] server_name to the name that the servers' certificates have");
  }
  BEEFLOW_RETURN_IF_ERROR(Check(natsOptions_SetExpectedHostname(out, name.c_str()), name));
  if (!options.ca_file.empty()) {
    BEEFLOW_RETURN_IF_ERROR(Check(
        natsOptions_LoadCATrustedCertificates(out, options.ca_file.c_str()), options.ca_file));
  }
  if (options.certificate_file.empty()) return Ok();
  return Check(natsOptions_LoadCertificatesChain(out, options.certificate_file.c_str(),
                                                 options.key_file.c_str()),
               options.certificate_file);
}

Status SetBehaviour(natsOptions* out, const NatsOptions& options) {
  for (const natsStatus status : {
           natsOptions_SetName(out, options.name.c_str()),
           natsOptions_SetMaxReconnect(out, INT_MAX),
           natsOptions_SetReconnectWait(out, kReconnectWaitMs),
           natsOptions_SetReconnectJitter(out, kReconnectJitterMs, kReconnectJitterMs),
           natsOptions_SetPingInterval(out, kPingIntervalMs),
           natsOptions_SetMaxPingsOut(out, kPingsOut),
           natsOptions_SetMaxPendingMsgs(out, kPendingMax),
           natsOptions_SetSendAsap(out, true),
           // One thread for all subscriptions: their messages stay in order.
           natsOptions_UseGlobalMessageDelivery(out, true),
       }) {
    BEEFLOW_RETURN_IF_ERROR(Check(status, "options"));
  }
  return Ok();
}

std::string LastErrorOf(natsConnection* connection) {
  const char* text = nullptr;
  const natsStatus status = natsConnection_GetLastError(connection, &text);
  std::string detail = TextOf(text);
  if (!detail.empty()) return detail;
  return status == NATS_OK ? "no server answers" : natsStatus_GetText(status);
}

void OnMessage(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
  const auto received = std::make_shared<NatsMessage>(NatsMessage{
      TextOf(natsMsg_GetSubject(message)), TextOf(natsMsg_GetReply(message)),
      HeaderOf(message, kStatusHeader), HeaderOf(message, kPieceHeader),
      std::string(natsMsg_GetData(message), static_cast<size_t>(natsMsg_GetDataLength(message)))});
  natsMsg_Destroy(message);
  StateOf(closure).Post([received](NatsConnection::State& state) {
    state.callbacks.on_message(std::move(*received));
  });
}

void OnConnected(natsConnection*, void* closure) {
  StateOf(closure).Post([](NatsConnection::State& state) { state.OnConnected(); });
}

void OnDisconnected(natsConnection*, void* closure) {
  StateOf(closure).Post([](NatsConnection::State& state) { state.OnDisconnected(); });
}

void OnError(natsConnection*, natsSubscription*, natsStatus status, void*) {
  const char* detail = nats_GetLastError(nullptr);
  spdlog::warn("NATS: {}{}{}", natsStatus_GetText(status), detail && *detail ? ": " : "",
               TextOf(detail));
}

// Also where the server has refused us twice: libnats does not try again then.
void OnClosed(natsConnection*, void* closure) {
  StateOf(closure).Post([](const NatsConnection::State& state) {
    spdlog::error("NATS: the connection is closed for good: {}; mend that, and start again",
                  LastErrorOf(state.connection));
  });
  ForgetState(closure);
}

// The handler of the end is the last that is called, so the reference is given up there. After a
// failure it may be called or not, and the reference is left alone.
Status Connect(const SharedState& state, natsOptions* out, const NatsOptions& options) {
  auto* const closure = new SharedState(state);
  natsOptions_SetRetryOnFailedConnect(out, true, OnConnected, closure);
  natsOptions_SetReconnectedCB(out, OnConnected, closure);
  natsOptions_SetDisconnectedCB(out, OnDisconnected, closure);
  natsOptions_SetErrorHandler(out, OnError, closure);
  natsOptions_SetClosedCB(out, OnClosed, closure);
  const natsStatus status = natsConnection_Connect(&state->connection, out);
  if (status != NATS_OK && status != NATS_NOT_YET_CONNECTED) return Check(status, options.urls);
  // Otherwise the first connection is told by the handler.
  if (status == NATS_OK) state->Post([](NatsConnection::State& now) { now.OnConnected(); });
  return Ok();
}

Status Subscribe(const SharedState& state, const std::string& urls, const std::string& subject) {
  auto* const closure = new SharedState(state);
  natsSubscription* subscription = nullptr;
  Status subscribed = Check(natsConnection_Subscribe(&subscription, state->connection,
                                                     subject.c_str(), OnMessage, closure),
                            subject);
  if (!subscribed.ok()) {
    ForgetState(closure);
    // A server that refuses us has closed it already.
    if (!natsConnection_IsClosed(state->connection)) return subscribed;
    return Unavailable(fmt::format("NATS: {} refuses us: {}; its log tells why", urls,
                                   LastErrorOf(state->connection)));
  }
  natsSubscription_SetPendingLimits(subscription, INT_MAX, INT_MAX);
  natsSubscription_SetOnCompleteCB(subscription, ForgetState, closure);
  state->subscriptions.push_back(subscription);
  return Ok();
}

}  // namespace

Result<std::unique_ptr<NatsConnection>> NatsConnection::Open(
    asio::io_context& io, const NatsOptions& options, const std::vector<std::string>& subjects,
    Callbacks callbacks) {
  natsOptions* made = nullptr;
  BEEFLOW_RETURN_IF_ERROR(Check(natsOptions_Create(&made), "options"));
  const OwnedOptions out(made);
  BEEFLOW_RETURN_IF_ERROR(SetServers(out.get(), options));
  BEEFLOW_RETURN_IF_ERROR(SetCredentials(out.get(), options));
  BEEFLOW_RETURN_IF_ERROR(SetTls(out.get(), options));
  BEEFLOW_RETURN_IF_ERROR(SetBehaviour(out.get(), options));
  const auto state = std::make_shared<State>(io, std::move(callbacks));
  state->self = state;
  BEEFLOW_RETURN_IF_ERROR(Connect(state, out.get(), options));
  std::unique_ptr<NatsConnection> result(new NatsConnection(state));
  for (const std::string& subject : subjects) {
    BEEFLOW_RETURN_IF_ERROR(Subscribe(state, options.urls, subject));
  }
  return result;
}

NatsConnection::~NatsConnection() {
  if (is_connected()) natsConnection_FlushTimeout(state_->connection, kFlushMs);
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_open = false;
    state_->events.clear();
  }
  for (natsSubscription* subscription : state_->subscriptions) {
    natsSubscription_Destroy(subscription);
  }
  natsConnection_Destroy(state_->connection);
}

bool NatsConnection::is_connected() const { return state_->is_connected; }

std::string NatsConnection::LastError() const { return LastErrorOf(state_->connection); }

size_t NatsConnection::payload_bytes_max() const {
  return static_cast<size_t>(natsConnection_GetMaxPayload(state_->connection));
}

void NatsConnection::Publish(const std::string& subject, const std::string& data,
                             const std::string& reply, const NatsHeaders& headers) {
  // What libnats would keep until it is connected again may be wrong by then.
  const bool may_send = state_->is_connected &&
                        natsConnection_Status(state_->connection) == NATS_CONN_STATUS_CONNECTED;
  if (!may_send) return;
  natsMsg* message = nullptr;
  const char* const reply_to = reply.empty() ? nullptr : reply.c_str();
  natsStatus status = natsMsg_Create(&message, subject.c_str(), reply_to, data.data(),
                                     static_cast<int>(data.size()));
  for (const auto& [name, value] : headers) {
    if (status == NATS_OK) status = natsMsgHeader_Set(message, name.c_str(), value.c_str());
  }
  if (status == NATS_OK) status = natsConnection_PublishMsg(state_->connection, message);
  natsMsg_Destroy(message);
  if (status != NATS_OK) spdlog::warn("NATS: {}: {}", subject, natsStatus_GetText(status));
}

}  // namespace beeflow
