// The streams and consumers in JetStream that the attempt channel needs, made by control: again
// whenever the server may have lost them, and adapted where their settings have changed.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "nats/nats_client.h"

namespace beeflow {

class JetStreams {
 public:
  using Done = std::function<void(const Status& made)>;

  // `client` outlives this. `replicas`: of each stream in a cluster.
  JetStreams(NatsClient& client, int replicas) : client_(client), replicas_(replicas) {}

  // The streams, and the consumer of reports.
  void Make(const Done& done);
  // The consumer of a queue, once.
  void MakeQueue(const std::string& queue, Done done);
  // The server may have lost all of it.
  void Forget() { queues_.clear(); }
  bool HasQueue(const std::string& queue) const;
  // Tells a stream from one of the same name that the server had before; "" until it is made.
  std::string Identity(const std::string& stream) const;

 private:
  struct Queue {
    bool is_made = false;
    std::vector<Done> waiting;
  };

  void MakeStream(const std::string& name, const std::string& subjects, const Done& done);
  void MakeConsumer(const std::string& stream, const Json& consumer, Done done);

  NatsClient& client_;
  const int replicas_;
  std::map<std::string, Queue> queues_;
  std::map<std::string, std::string> identities_;
};

}  // namespace beeflow
