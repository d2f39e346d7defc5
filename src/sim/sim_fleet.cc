#include "sim/sim_fleet.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sim/fleet_executor.h"
#include "sim/fleet_worker.h"

namespace beeflow {
namespace {

constexpr Duration kDownMax = Seconds(30);
constexpr Duration kSilenceMin = Seconds(2);
constexpr Duration kSilenceMax = Seconds(5);
constexpr Duration kDrainAgain = Seconds(20);

}  // namespace

std::string ToString(const WorkerName& name) {
  return std::to_string(name.host) + ":" + std::to_string(name.incarnation);
}

WorkerName ParseWorkerName(const std::string& text) {
  WorkerName name;
  const char* end = text.data() + text.size();
  const auto host = std::from_chars(text.data(), end, name.host);
  if (host.ptr != end) (void)std::from_chars(host.ptr + 1, end, name.incarnation);
  return name;
}

SimFleet::SimFleet(VirtualTime* time, const SimFleetOptions& options, Truth truth)
    : time_(time),
      options_(options),
      fates_(options.seed, options.fate),
      channel_(time, options.channel),
      truth_(std::move(truth)),
      incarnations_(kWorkers),
      workers_(kWorkers) {
  for (size_t i = 0; i < kWorkers; ++i) StartWorker(i);
}

SimFleet::~SimFleet() = default;

std::unique_ptr<FleetExecutor> SimFleet::Connect(int control, int64_t epoch,
                                                 std::function<void(NumberedReport)> sink) {
  return std::make_unique<FleetExecutor>(this, control, epoch, std::move(sink));
}

void SimFleet::StartWorker(size_t place) {
  if (workers_[place]) return;
  const WorkerName name{kFirstWorker + static_cast<int>(place), ++incarnations_[place]};
  const Duration skew = fates_.UpTo(2 * options_.skew_max) - options_.skew_max;
  workers_[place] = std::make_unique<FleetWorker>(this, name, skew);
  workers_[place]->List();
}

void SimFleet::EndWorker(size_t place) {
  workers_[place].reset();
  NoteSilence(kFirstWorker + static_cast<int>(place));
  time_->After(fates_.UpTo(kDownMax), [this, place] { StartWorker(place); });
}

void SimFleet::KillWorker() { EndWorker(RandomHost()); }

void SimFleet::DrainWorker() {
  const size_t place = RandomHost();
  if (!workers_[place] || workers_[place]->is_draining()) return;
  workers_[place]->Drain();
  ReplaceDrained(place, kDrainAgain);
}

void SimFleet::ReplaceDrained(size_t place, Duration again) {
  if (!workers_[place] || !workers_[place]->is_draining()) return;
  if (!workers_[place]->has_work()) return EndWorker(place);
  time_->After(again, [this, place, again] { ReplaceDrained(place, again * 2); });
}

bool SimFleet::IsThere(int host) const {
  return host >= kFirstWorker && channel_.IsReachable(host) &&
         workers_[static_cast<size_t>(host - kFirstWorker)];
}

void SimFleet::NoteSilence(int host) {
  time_->After(kSilenceMin + fates_.UpTo(kSilenceMax - kSilenceMin), [this, host] {
    ToAllControls([host](FleetExecutor* executor) { executor->OnSilence(host); });
  });
}

void SimFleet::NoteSilences() {
  for (int i = 0; i < kWorkers; ++i) {
    if (!IsThere(kFirstWorker + i)) NoteSilence(kFirstWorker + i);
  }
}

void SimFleet::CutOff(int host, Duration time) {
  channel_.CutOff(host);
  time_->After(time, [this, host] {
    channel_.Join(host);
    NoteSilences();
    List();
  });
}

void SimFleet::CutOffWorker(Duration time) {
  const int host = kFirstWorker + static_cast<int>(RandomHost());
  CutOff(host, time);
  NoteSilence(host);
}

void SimFleet::CutOffControl(int control, Duration time) { CutOff(control, time); }

void SimFleet::StopChannel(Duration time, bool wipe) {
  channel_.SetUp(false);
  if (wipe) channel_.Wipe();
  time_->After(time, [this] {
    channel_.SetUp(true);
    NoteSilences();
    List();
  });
}

void SimFleet::List() {
  for (const auto& worker : workers_) {
    if (worker) worker->List();
  }
}

void SimFleet::StopFaults() {
  channel_.StopFaults();
  fates_.StopFaults();
  for (size_t i = 0; i < kWorkers; ++i) StartWorker(i);
  List();
}

void SimFleet::ToAllControls(const ToExecutor& message) {
  for (const auto& [number, executor] : std::map(executors_)) executor->Receive(message);
}

void SimFleet::ToControl(int host, const ToExecutor& message) {
  for (const auto& [number, executor] : executors_) {
    channel_.Send(host, executor->control(), [this, number = number, message] {
      const auto it = executors_.find(number);
      if (it != executors_.end()) it->second->Receive(message);
    });
  }
}

void SimFleet::ToWorker(int control, int host, const std::function<void(FleetWorker*)>& message) {
  channel_.Send(control, host, [this, place = static_cast<size_t>(host - kFirstWorker), message] {
    if (workers_[place]) message(workers_[place].get());
  });
}

void SimFleet::Fail(const Attempt& attempt, const std::string& what) {
  violations_.push_back("attempt " + FormatAttemptId(attempt.id) + " of task " +
                        attempt.dag->tasks[attempt.task].id + " of run " + attempt.run.key.run_id +
                        " of DAG " + attempt.dag->id + " " + what);
}

// A trigger only waits, and of two that fire the second is fenced.
void SimFleet::NoteBegin(const Attempt& attempt) {
  const bool is_first = begun_.insert(attempt.id).second;
  if (!is_first && !IsTrigger(attempt)) Fail(attempt, "began twice");
}

void SimFleet::NoteCancel(const Attempt& attempt) {
  const auto state = truth_.state_of(attempt);
  if (!state || *state == TaskState::kRestarting) return;
  Fail(attempt, "was cancelled though its task instance still wants it");
}

// Of a task instance that is to start anew, the worker was told to drop the attempt. If it had not
// begun, nothing but a message says so that may be lost; then its list is what tells, of which
// nobody can say why the attempt is not in there. That changes nothing: it is tried again anyway.
void SimFleet::NoteLoss(const Attempt& attempt, const WorkerName& worker) {
  const auto state = truth_.state_of(attempt);
  if (!state || !IsThere(worker.host)) return;
  const FleetWorker& there = *workers_[static_cast<size_t>(worker.host - kFirstWorker)];
  if (there.name() != worker) return;
  if (*state == TaskState::kRestarting && !there.has(attempt.id)) return;
  Fail(attempt, "was taken for lost though its worker is there");
}

bool SimFleet::quiet() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return !worker || !worker->has_work(); });
}

}  // namespace beeflow
