// The books that every executor with workers keeps: the attempts from Start or Resume until their
// end is acknowledged, and the reports that are not acknowledged yet. A worker numbers its reports;
// each goes to control under a number of our own.
//
// Threads: all on the thread of the loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/clock.h"
#include "ports/executor.h"

namespace beeflow {

struct AttemptCounts {
  int64_t waiting = 0;  // for a worker
  int64_t running = 0;  // or on their way to it
};

class AttemptLedger {
 public:
  // Where an attempt stands.
  enum class Stage {
    kQueued,   // no worker has it
    kSent,     // sent to a worker, which may or may not have got it
    kRunning,  // its process has started
    kEnded,    // its end was reported
  };
  struct Outstanding {
    Attempt attempt;
    Stage stage = Stage::kQueued;
    std::string cancel_reason;  // "": not cancelled
    Time queued_at{};
    std::string worker;  // that has it; "": none, or nobody asks
  };
  // A report of a worker. The number is 0 of one that is our own.
  struct WorkerReport {
    std::string worker;
    uint64_t number = 0;
  };
  enum class Seen { kNever, kKept, kAcknowledged };

  AttemptLedger(Clock& clock, std::function<void(NumberedReport)> on_report);

  // Null where it is known already.
  Outstanding* Add(Attempt attempt, Stage stage);
  // Null where it is not known. Stays valid until its end is acknowledged.
  Outstanding* Find(AttemptId id);
  const std::map<AttemptId, Outstanding>& attempts() const { return attempts_; }
  std::vector<AttemptId> Ids() const;
  std::vector<AttemptId> IdsOf(const std::string& worker) const;

  // Whether the report came before: it is sent again after a reconnection.
  Seen Look(const WorkerReport& from) const;
  // Adds what the report of a known attempt does not hold, keeps it, and hands it on.
  void Deliver(Report report, const WorkerReport& from);
  // The same for one that belongs to no attempt of ours.
  void Pass(Report report, const WorkerReport& from) { Keep(std::move(report), false, from); }
  // An end that no worker reports; of an attempt that has not ended yet.
  void End(AttemptId id, Outcome outcome, const std::string& reason);
  // Returns those of the workers that they stand for.
  std::vector<WorkerReport> Acknowledge(const std::vector<uint64_t>& numbers);
  // Nothing will be heard of the worker again: its reports count as our own.
  void ForgetWorker(const std::string& worker);

  AttemptCounts Count() const;
  bool empty() const { return attempts_.empty() && kept_.empty(); }

 private:
  // A report that is not acknowledged.
  struct Kept {
    AttemptId attempt = 0;
    bool ends_attempt = false;
    WorkerReport from;
  };
  // Of the reports of one worker.
  struct Books {
    std::set<uint64_t> kept;
    // The highest of those that are acknowledged, in order; the worker may not have heard of it.
    std::deque<uint64_t> acknowledged;
  };

  void Keep(Report report, bool ends_attempt, const WorkerReport& from);

  Clock& clock_;
  const std::function<void(NumberedReport)> on_report_;
  std::map<AttemptId, Outstanding> attempts_;
  uint64_t last_number_ = 0;
  std::map<uint64_t, Kept> kept_;
  std::map<std::string, Books> workers_;
};

}  // namespace beeflow
