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
#include <string>
#include <tuple>
#include <vector>

#include "ports/executor.h"
#include "sim/attempt_fate.h"
#include "sim/virtual_time.h"

namespace beeflow {

// Chances in thousandths.
struct SimExecutorOptions {
  uint64_t seed = 0;
  FateOptions fate;
  int report_lost = 50;   // delivered again later
  int report_twice = 50;  // delivered twice
  int report_late = 50;   // minutes late
};

class SimExecutor : public Executor {
 public:
  using Sink = std::function<void(NumberedReport)>;

  // `time` outlives the executor.
  SimExecutor(VirtualTime* time, const SimExecutorOptions& options)
      : time_(time), options_(options), fates_(options.seed, options.fate) {}

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

  const Executions& executions() const { return executions_; }
  bool quiet() const { return alive_ == 0 && kept_.empty(); }
  // Two attempts of one task instance alive at once, in words.
  const std::vector<std::string>& violations() const { return violations_; }
  // Control forgot what it had to say: cancellations may be lost.
  void NoteCrash() { crashed_ = true; }

  static constexpr int kWorkers = 3;

 private:
  using Instance = std::tuple<std::string, std::string, std::string, int>;
  void Supersede(const Attempt& attempt);
  void Begin(AttemptId id);
  void End(AttemptId id, Outcome outcome, const std::string& reason);
  void Keep(const Execution& execution, Outcome outcome, const std::string& reason);
  void Deliver(uint64_t number);
  void DeliverAfter(uint64_t number, Duration delay);
  static Instance InstanceOf(const Attempt& attempt);

  VirtualTime* const time_;
  SimExecutorOptions options_;
  FateTeller fates_;
  Sink sink_;
  std::function<void(const Report&)> hear_;
  Executions executions_;
  std::map<Instance, AttemptId> current_;  // the attempt of the task instance that may be alive
  std::map<uint64_t, Report> kept_;        // until acknowledged
  uint64_t last_number_ = 0;
  int alive_ = 0;
  bool crashed_ = false;
  std::vector<std::string> violations_;
};

}  // namespace beeflow
