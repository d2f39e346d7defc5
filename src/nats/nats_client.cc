#include "nats/nats_client.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace beeflow {
namespace {

// Headers and subjects have to fit besides.
constexpr size_t kHeaderBytes = 4096;
constexpr Duration kLook = std::chrono::seconds(1);
constexpr int kLooks = 5;
// An idle client asks anew that often.
constexpr Duration kPullExpires = std::chrono::seconds(30);
// A consumer of which nothing was heard yet, since no server of the cluster leads it perhaps, gets
// short pulls: NATS drops them without a word then.
constexpr Duration kFirstPullExpires = std::chrono::seconds(1);
// A server that has died does not tell that a pull has ended, and its successor may know of none.
constexpr Duration kPullSlack = std::chrono::seconds(2);
constexpr Duration kConnectLimit = std::chrono::seconds(2);
constexpr std::string_view kReply = ".reply.";
constexpr std::string_view kPull = ".pull.";

// The number behind `prefix`; 0 where it is another subject.
uint64_t NumberOf(std::string_view subject, std::string_view own, std::string_view kind) {
  if (!subject.starts_with(own)) return 0;
  subject.remove_prefix(own.size());
  if (!subject.starts_with(kind)) return 0;
  subject.remove_prefix(kind.size());
  uint64_t number = 0;
  const auto read = std::from_chars(subject.data(), subject.data() + subject.size(), number);
  return read.ec == std::errc() ? number : 0;
}

// "$JS.ACK.<stream>.<consumer>...", or, of later servers, with domain and account before these.
std::string ConsumerOf(const std::string& reply) {
  std::vector<std::string> tokens;
  for (size_t begin = 0; begin <= reply.size();) {
    const size_t end = std::min(reply.find('.', begin), reply.size());
    tokens.push_back(reply.substr(begin, end - begin));
    begin = end + 1;
  }
  constexpr size_t kShort = 9;
  const size_t place = tokens.size() > kShort ? 5 : 3;
  return place < tokens.size() ? tokens[place] : "";
}

}  // namespace

NatsClient::NatsClient(asio::io_context& io, std::string urls, std::string own_subject,
                       Callbacks callbacks)
    : io_(io),
      own_subject_(std::move(own_subject)),
      callbacks_(std::move(callbacks)),
      look_(io),
      urls_(std::move(urls)),
      connect_limit_(io) {}

Result<std::unique_ptr<NatsClient>> NatsClient::Open(asio::io_context& io,
                                                     const NatsOptions& options,
                                                     std::string own_subject,
                                                     const std::vector<std::string>& frame_subjects,
                                                     Callbacks callbacks) {
  std::unique_ptr<NatsClient> client(
      new NatsClient(io, options.urls, std::move(own_subject), std::move(callbacks)));
  std::vector<std::string> subjects = frame_subjects;
  subjects.push_back(client->own_subject_ + ".>");
  NatsConnection::Callbacks of_connection;
  of_connection.on_connected = [raw = client.get()] { raw->callbacks_.on_connected(); };
  of_connection.on_disconnected = [raw = client.get()] { raw->OnDisconnected(); };
  of_connection.on_message = [raw = client.get()](NatsMessage message) {
    raw->OnMessage(std::move(message));
  };
  BEEFLOW_ASSIGN_OR_RETURN(client->connection_,
                           NatsConnection::Open(io, options, subjects, std::move(of_connection)));
  client->TellIfNotConnected();
  return client;
}

size_t NatsClient::PieceBytes() const {
  const size_t bytes = connection_->payload_bytes_max();
  return bytes > 2 * kHeaderBytes ? bytes - kHeaderBytes : kHeaderBytes;
}

void NatsClient::SendFrame(const std::string& subject, const Json& message, std::string_view body) {
  if (!is_connected()) return;
  const std::string data = WriteNatsFrame(message, body);
  const size_t piece_bytes = PieceBytes();
  const size_t count = CountPieces(data.size(), piece_bytes);
  if (count == 1) return connection_->Publish(subject, data);
  const uint64_t number = ++last_number_;
  for (size_t i = 0; i < count; ++i) {
    connection_->Publish(subject, data.substr(i * piece_bytes, piece_bytes), "",
                         {{kPieceHeader, fmt::format("{}/{}/{}", number, i, count)}});
  }
}

void NatsClient::Request(const std::string& subject, const std::string& data, Done done,
                         const NatsHeaders& headers) {
  const uint64_t number = ++last_number_;
  requests_[number] = {std::move(done), kLooks};
  connection_->Publish(subject, data, fmt::format("{}{}{}", own_subject_, kReply, number), headers);
  if (!look_.armed()) look_.Arm(kLook, [this] { GiveUpOld(); });
}

void NatsClient::JetStream(const std::string& call, const Json& request, Done done) {
  Request("$JS.API." + call, request.is_null() ? "" : DumpJson(request),
          [call, done = std::move(done)](const Result<Json>& answer) {
            if (!answer.ok()) return done(answer);
            const auto error = answer->find("error");
            if (error == answer->end()) return done(answer);
            const std::string text = error->is_object() ? error->value("description", "") : "";
            done(Result<Json>(Unavailable(fmt::format("JetStream: {}: {}", call, text))));
          });
}

void NatsClient::GiveUpOld() {
  std::vector<Done> given_up;
  for (auto it = requests_.begin(); it != requests_.end();) {
    if (--it->second.looks_left > 0) {
      ++it;
      continue;
    }
    given_up.push_back(std::move(it->second.done));
    it = requests_.erase(it);
  }
  if (!requests_.empty()) look_.Arm(kLook, [this] { GiveUpOld(); });
  for (const Done& done : given_up) done(Unavailable("NATS: the server has not answered in time"));
}

// libnats goes on trying, and says nothing.
void NatsClient::TellIfNotConnected() {
  connect_limit_.Arm(kConnectLimit, [this] {
    if (is_connected()) return;
    spdlog::warn("NATS: {} cannot be reached, or refuses us: {}; it is tried again and again",
                 urls_, connection_->LastError());
  });
}

void NatsClient::OnDisconnected() {
  TellIfNotConnected();
  ForgetPulls();
  for (const auto& [number, pending] : std::exchange(requests_, {})) {
    pending.done(Unavailable("NATS: the connection was lost"));
  }
  callbacks_.on_disconnected();
}

void NatsClient::OnMessage(NatsMessage message) {
  if (const uint64_t number = NumberOf(message.subject, own_subject_, kReply)) {
    return OnReply(number, message);
  }
  if (const uint64_t number = NumberOf(message.subject, own_subject_, kPull)) {
    return OnPullStatus(number, message.status);
  }
  if (message.reply.starts_with("$JS.ACK.")) return OnPulled(std::move(message));
  if (!message.piece.empty()) {
    auto whole = assembler_.Add(message.subject, message.piece, std::move(message.data));
    if (!whole) return;
    message.data = std::move(*whole);
  }
  auto frame = ReadNatsFrame(message.data);
  if (!frame) return spdlog::warn("NATS: {}: a message cannot be read", message.subject);
  callbacks_.on_frame(message.subject, std::move(*frame));
}

void NatsClient::OnReply(uint64_t number, const NatsMessage& message) {
  const auto it = requests_.find(number);
  if (it == requests_.end()) return;
  const Done done = std::move(it->second.done);
  requests_.erase(it);
  if (!message.status.empty()) {
    return done(Unavailable(message.status == "503"
                                ? "NATS: nobody answers; is JetStream enabled, and may we use it?"
                                : "NATS: the server answered with status " + message.status));
  }
  done(ParseJson(message.data));
}

void NatsClient::Pull(const std::string& stream, const std::string& consumer, int batch) {
  const uint64_t number = ++last_number_;
  const Duration expires = heard_of_.contains(consumer) ? kPullExpires : kFirstPullExpires;
  PullState& pull = pulls_[number] = {consumer, batch, std::make_unique<DelayTimer>(io_)};
  pull.limit->Arm(expires + kPullSlack, [this, number, consumer] {
    heard_of_.erase(consumer);
    EndPull(number, kPullTimedOut);
  });
  const Json request = {
      {"batch", batch},
      {"expires", std::chrono::duration_cast<std::chrono::nanoseconds>(expires).count()}};
  connection_->Publish(fmt::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}", stream, consumer),
                       DumpJson(request), fmt::format("{}{}{}", own_subject_, kPull, number));
}

int NatsClient::Awaited(const std::string& consumer) const {
  int awaited = 0;
  for (const auto& [number, pull] : pulls_) {
    if (pull.consumer == consumer) awaited += pull.missing;
  }
  return awaited;
}

// The server serves the oldest pull of a consumer first.
void NatsClient::OnPulled(NatsMessage message) {
  const std::string consumer = ConsumerOf(message.reply);
  heard_of_.insert(consumer);
  const auto pull = std::find_if(pulls_.begin(), pulls_.end(), [&](const auto& entry) {
    return entry.second.consumer == consumer;
  });
  if (pull != pulls_.end() && --pull->second.missing == 0) pulls_.erase(pull);
  callbacks_.on_pulled(std::move(message));
}

void NatsClient::OnPullStatus(uint64_t number, const std::string& status) {
  if (status.starts_with("1")) return;  // it only says that the server is there
  const auto it = pulls_.find(number);
  if (it != pulls_.end() && status == kPullTimedOut) heard_of_.insert(it->second.consumer);
  EndPull(number, status);
}

void NatsClient::EndPull(uint64_t number, const std::string& status) {
  const auto it = pulls_.find(number);
  if (it == pulls_.end()) return;
  const std::string consumer = it->second.consumer;
  pulls_.erase(it);
  callbacks_.on_pull_ended(consumer, status);
}

}  // namespace beeflow
