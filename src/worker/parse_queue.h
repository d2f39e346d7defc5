// Parses DAG files, each in an environment of its own, a few at a time, in order.
//
// Threads: all on the thread of the io_context. No callback comes from within a method.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "base/json.h"
#include "os/delay_timer.h"
#include "worker/environment_pool.h"

namespace beeflow {

class ParseQueue {
 public:
  struct Callbacks {
    // A result as in docs/formats/serialized-dag.md, an import error included.
    std::function<void(uint64_t id, Json result)> on_parsed;
    // Of the code that is imported: Variables, Connections.
    std::function<void(uint64_t id, const Json& request)> on_request;
  };

  ParseQueue(asio::io_context& io, EnvironmentPool& pool, int max_parses, Callbacks callbacks);

  // An import that takes longer than `timeout` is an import error.
  void Parse(uint64_t id, const std::string& file, Duration timeout);
  void Clear();
  void Respond(uint64_t id, const Json& response);
  bool empty() const { return waiting_.empty() && running_.empty(); }

 private:
  struct Waiting {
    uint64_t id;
    std::string file;
    Duration timeout;
  };
  struct Running {
    explicit Running(asio::io_context& io) : timer(io) {}
    EnvironmentPool::JobId job = 0;
    std::string file;
    DelayTimer timer;
  };

  void StartWaiting();
  void Start(const Waiting& parse);
  void OnTimeout(uint64_t id, Duration timeout);
  void End(uint64_t id, Json result);

  asio::io_context& io_;
  EnvironmentPool& pool_;
  const size_t max_parses_;
  const Callbacks callbacks_;
  std::deque<Waiting> waiting_;
  std::map<uint64_t, Running> running_;
};

// The result of a file that could not be parsed at all.
Json ImportErrorResult(const std::string& file, const std::string& message, Duration took);

}  // namespace beeflow
