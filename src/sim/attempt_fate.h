// What becomes of a simulated attempt, drawn from a seed, and the truth about every attempt for the
// checkers: what was started, and what was reported of it.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "scheduler/attempt.h"
#include "scheduler/report.h"

namespace beeflow {

// Chances in thousandths.
struct FateOptions {
  int failed = 150;
  int failed_without_retry = 20;
  int skipped = 40;
  int lost = 20;      // ends without a report, some before they began
  int branches = 50;  // of the successes: skip some downstream tasks
  int deferred = 0;
  int rescheduled = 0;
  int nothing = 0;         // of the successes: return no value
  int slow = 20;           // take a hundred times as long
  int lost_then_ends = 5;  // reported as lost, and then its true end comes in
  Duration duration_max = Seconds(60);
};

// What is true of an attempt.
struct Execution {
  Attempt attempt;
  int worker = 0;
  bool began = false;
  bool alive = true;
  bool cancelled = false;
  Time begin{};
  std::vector<Outcome> ends;  // all that were reported; more than one where it was taken as lost
  std::vector<std::string> skip_tasks;
};
using Executions = std::map<AttemptId, Execution>;

struct Fate {
  Duration start_delay{};
  Duration duration{};
  Outcome outcome = Outcome::kSuccess;
  bool begins = true;
  bool ends_after_loss = false;
};

// The attempt is that of a trigger.
bool IsTrigger(const Attempt& attempt);

class FateTeller {
 public:
  FateTeller(uint64_t seed, const FateOptions& options) : options_(options), random_(seed) {}

  Fate Draw(const Attempt& attempt);
  // What an attempt that succeeds asks to be skipped.
  std::vector<std::string> DrawSkips(const Attempt& attempt);
  // `now` is the time of the worker's host.
  Report MakeReport(const Execution& execution, Outcome outcome, const std::string& hostname,
                    const std::string& reason, Time now);

  Duration UpTo(Duration max);
  bool Chance(int thousandths) { return random_.Below(1000) < static_cast<uint64_t>(thousandths); }
  uint64_t Below(uint64_t bound) { return random_.Below(bound); }
  bool OneIn(uint64_t denominator) { return random_.OneIn(denominator); }
  // From now on no attempt is lost or slow.
  void StopFaults() { options_.lost = options_.lost_then_ends = options_.slow = 0; }

 private:
  Fate DrawOfTask();
  void AddDetails(const Execution& execution, Time now, Report* report);

  FateOptions options_;
  Random random_;
};

}  // namespace beeflow
