// A fake Executor with virtual workers. Attempts take seeded virtual durations and end in seeded
// outcomes; reports are delivered at least once: late, repeated, out of order, or after a loss.
// It lives on when control crashes, keeps what is not acknowledged, and delivers it again.
//
// It also keeps the truth about every attempt for the checkers: what was started, what ended how,
// and whether two attempts of one task instance were ever alive at once.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "ports/executor.h"
#include "sim/virtual_time.h"

namespace beeflow {

// Chances in thousandths.
struct SimExecutorOptions {
  uint64_t seed = 0;
  int failed = 150;
  int failed_without_retry = 20;
  int skipped = 40;
  int lost = 20;      // ends without a report, some before they began
  int branches = 50;  // of the successes: skip some downstream tasks
  int deferred = 0;
  int rescheduled = 0;
  int nothing = 0;         // of the successes: return no value
  int slow = 20;           // take a hundred times as long
  int report_lost = 50;    // delivered again later
  int report_twice = 50;   // delivered twice
  int report_late = 50;    // minutes late
  int lost_then_ends = 5;  // reported as lost, and then its true end comes in
  Duration duration_max = Seconds(60);
};

class SimExecutor : public Executor {
 public:
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
  using Sink = std::function<void(NumberedReport)>;

  // `time` outlives the executor.
  SimExecutor(VirtualTime* time, const SimExecutorOptions& options)
      : time_(time), options_(options), random_(options.seed) {}

  void Start(Attempt attempt) override;
  void Resume(Attempt attempt) override;
  void Cancel(AttemptId attempt, const std::string& reason) override;
  void Retain(const std::unordered_set<AttemptId>& known) override;
  void Acknowledge(const std::vector<uint64_t>& reports) override;

  // Control is there and gets all that it has not acknowledged; null: it is gone.
  void Connect(Sink sink);
  // Hears of each report that control acknowledges, at that moment.
  void OnAcknowledged(std::function<void(const Report&)> hear) { hear_ = std::move(hear); }
  // All attempts of one of the workers are lost; some of them had ended.
  void KillWorker();
  // From now on reports arrive once and in order, and no attempt is lost.
  void StopFaults();

  const std::map<AttemptId, Execution>& executions() const { return executions_; }
  bool quiet() const { return alive_ == 0 && kept_.empty(); }
  // Two attempts of one task instance alive at once, in words.
  const std::vector<std::string>& violations() const { return violations_; }
  // Times that an attempt was ended because a newer one of its task instance was started: its
  // cancellation was lost with the control process that decided it.
  int superseded() const { return superseded_; }
  void NoteCrash() { crashed_ = true; }

  static constexpr int kWorkers = 3;

 private:
  using Instance = std::tuple<std::string, std::string, std::string, int>;
  struct Fate {
    Duration start_delay{};
    Duration duration{};
    Outcome outcome = Outcome::kSuccess;
    bool begins = true;
    bool ends_after_loss = false;
  };

  bool Chance(int thousandths) { return random_.Below(1000) < static_cast<uint64_t>(thousandths); }
  Duration UpTo(Duration max);
  Fate DrawFate();
  Fate DrawFateOfTrigger();
  void AddDetails(const Execution& execution, Report* report);
  void Supersede(const Attempt& attempt);
  void Begin(AttemptId id);
  void End(AttemptId id, Outcome outcome, const std::string& reason);
  void Keep(const Execution& execution, Outcome outcome, const std::string& reason);
  void Deliver(uint64_t number);
  void DeliverAfter(uint64_t number, Duration delay);
  static Instance InstanceOf(const Attempt& attempt);

  VirtualTime* const time_;
  SimExecutorOptions options_;
  Random random_;
  Sink sink_;
  std::function<void(const Report&)> hear_;
  std::map<AttemptId, Execution> executions_;
  std::map<Instance, AttemptId> current_;  // the attempt of the task instance that may be alive
  std::map<uint64_t, Report> kept_;        // until acknowledged
  uint64_t last_number_ = 0;
  int alive_ = 0;
  int superseded_ = 0;
  bool crashed_ = false;
  std::vector<std::string> violations_;
};

}  // namespace beeflow
