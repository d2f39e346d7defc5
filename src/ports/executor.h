// What carries out attempts. Implementations: executor/ (worker processes), sim/ (simulated ones).
//
// Threads: called on the thread of the control loop, after the commit that decided it; calls back
// on the same thread, never from within Start, Resume or Cancel.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "scheduler/attempt.h"
#include "scheduler/report.h"

namespace beeflow {

// A report, and the number by which its executor wants it acknowledged.
struct NumberedReport {
  uint64_t number = 0;
  Report report;
};

class Executor {
 public:
  virtual ~Executor() = default;

  // Starts an attempt whose task instance is queued. At least once: a repeated start of the same
  // attempt id has no effect.
  virtual void Start(Attempt attempt) = 0;
  // After a cold start of control: the database says that the attempt runs. The executor takes it
  // over, or reports it as lost. Has no effect where it knows the attempt.
  virtual void Resume(Attempt attempt) = 0;
  // Ends an attempt if it runs; its end is reported as always. Unknown ids are ignored.
  virtual void Cancel(AttemptId attempt, const std::string& reason) = 0;
  // These are all attempts that the database holds, after a cold start of control or a failed
  // commit; each was started or resumed. The executor ends what else runs: its cancellation was
  // lost. `known` may hold attempts of other executors.
  virtual void Retain(const std::unordered_set<AttemptId>& known) = 0;
  // The reports are committed; until then the executor keeps them and delivers them again.
  virtual void Acknowledge(const std::vector<uint64_t>& reports) = 0;
};

}  // namespace beeflow
