// A platform that DAGs could run on, as a model on virtual time: when its scheduler looks at what
// has happened, and how long it takes until a task that the scheduler queued has started, ended,
// and is known to have ended. What is scheduled when is the real scheduler's affair.
//
// Every task succeeds. Threads: one.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "ports/executor.h"
#include "sim/virtual_time.h"

namespace beeflow {

// How long the author's own code of a task takes, whichever platform it runs on.
using TaskSeconds = std::function<double(const Dag& dag, TaskIndex task)>;

struct ModelSurroundings {
  VirtualTime* time = nullptr;  // outlives the model
  TaskSeconds task_seconds;
  uint64_t seed = 0;
};

class PlatformModel : public Executor {
 public:
  explicit PlatformModel(ModelSurroundings surroundings);

  // Where ends go once the scheduler can know of them.
  void Connect(std::function<void(Report)> sink) { sink_ = std::move(sink); }

  // The moment of the scheduler's next turn if there is something to see from `known` on.
  virtual Time NextTurn(Time known) = 0;
  // A turn was committed: what it gave to Start is taken up, and it started so many runs.
  void EndTurn(int runs_started);

  void Start(Attempt attempt) override;
  void Resume(Attempt attempt) override { Start(std::move(attempt)); }
  // Ends it as failed, at once.
  void Cancel(AttemptId attempt, const std::string& reason) override;
  void Retain(const std::unordered_set<AttemptId>& /*known*/) override {}
  void Acknowledge(const std::vector<uint64_t>& /*reports*/) override {}

  // The most workers that were there at once: workers, functions or environments.
  int workers_peak() const { return workers_peak_; }

 protected:
  struct Execution {
    Attempt attempt;
    Time queued{};
    std::optional<Time> start;
    std::string worker;
    std::string start_type;
  };

  // Attempts that one turn has queued, in order.
  virtual void Take(const std::vector<AttemptId>& queued, int runs_started) = 0;
  // It was cancelled; what was planned for it finds it gone.
  virtual void Release(AttemptId id) = 0;

  VirtualTime& time() { return *surroundings_.time; }
  Time now() { return surroundings_.time->steady(); }
  double Uniform(double min, double max);
  // Null once it has ended.
  const Execution* Find(AttemptId id) const;
  double BodySeconds(const Execution& execution) const;
  // start_date is now.
  void SetStarted(AttemptId id, const std::string& worker, const std::string& start_type);
  // end_date is now; the scheduler can know of it `until_known` later.
  void SetEnded(AttemptId id, Duration until_known);
  void CountWorkers(int there) { workers_peak_ = std::max(workers_peak_, there); }
  int running() const { return running_; }

 private:
  void End(AttemptId id, Outcome outcome, const std::string& reason, Duration until_known);

  const ModelSurroundings surroundings_;
  Random random_;
  std::function<void(Report)> sink_;
  std::unordered_map<AttemptId, Execution> executions_;
  std::vector<AttemptId> queued_;  // of this turn
  int running_ = 0;                // started and not ended
  int workers_peak_ = 0;
};

}  // namespace beeflow
