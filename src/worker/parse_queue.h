// Parses DAG files, each in an environment of its own, a few at a time, in order.
//
// An import that takes long makes room for others: it goes on beside them with a lower priority,
// or, where many do so already, is ended and begun again once one of those is done.
//
// Threads: all on the thread of the io_context. No callback comes from within a method.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

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
    // The import is ended, to be begun again: nobody waits for answers to its requests.
    std::function<void(uint64_t id)> on_put_off;
  };

  ParseQueue(asio::io_context& io, EnvironmentPool& pool, int max_parses, Callbacks callbacks);

  // An import that takes longer than `timeout` is an import error.
  void Parse(uint64_t id, const std::string& file, Duration timeout);
  void Clear();
  void Respond(uint64_t id, const Json& response);
  bool empty() const { return waiting_.empty() && put_off_.empty() && running_.empty(); }

 private:
  struct Request {
    uint64_t id;
    std::string file;
    Duration timeout;
  };
  struct Running {
    Running(asio::io_context& io, Request the_request, bool is_slow)
        : request(std::move(the_request)), slow(is_slow), timer(io) {}
    Request request;
    bool slow;
    EnvironmentPool::JobId job = 0;
    pid_t pid = 0;  // once it is forked
    DelayTimer timer;
  };

  void StartWaiting();
  void Start(const Request& request, bool slow);
  void OnStarted(Running* running, pid_t pid);
  void Limit(Running* running, Duration passed);
  void OnSlow(uint64_t id);
  void OnTimeout(uint64_t id);
  void End(uint64_t id, Json result);
  size_t CountSlow() const;

  asio::io_context& io_;
  EnvironmentPool& pool_;
  const size_t max_parses_;
  const Callbacks callbacks_;
  std::deque<Request> waiting_;
  std::deque<Request> put_off_;  // wait for one of the places for slow ones
  std::map<uint64_t, Running> running_;
};

// The result of a file that could not be parsed at all.
Json ImportErrorResult(const std::string& file, const std::string& message, Duration took);

}  // namespace beeflow
