#include "sim/world.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "control/control.h"
#include "router/router.h"
#include "sim/checkers.h"
#include "sim/dag_generator.h"
#include "sim/faulty_ports.h"
#include "sim/sim_executor.h"
#include "sim/virtual_time.h"

namespace beeflow {
namespace {

constexpr uint64_t kStepsMax = 30'000;
constexpr int kParallelismMax = 8;
const Time kStart =
    Time(std::chrono::sys_days(std::chrono::year(2021) / 1 / 10)) + std::chrono::hours(9);

class World : public CommitObserver {
 public:
  explicit World(const WorldOptions& options);
  WorldResult Run();

  void OnCommit(const std::vector<RowEdit>& edits, bool by_hand) override;

 private:
  // Sets the world up.
  SimExecutorOptions RandomExecutor();
  ControlOptions RandomControl();
  void PlanWorkload();

  // The control process.
  void StartControl(bool with_files);
  void Crash();
  bool NeedsTurn();
  void Turn();
  void CheckRecorded(const Report& report);
  bool Step();
  void Settle();
  void CheckColdStart();

  // The workload.
  void Operate();
  void Trigger();
  void EditTasks(int kind);
  void EditDag();
  void EditPool();
  void EditRun();
  void RemoveOrBringBack();
  void Disturb();
  TaskSelection RandomSelection();
  const std::string& RandomDagId() { return files_[random_.Below(files_.size())].dags[0].dag->id; }
  std::optional<RunKey> RandomRun();
  void Say(const std::string& text) const;

  const WorldOptions options_;
  Random random_;
  VirtualTime time_{kStart};
  MemoryStore memory_;
  SimExecutor executor_;
  std::unique_ptr<Store> wrapped_store_;
  std::unique_ptr<Executor> wrapped_executor_;
  FaultyStore store_;
  ExecutorGate gate_;
  DagProfile profile_;
  ControlOptions control_options_;
  HistoryChecker checker_;
  std::vector<ParsedFile> files_;
  std::vector<bool> removed_;  // by file
  std::unique_ptr<Router> router_;
  std::unique_ptr<Control> control_;  // null while it is down
  uint64_t fault_chance_ = 0;         // of a turn, in thousandths
  bool work_ = false;                 // a turn is due
  bool settled_ = false;
  std::vector<std::string> unrecorded_;  // ends of attempts
  WorldResult result_;
};

SimExecutorOptions World::RandomExecutor() {
  SimExecutorOptions out;
  const auto some = [this](uint64_t max) {
    return random_.OneIn(2) ? 0 : static_cast<int>(random_.Below(max));
  };
  out.seed = random_.Next();
  out.failed = some(500);
  out.failed_without_retry = some(100);
  out.skipped = some(100);
  out.lost = some(200);
  out.branches = some(400);
  out.deferred = some(300);
  out.rescheduled = some(300);
  out.nothing = some(200);
  out.slow = some(100);
  out.report_lost = some(300);
  out.report_twice = some(300);
  out.report_late = some(200);
  out.lost_then_ends = some(100);
  return out;
}

ControlOptions World::RandomControl() {
  ControlOptions out;
  if (random_.OneIn(3)) {
    out.scheduler.parallelism = 1 + static_cast<int>(random_.Below(kParallelismMax));
  }
  out.dags_are_paused_at_creation = random_.OneIn(8);
  return out;
}

World::World(const WorldOptions& options)
    : options_(options),
      random_(options.seed),
      executor_(&time_, RandomExecutor()),
      wrapped_store_(options.wrap_store ? options.wrap_store(&memory_) : nullptr),
      wrapped_executor_(options.wrap_executor ? options.wrap_executor(&executor_) : nullptr),
      store_(wrapped_store_ ? wrapped_store_.get() : &memory_, &memory_, random_.Next()),
      gate_(wrapped_executor_ ? wrapped_executor_.get() : &executor_),
      profile_(RandomProfile(&random_)),
      control_options_(RandomControl()),
      checker_(&executor_, &time_, control_options_.scheduler.parallelism) {
  memory_.Observe(this);
  executor_.OnAcknowledged([this](const Report& report) { CheckRecorded(report); });
  fault_chance_ = random_.OneIn(2) ? 0 : random_.Below(200);
  store_.SetFeedFaults(random_.OneIn(2));
  const uint64_t dags = 1 + random_.Below(4);
  for (uint64_t i = 0; i < dags; ++i) {
    files_.push_back(RandomDagFile(&random_, profile_, "dag" + std::to_string(i), kStart));
    BEEFLOW_CHECK(!files_.back().error);
  }
  removed_.assign(files_.size(), false);
  PlanWorkload();
}

void World::Say(const std::string& text) const {
  if (!options_.verbose) return;
  std::printf("%s  %s\n", FormatSql(time_.steady()).c_str(), text.c_str());
}

void World::OnCommit(const std::vector<RowEdit>& edits, bool by_hand) {
  checker_.OnCommit(edits, by_hand);
  if (!options_.verbose) return;
  for (const std::string& edit : checker_.last_edits()) Say((by_hand ? "by hand: " : "  ") + edit);
}

void World::PlanWorkload() {
  if (random_.OneIn(3)) (void)memory_.SetPool(kSmallPool, 1 + static_cast<int>(random_.Below(4)));
  const auto at = [this](uint64_t seconds) {
    time_.After(Seconds(static_cast<double>(random_.Below(seconds))), [this] { Operate(); });
  };
  for (uint64_t i = 1 + random_.Below(6); i > 0; --i) {
    time_.After(Seconds(static_cast<double>(random_.Below(100))), [this] { Trigger(); });
  }
  if (random_.OneIn(4)) return;  // nothing is edited: the ends are compared with the naive ones
  for (uint64_t i = random_.Below(30); i > 0; --i) at(600);
  for (uint64_t i = random_.Below(8); i > 0; --i) at(200'000);
}

void World::StartControl(bool with_files) {
  if (control_) return;
  Say("control starts");
  gate_.CloseAfter(std::nullopt);
  router_ = std::make_unique<Router>(&gate_);
  control_options_.scheduler.seed = random_.Next();
  control_ = std::make_unique<Control>(control_options_, &time_, &store_, router_.get());
  work_ = true;
  for (size_t i = 0; with_files && i < files_.size(); ++i) {
    if (removed_[i]) {
      control_->AddRemovedFile(files_[i].path);
    } else {
      control_->AddFile(files_[i]);
    }
  }
  executor_.Connect([this](NumberedReport report) {
    work_ = true;
    control_->AddReport(&gate_, std::move(report));
  });
}

void World::Crash() {
  if (!control_) return;
  Say("control crashes");
  ++result_.crashes;
  executor_.NoteCrash();
  executor_.Connect(nullptr);
  memory_.Crash();
  control_.reset();
  router_.reset();
  time_.After(Seconds(static_cast<double>(random_.Below(60))), [this] { StartControl(true); });
}

bool World::NeedsTurn() {
  if (!control_) return false;
  if (work_ || *memory_.HasChanges()) return true;
  const auto due = control_->NextDue();
  return due && *due <= time_.Now();
}

void World::Turn() {
  ++result_.turns;
  const bool faulty = !settled_ && random_.Below(1000) < fault_chance_;
  bool crash = false;
  if (faulty) {
    constexpr StoreFault kFaults[] = {StoreFault::kNone, StoreFault::kOperationFails,
                                      StoreFault::kCommitFails, StoreFault::kCommitUnknown};
    const StoreFault fault = kFaults[random_.Below(4)];
    store_.Arm(fault);
    crash = fault == StoreFault::kNone || random_.OneIn(2);
    if (crash) gate_.CloseAfter(static_cast<int>(random_.Below(6)));
  }
  const auto more = control_->Turn();
  store_.Arm(StoreFault::kNone);
  work_ = !more.ok() || *more;
  if (!more.ok()) {
    Say("turn fails: " + more.error().message);
    executor_.NoteCrash();
  }
  if (crash) Crash();
}

// The end of an attempt is acknowledged: unless its run is gone, it is in the table `attempt`,
// whatever has become of its task instance.
void World::CheckRecorded(const Report& report) {
  const MemoryStore::StoredRun* run = memory_.FindRun(report.run);
  const int64_t its_run = executor_.executions().at(report.attempt).attempt.run.id;
  // One that was deleted may have been made again since.
  if (!report.usage || !run || run->record.id != its_run) return;
  if (memory_.FindAttempt(report.run, report.task_id, report.map_index, report.attempt)) return;
  unrecorded_.push_back("the end of attempt " + FormatAttemptId(report.attempt) + " of task " +
                        report.task_id + " of run " + report.run.run_id + " of DAG " +
                        report.run.dag_id + " is not recorded");
}

// False where nothing is left to do.
bool World::Step() {
  const auto event = time_.NextEvent();
  if (NeedsTurn()) {
    const bool soon = event && *event - time_.steady() < std::chrono::seconds(5);
    if (!soon || random_.Below(4) != 0) {
      Turn();
      return true;
    }
  }
  std::optional<Time> due;
  if (control_) due = control_->NextDue();
  if (due) due = time_.ToSteady(*due);
  if (due && (!event || *due <= *event)) {
    time_.AdvanceTo(*due);
    return true;
  }
  if (!event) return false;
  time_.RunNext();
  return true;
}

// The end of the workload and of the faults: from now on everything that can move must.
void World::Settle() {
  Say("settle");
  settled_ = true;
  store_.SetFeedFaults(false);
  executor_.StopFaults();
  for (const auto& [dag_id, dag] : memory_.dags()) {
    if (dag.record.is_paused) (void)memory_.SetPaused(std::string(dag_id), false);
  }
  if (random_.OneIn(2)) {
    (void)memory_.SetPool(kSmallPool, 10);
    (void)memory_.SetPool(kMissingPool, 10);
  }
}

// A control process that starts from the database must find nothing to do: otherwise the one before
// had missed something.
void World::CheckColdStart() {
  const uint64_t edits = checker_.edits();
  control_.reset();
  StartControl(false);
  for (int i = 0; i < 10 && work_; ++i) Turn();
  if (checker_.edits() == edits) return;
  std::string what = "after everything came to rest, a new control process finds more to do:";
  for (const std::string& edit : checker_.last_edits()) what += " [" + edit + "]";
  result_.violations.push_back(what);
}

WorldResult World::Run() {
  StartControl(true);
  uint64_t steps = 0;
  for (; steps < kStepsMax && checker_.violations().empty(); ++steps) {
    if (Step()) continue;
    if (settled_) break;
    Settle();
  }
  result_.violations = checker_.violations();
  const auto& alive = executor_.violations();
  result_.violations.insert(result_.violations.end(), alive.begin(), alive.end());
  result_.violations.insert(result_.violations.end(), unrecorded_.begin(), unrecorded_.end());
  if (steps == kStepsMax) result_.violations.push_back("it does not come to rest");
  if (result_.violations.empty()) {
    checker_.CheckAtRest();
    result_.violations = checker_.violations();
    if (!executor_.quiet()) result_.violations.push_back("reports were never acknowledged");
  }
  if (result_.violations.empty()) CheckColdStart();
  result_.attempts = executor_.executions().size();
  result_.finished_tasks = checker_.finished_tasks();
  result_.superseded = static_cast<uint64_t>(executor_.superseded());
  return result_;
}

// --- The workload ---

void World::Operate() {
  switch (random_.Below(10)) {
    case 0:
    case 1:
      return Trigger();
    case 2:
      (void)memory_.SetPaused(RandomDagId(), random_.OneIn(2));
      return;
    case 3:
      return EditTasks(0);
    case 4:
      return EditTasks(1 + static_cast<int>(random_.Below(3)));
    case 5:
      return EditDag();
    case 6:
      return EditPool();
    case 7:
      return EditRun();
    case 8:
      return RemoveOrBringBack();
    default:
      return Disturb();
  }
}

void World::Trigger() {
  RunRecord run;
  run.logical_date = time_.Now();
  if (random_.OneIn(4)) run.logical_date -= std::chrono::hours(random_.Below(100));
  if (random_.OneIn(10)) run.logical_date += std::chrono::hours(1);
  run.key = {RandomDagId(), "manual__" + FormatIso(run.logical_date)};
  run.interval = DataInterval{run.logical_date, run.logical_date};
  run.queued_at = time_.Now();
  run.external_trigger = true;
  if (memory_.dags().contains(run.key.dag_id)) (void)memory_.CreateRun(run);
}

std::optional<RunKey> World::RandomRun() {
  std::vector<RunKey> keys;
  for (const auto& [dag_id, runs] : memory_.runs()) {
    for (const auto& [run_id, run] : runs) keys.push_back(run.record.key);
  }
  if (keys.empty()) return std::nullopt;
  return keys[random_.Below(keys.size())];
}

TaskSelection World::RandomSelection() {
  TaskSelection out;
  const auto run = RandomRun();
  if (!run) return out;
  out.run = *run;
  if (random_.OneIn(3)) return out;
  for (const auto& [key, task] : memory_.FindRun(*run)->tasks) {
    if (random_.OneIn(3)) out.tasks.push_back(key.first);
  }
  out.only_failed = random_.OneIn(5);
  return out;
}

void World::EditTasks(int kind) {
  const TaskSelection selection = RandomSelection();
  constexpr TaskState kStates[] = {TaskState::kNone, TaskState::kSuccess, TaskState::kFailed,
                                   TaskState::kSkipped};
  if (kind == 0) {
    (void)memory_.Clear(selection);
  } else {
    (void)memory_.SetTaskState(selection, kStates[kind], time_.Now());
  }
}

void World::EditDag() {
  const auto i = random_.Below(files_.size());
  files_[i] = RandomEdit(&random_, profile_, files_[i], time_.Now());
  BEEFLOW_CHECK(!files_[i].error);
  if (!control_ || removed_[i]) return;
  control_->AddFile(files_[i]);
  work_ = true;
}

void World::EditPool() {
  const char* name = random_.OneIn(2) ? kSmallPool : kMissingPool;
  if (random_.OneIn(4)) {
    (void)memory_.DeletePool(name);
  } else {
    (void)memory_.SetPool(name, static_cast<int>(random_.Below(6)) - 1);
  }
}

void World::EditRun() {
  const auto run = RandomRun();
  if (!run) return;
  constexpr RunState kStates[] = {RunState::kQueued, RunState::kRunning, RunState::kSuccess,
                                  RunState::kFailed};
  if (random_.OneIn(3)) {
    (void)memory_.DeleteRun(*run);
  } else {
    (void)memory_.SetRunState(*run, kStates[random_.Below(4)], time_.Now());
  }
}

void World::RemoveOrBringBack() {
  const auto i = random_.Below(files_.size());
  const std::string& dag_id = files_[i].dags[0].dag->id;
  if (random_.OneIn(3)) (void)memory_.DeleteDag(dag_id);
  removed_[i] = !removed_[i] && random_.OneIn(2);
  if (!control_) return;
  if (removed_[i]) {
    control_->AddRemovedFile(files_[i].path);
  } else {
    control_->AddFile(files_[i]);
  }
  work_ = true;
}

void World::Disturb() {
  switch (random_.Below(5)) {
    case 0:
      return executor_.KillWorker();
    case 1:
      return Crash();
    case 2:
      time_.Jump(Seconds(static_cast<double>(random_.Below(3600))));
      return;
    case 3:
      time_.Jump(-Seconds(static_cast<double>(random_.Below(3))));
      return;
    default:
      if (!control_) return;
      control_->DropCache();
      executor_.NoteCrash();
      work_ = true;
  }
}

}  // namespace

WorldResult Simulate(const WorldOptions& options) { return World(options).Run(); }

}  // namespace beeflow
