// What control and workers do over a connection to NATS: frames to each other, requests to the
// server, and messages pulled from JetStream. Replies come to subjects below the client's own.
//
// Threads: all on the thread of the io_context. No callback comes from within a method.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "nats/nats_connection.h"
#include "nats/nats_frame.h"
#include "os/delay_timer.h"

namespace beeflow {

// The status of a pull that ends since nothing has come.
inline constexpr const char* kPullTimedOut = "408";

class NatsClient {
 public:
  struct Callbacks {
    std::function<void()> on_connected;  // also again
    std::function<void()> on_disconnected;
    std::function<void(const std::string& subject, NatsFrame frame)> on_frame;
    // A message of a stream: `reply` is where it is acknowledged.
    std::function<void(NatsMessage message)> on_pulled;
    // Nothing more will come of a pull, `missing` messages of it did not; `status` says why.
    std::function<void(const std::string& consumer, const std::string& status)> on_pull_ended;
  };
  using Done = std::function<void(const Result<Json>& answer)>;

  // Replies are sent below `own_subject`; frames come to `frame_subjects`.
  static Result<std::unique_ptr<NatsClient>> Open(asio::io_context& io, const NatsOptions& options,
                                                  std::string own_subject,
                                                  const std::vector<std::string>& frame_subjects,
                                                  Callbacks callbacks);

  bool is_connected() const { return connection_->is_connected(); }

  void SendFrame(const std::string& subject, const Json& message, std::string_view body = "");
  // Whether it goes as one message.
  bool Fits(const std::string& data) const { return data.size() <= PieceBytes(); }
  // To the server; the answer is JSON. Fails where it does not come in time.
  void Request(const std::string& subject, const std::string& data, Done done,
               const NatsHeaders& headers = {});
  // The same, and an answer with an error is a failure.
  void JetStream(const std::string& call, const Json& request, Done done);

  // Asks a consumer for messages, for a while.
  void Pull(const std::string& stream, const std::string& consumer, int batch);
  // How many messages that were asked of the consumer have not come yet.
  int Awaited(const std::string& consumer) const;
  void ForgetPulls() {
    pulls_.clear();
    heard_of_.clear();
  }

  // The answers to a message of a stream.
  void Ack(const std::string& reply) { Publish(reply, "+ACK"); }
  void Nak(const std::string& reply) { Publish(reply, "-NAK"); }
  void InProgress(const std::string& reply) { Publish(reply, "+WPI"); }

 private:
  struct Pending {
    Done done;
    int looks_left = 0;  // until it is given up
  };
  struct PullState {
    std::string consumer;
    int missing = 0;
    std::unique_ptr<DelayTimer> limit;
  };

  NatsClient(asio::io_context& io, std::string urls, std::string own_subject, Callbacks callbacks);
  size_t PieceBytes() const;
  void Publish(const std::string& subject, const std::string& data) {
    connection_->Publish(subject, data);
  }
  void OnMessage(NatsMessage message);
  void OnReply(uint64_t number, const NatsMessage& message);
  void OnPullStatus(uint64_t number, const std::string& status);
  void EndPull(uint64_t number, const std::string& status);
  void OnPulled(NatsMessage message);
  void OnDisconnected();
  void GiveUpOld();
  void TellIfNotConnected();

  asio::io_context& io_;
  const std::string own_subject_;
  const Callbacks callbacks_;
  PieceAssembler assembler_;
  uint64_t last_number_ = 0;
  std::map<uint64_t, Pending> requests_;
  std::map<uint64_t, PullState> pulls_;  // oldest first
  std::set<std::string> heard_of_;       // consumers that have answered to a pull
  DelayTimer look_;                      // at requests that wait for answers
  const std::string urls_;
  DelayTimer connect_limit_;
  std::unique_ptr<NatsConnection> connection_;
};

}  // namespace beeflow
