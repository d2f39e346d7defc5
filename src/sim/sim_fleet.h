// Worker hosts and the control processes that they speak with over a lossy channel: the attempt
// channel across hosts, simulated message by message. The rules that both sides keep:
//
// - An attempt is offered to all workers until one claims it, and offered again as long as none
//   does. The claim is a report, `running` with the worker's name; only when it is committed, the
//   worker is told to begin. So the database knows at any time which worker may have an attempt.
// - A worker numbers its claims, and begins only for the claim that it has. It forgets an attempt
//   with the end: offered late, it is claimed again, and what told the worker to begin the first
//   time may come late, too.
// - Messages of control processes carry their epoch. A worker obeys the highest that it has heard,
//   and believes acknowledgements of all: they tell of commits. Claims carry the epoch that the
//   worker obeys, and are taken by that control process alone.
// - A worker's list of what it has is believed if it was made after the worker had heard of this
//   epoch, and after the latest message about the attempt.
// - What is not known is cancelled or denied only once all attempts of the database are known.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/executor.h"
#include "sim/attempt_fate.h"
#include "sim/lossy_channel.h"
#include "sim/virtual_time.h"

namespace beeflow {

class FleetExecutor;
class FleetWorker;

// What of the rules is broken, for tests of what becomes of it.
struct FleetFlaws {
  bool begins_before_commit = false;  // an attempt begins as soon as its claim is heard
  bool obeys_all_epochs = false;      // of control processes that were succeeded, too
  bool acknowledges_at_once = false;  // reports, when they are heard
  bool denies_unsettled = false;      // attempts that are not known yet
};

struct SimFleetOptions {
  uint64_t seed = 0;
  FateOptions fate;
  LossyChannelOptions channel;
  Duration skew_max{};  // of the clocks of workers, either way
  FleetFlaws flaws;
};

// A worker process; a host has one after another.
struct WorkerName {
  int host = 0;
  int incarnation = 0;
  bool operator==(const WorkerName&) const = default;
};
std::string ToString(const WorkerName& name);
WorkerName ParseWorkerName(const std::string& text);

// What a worker sends besides, to whoever leads.
struct WorkerMessage {
  WorkerName worker;
  uint64_t sequence = 0;  // of the worker's messages
  int64_t epoch = 0;      // the highest that the worker has heard
};
struct WorkerList {
  WorkerMessage from;
  std::map<AttemptId, uint64_t> claimed;  // by which claim
  std::set<AttemptId> begun;              // runs, or its end is not acknowledged
};

class SimFleet {
 public:
  static constexpr int kWorkers = 3;
  // Control processes are hosts 0 and up, workers come after them.
  static constexpr int kFirstWorker = 16;

  // What the database says.
  struct Truth {
    // The state of its task instance; nothing where that has gone on without it: it is fenced.
    std::function<std::optional<TaskState>(const Attempt&)> state_of;
    // Where it runs.
    std::function<std::string(AttemptId)> host_of;
  };

  // `time` outlives the fleet.
  SimFleet(VirtualTime* time, const SimFleetOptions& options, Truth truth);
  ~SimFleet();

  // The executor of a control process; the fleet must outlive it.
  std::unique_ptr<FleetExecutor> Connect(int control, int64_t epoch,
                                         std::function<void(NumberedReport)> sink);

  // Faults.
  void KillWorker();
  void DrainWorker();
  void CutOffWorker(Duration time);
  void CutOffControl(int control, Duration time);
  void StopChannel(Duration time, bool wipe);
  // A worker says what it has, as it does now and then.
  void List();
  // From now on nothing goes wrong; all workers are there and say what they have.
  void StopFaults();

  // Hears of each report that is acknowledged by who leads, at that moment.
  void OnAcknowledged(std::function<void(const Report&)> hear) { hear_ = std::move(hear); }
  const Executions& executions() const { return executions_; }
  // No worker has anything.
  bool quiet() const;
  // What went wrong, in words: an attempt that began twice; of those that are not fenced, one that
  // was cancelled, one that was taken for lost though its worker has it and can be reached.
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  friend class FleetExecutor;
  friend class FleetWorker;

  using ToExecutor = std::function<void(FleetExecutor*)>;
  size_t RandomHost() { return static_cast<size_t>(fates_.Below(kWorkers)); }
  void StartWorker(size_t place);
  void EndWorker(size_t place);
  void ReplaceDrained(size_t place, Duration again);
  bool IsThere(int host) const;
  void CutOff(int host, Duration time);
  // A host may have become silent: in a while, those who still don't hear it are told.
  void NoteSilence(int host);
  void NoteSilences();
  void ToAllControls(const ToExecutor& message);
  void ToControl(int host, const ToExecutor& message);
  void ToWorker(int control, int host, const std::function<void(FleetWorker*)>& message);
  void NoteBegin(const Attempt& attempt);
  void NoteCancel(const Attempt& attempt);
  void NoteLoss(const Attempt& attempt, const WorkerName& worker);
  void Fail(const Attempt& attempt, const std::string& what);

  VirtualTime* const time_;
  SimFleetOptions options_;
  FateTeller fates_;
  LossyChannel channel_;
  const Truth truth_;
  std::function<void(const Report&)> hear_;
  std::vector<int> incarnations_;                 // by host
  std::map<uint64_t, FleetExecutor*> executors_;  // in the order in which they came
  uint64_t last_executor_ = 0;
  Executions executions_;
  std::set<AttemptId> begun_;
  std::vector<std::string> violations_;
  std::vector<std::unique_ptr<FleetWorker>> workers_;  // by host; null: down
};

}  // namespace beeflow
