// The triggers of deferred task instances, all in one Python process that runs them in one asyncio
// loop (docs/formats/environment-protocol.md). It is started for the first trigger and ends with
// the last one.
//
// Threads: all on the thread of the io_context; no callback comes from within a method.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "worker/environment_pool.h"

namespace beeflow {

class TriggerProcess {
 public:
  struct Callbacks {
    // A `fired` or `trigger_failed` frame; the trigger is forgotten.
    std::function<void(const std::string& attempt_id, const Json& frame)> on_end;
    std::function<void(const std::string& attempt_id, const Json& request)> on_request;
    // Whole lines that a trigger has logged; `log` is what it was started with.
    std::function<void(const std::string& log, const Json& frame)> on_log;
  };

  TriggerProcess(asio::io_context& io, EnvironmentPool& pool, Callbacks callbacks);

  // Runs the trigger (`classpath`, `kwargs`) of an attempt that is not known. `folder` is where the
  // author's own modules are found; `log` names the log of the attempt to the owner.
  void Start(const std::string& attempt_id, const Json& trigger, const std::string& folder,
             const std::string& log);
  // Unknown ids are ignored.
  void Stop(const std::string& attempt_id);
  void Respond(const Json& response);

  bool Knows(const std::string& attempt_id) const { return triggers_.contains(attempt_id); }
  bool empty() const { return triggers_.empty(); }
  std::vector<std::string> Ids() const;

 private:
  struct Known {
    Json frame;  // starts it
    std::string log;
  };

  void Begin();
  void Send(const Json& frame);
  void OnFrame(const Json& frame);
  void OnLost(const std::string& reason);
  void End(const std::string& attempt_id, const Json& frame);
  void EndIfUnused();

  asio::io_context& io_;
  EnvironmentPool& pool_;
  const Callbacks callbacks_;
  std::map<std::string, Known> triggers_;  // by attempt id
  EnvironmentPool::JobId job_ = 0;         // 0: there is no process
  int losses_in_a_row_ = 0;
};

}  // namespace beeflow
