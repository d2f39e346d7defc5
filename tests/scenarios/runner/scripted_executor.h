// An executor that does what a scenario says: it only remembers what it was told, and keeps what it
// knows when the control process restarts, as worker processes do.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ports/executor.h"

namespace beeflow::scenario {

struct KnownAttempt {
  Attempt attempt;
  bool cancelled = false;
  bool over = false;  // its end was reported
};

class ScriptedExecutor : public Executor {
 public:
  void Start(Attempt attempt) override;
  void Resume(Attempt attempt) override;
  void Cancel(AttemptId attempt, const std::string& reason) override;
  void Retain(const std::unordered_set<AttemptId>& known) override;
  void Acknowledge(const std::vector<uint64_t>& reports) override;

  // The latest attempt of a task instance, or the one of that try.
  KnownAttempt* Find(const RunKey& run, const std::string& task_id, int map_index,
                     std::optional<int> try_number);
  // In the order in which they were started.
  std::vector<KnownAttempt>& attempts() { return attempts_; }

  // What happened since the last call.
  std::vector<Attempt> TakeStarted() { return std::exchange(started_, {}); }
  std::vector<Attempt> TakeCancelled() { return std::exchange(cancelled_, {}); }
  // Attempts that the database claims to run and that were never started here.
  std::vector<Attempt> TakeUnknown() { return std::exchange(unknown_, {}); }

  // Numbers a report; it counts as kept until it is acknowledged.
  NumberedReport Number(Report report) { return {++last_number_, std::move(report)}; }
  bool all_acknowledged() const { return acknowledged_ == last_number_; }

 private:
  std::vector<KnownAttempt> attempts_;
  std::vector<Attempt> started_;
  std::vector<Attempt> cancelled_;
  std::vector<Attempt> unknown_;
  uint64_t last_number_ = 0;
  uint64_t acknowledged_ = 0;
};

// The identity of an attempt in a report about it.
Report ReportOf(const Attempt& attempt, Outcome outcome);

}  // namespace beeflow::scenario
