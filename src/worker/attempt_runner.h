// All attempts of a worker: those that run, and those that wait: because too many run, because the
// machine is short of memory (one runs all the same), or because an older attempt of their task
// instance is still being ended.
//
// Threads: all on the thread of the io_context. No callback comes from within a method.
#pragma once

#include <sys/types.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/json.h"
#include "os/delay_timer.h"
#include "worker/running_attempt.h"

namespace beeflow {

class AttemptRunner {
 public:
  struct Callbacks {
    std::function<void(const AttemptSpec&, Time start, pid_t)> on_running;
    std::function<void(const AttemptSpec&, Time start, const AttemptEnd&)> on_end;
    std::function<void(const std::string& attempt_id, Json request)> on_request;
  };

  AttemptRunner(AttemptContext& context, Callbacks callbacks);

  // The attempt must not be known. An older attempt of its task instance is stopped, and it begins
  // once that has ended: the stop that control had decided may have been lost.
  void Start(AttemptSpec spec, Json attempt);
  // Unknown ids are ignored.
  void Stop(const std::string& attempt_id, const std::string& reason);
  void StopAll(const std::string& reason);
  void KillAll();
  void Respond(const std::string& attempt_id, const Json& response);

  bool Knows(const std::string& attempt_id) const { return attempts_.contains(attempt_id); }
  size_t size() const { return attempts_.size(); }
  // Whether the next start is only a turn of the loop away.
  bool is_starting() const { return start_scheduled_; }
  std::vector<std::string> Ids() const;
  void ForEachRunning(const std::function<void(const RunningAttempt&)>& visit) const;

 private:
  using Instance = std::tuple<std::string, std::string, std::string, int>;

  static Instance InstanceOf(const AttemptSpec& spec);
  // The attempts of one queue.
  struct Line {
    std::deque<std::pair<uint64_t, std::string>> waiting;  // number and id, in the order of starts
    int running = 0;
    int64_t max = 0;  // 0: no limit of its own
  };

  void Enqueue(const std::string& id);
  Line* NextLine();
  bool HasMemory();
  void StartWaiting();
  void ScheduleStart();
  void OnEnd(const std::string& attempt_id, const AttemptEnd& end);

  AttemptContext& context_;
  const Callbacks callbacks_;
  std::map<std::string, std::unique_ptr<RunningAttempt>> attempts_;  // waiting ones too
  std::map<std::string, Line> lines_;                                // of each queue
  uint64_t last_number_ = 0;
  std::map<Instance, std::deque<std::string>> instances_;  // attempts of each, oldest first
  int running_ = 0;
  bool start_scheduled_ = false;
  bool is_short_of_memory_ = false;
  Time memory_looked_at_{};
  DelayTimer look_again_;  // while memory is short
};

}  // namespace beeflow
