#include "sim/world.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "sim/checkers.h"
#include "sim/control_process.h"
#include "sim/dag_generator.h"
#include "sim/fleet_executor.h"
#include "sim/replicated_store.h"
#include "sim/sim_executor.h"
#include "sim/sim_fleet.h"

namespace beeflow {
namespace {

constexpr uint64_t kStepsMax = 30'000;
constexpr int kParallelismMax = 8;
const Time kStart =
    Time(std::chrono::sys_days(std::chrono::year(2021) / 1 / 10)) + std::chrono::hours(9);

// The clock of whoever makes a turn.
class TurnClock : public Clock {
 public:
  void Follow(Clock* clock) { clock_ = clock; }
  Time Now() override { return clock_->Now(); }

 private:
  Clock* clock_ = nullptr;
};

class World : public CommitObserver {
 public:
  explicit World(const WorldOptions& options);
  WorldResult Run();

  void OnCommit(const std::vector<RowEdit>& edits, bool by_hand) override;

 private:
  // Where a control process leads, stands by, or is down.
  struct Host {
    Host(int of_number, VirtualTime* time, Duration skew) : number(of_number), clock(time, skew) {}
    const int number;
    HostClock clock;
    bool is_up = false;
    // Where there are several:
    std::unique_ptr<ReplicatedStore> store;
    std::unique_ptr<FleetExecutor> executor;
    std::unique_ptr<ControlProcess> process;  // null: it does not lead
  };

  // Sets the world up.
  int Some(uint64_t max) { return random_.OneIn(2) ? 0 : static_cast<int>(random_.Below(max)); }
  Duration UpTo(double seconds) {
    return Duration(static_cast<Duration::rep>(
        random_.Below(static_cast<uint64_t>(Seconds(seconds).count()) + 1)));
  }
  FateOptions RandomFates();
  void MakeSingleHost();
  void MakeScaledOut();
  ControlOptions RandomControl();
  void PlanWorkload();

  // The control processes.
  bool is_scaled_out() const { return fleet_ != nullptr; }
  void Start(Host* host);
  void Lead(Host* host);
  void StandBy(Host* host);
  void FreeSlot(int64_t epoch);
  void StepDown(Host* host);
  void Crash(Host* host);
  void Hang(Host* host);
  void WakeUp(Host* host, int64_t epoch);
  void LoseDatabase(Host* host);
  Host* Leader();
  Host* RandomHost() { return hosts_[random_.Below(hosts_.size())].get(); }
  Host* NextToTurn();
  void Turn(Host* host);
  void AfterTurn(Host* host, const Status& status);
  void CheckRecorded(const Report& report);
  bool Step();
  void Settle();
  void CheckColdStart();
  void CollectViolations(bool at_rest);

  // The workload.
  void Operate();
  void EditBetweenStatements();
  void Trigger();
  void EditTasks(int kind);
  void EditDag();
  void EditPool();
  void EditRun();
  void EditBackfill();
  void StartBackfill(const std::string& dag_id);
  void RemoveOrBringBack();
  void TellOfFile(size_t i);
  void Disturb();
  void DisturbScaledOut();
  TaskSelection RandomSelection();
  const std::string& RandomDagId() { return files_[random_.Below(files_.size())].dags[0].dag->id; }
  std::optional<RunKey> RandomRun();
  const Executions& executions() const {
    return fleet_ ? fleet_->executions() : executor_->executions();
  }
  void Say(const std::string& text) const;

  const WorldOptions options_;
  Random random_;
  VirtualTime time_{kStart};
  MemoryStore memory_;
  // What attempts run on: either of the two.
  std::unique_ptr<SimExecutor> executor_;
  std::unique_ptr<ReplicatedDatabase> database_;
  std::unique_ptr<SimFleet> fleet_;
  std::vector<std::unique_ptr<Host>> hosts_;
  TurnClock clock_;
  DagProfile profile_;
  ControlOptions control_options_;
  std::optional<HistoryChecker> checker_;
  std::vector<ParsedFile> files_;
  std::vector<bool> removed_;  // by file
  uint64_t fault_chance_ = 0;  // of a turn, in thousandths
  bool feed_faults_ = false;
  int races_left_ = 0;  // edits that come while a transaction is open
  bool edits_ = false;  // by others
  bool settled_ = false;
  int64_t last_backfill_id_ = 0;
  std::vector<std::string> unrecorded_;  // ends of attempts
  WorldResult result_;
};

FateOptions World::RandomFates() {
  FateOptions out;
  out.failed = Some(500);
  out.failed_without_retry = Some(100);
  out.skipped = Some(100);
  out.lost = Some(200);
  out.branches = Some(400);
  out.deferred = Some(300);
  out.rescheduled = Some(300);
  out.nothing = Some(200);
  out.slow = Some(100);
  out.lost_then_ends = Some(100);
  return out;
}

// One control process on an embedded database, and workers beside it.
void World::MakeSingleHost() {
  SimExecutorOptions options;
  options.seed = random_.Next();
  options.fate = RandomFates();
  options.report_lost = Some(300);
  options.report_twice = Some(300);
  options.report_late = Some(200);
  executor_ = std::make_unique<SimExecutor>(&time_, options);
  executor_->OnAcknowledged([this](const Report& report) { CheckRecorded(report); });
  hosts_.push_back(std::make_unique<Host>(0, &time_, Duration{}));
}

// Several control processes that share a database, and workers behind a channel.
void World::MakeScaledOut() {
  ReplicationOptions replication;
  replication.seed = random_.Next();
  replication.echoes = random_.OneIn(3);
  replication.slot_is_lost = random_.OneIn(3);
  replication.lag_max = random_.OneIn(2) ? Seconds(0.002) : UpTo(5);
  replication.acknowledged_late = Some(30);
  replication.is_fenced = !options_.flaws.commits_unfenced;
  database_ = std::make_unique<ReplicatedDatabase>(&memory_, &time_, replication);
  SimFleetOptions fleet;
  fleet.seed = random_.Next();
  fleet.fate = RandomFates();
  fleet.channel.seed = random_.Next();
  fleet.channel.lost = Some(300);
  fleet.channel.twice = Some(300);
  fleet.channel.late = Some(200);
  fleet.skew_max = Seconds(Some(8));
  fleet.flaws = options_.flaws.fleet;
  SimFleet::Truth truth;
  truth.state_of = [this](const Attempt& attempt) -> std::optional<TaskState> {
    const TaskRecord* row =
        memory_.FindTask(attempt.run.key, attempt.dag->tasks[attempt.task].id, attempt.map_index);
    if (!row || row->attempt != attempt.id || !MayHaveAttempt(row->state)) return std::nullopt;
    return row->state;
  };
  truth.host_of = [this](AttemptId id) { return memory_.HostOf(id); };
  fleet_ = std::make_unique<SimFleet>(&time_, fleet, std::move(truth));
  fleet_->OnAcknowledged([this](const Report& report) { CheckRecorded(report); });
  races_left_ = Some(20);
  database_->BetweenStatements([this] { EditBetweenStatements(); });
  const double skew_max = Some(4);
  for (int i = 0, n = 2 + static_cast<int>(random_.Below(2)); i < n; ++i) {
    hosts_.push_back(std::make_unique<Host>(i, &time_, UpTo(2 * skew_max) - Seconds(skew_max)));
  }
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
      profile_(RandomProfile(&random_)),
      control_options_(RandomControl()) {
  memory_.Observe(this);
  if (random_.OneIn(2)) {
    MakeSingleHost();
  } else {
    MakeScaledOut();
  }
  clock_.Follow(&hosts_.front()->clock);
  checker_.emplace(&executions(), &clock_, control_options_.scheduler.parallelism);
  fault_chance_ = random_.OneIn(2) ? 0 : random_.Below(200);
  feed_faults_ = random_.OneIn(2);
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
  checker_->OnCommit(edits, by_hand);
  if (by_hand && database_) {
    checker_->NoteRace(edits, memory_.log_size());
    database_->NoteEdit();
  }
  if (!options_.verbose) return;
  for (const std::string& edit : checker_->last_edits()) Say((by_hand ? "by hand: " : "  ") + edit);
}

void World::PlanWorkload() {
  if (random_.OneIn(3)) (void)memory_.SetPool(kSmallPool, 1 + static_cast<int>(random_.Below(4)));
  const auto at = [this](uint64_t seconds) {
    time_.After(Seconds(static_cast<double>(random_.Below(seconds))), [this] { Operate(); });
  };
  for (uint64_t i = 1 + random_.Below(6); i > 0; --i) {
    time_.After(Seconds(static_cast<double>(random_.Below(100))), [this] { Trigger(); });
  }
  const bool is_disturbed = is_scaled_out() && !random_.OneIn(4);
  for (uint64_t i = is_disturbed ? random_.Below(16) : 0; i > 0; --i) {
    time_.After(UpTo(400), [this] { DisturbScaledOut(); });
  }
  edits_ = !random_.OneIn(4);
  if (!edits_) return;  // the ends are compared with the naive ones
  for (uint64_t i = random_.Below(30); i > 0; --i) at(600);
  for (uint64_t i = random_.Below(8); i > 0; --i) at(200'000);
}

void World::Start(Host* host) {
  if (std::exchange(host->is_up, true)) return;
  if (is_scaled_out()) return StandBy(host);
  Lead(host);
  executor_->Connect(
      [host](NumberedReport report) { host->process->AddReport(std::move(report)); });
}

// Where it is its turn to lead: it starts from the database.
void World::Lead(Host* host) {
  if (!host->is_up || host->process) return;
  ControlProcess::Ports ports{&host->clock, &memory_, &memory_, executor_.get()};
  if (is_scaled_out()) {
    const int64_t epoch = database_->Lead();
    if (epoch == 0) return;
    host->store = std::make_unique<ReplicatedStore>(database_.get(), epoch);
    host->executor = fleet_->Connect(host->number, epoch, [host](NumberedReport report) {
      host->process->AddReport(std::move(report));
    });
    ports = {&host->clock, host->store.get(), nullptr, host->executor.get()};
  }
  Say("control " + std::to_string(host->number) + " leads");
  host->process = std::make_unique<ControlProcess>(options_, control_options_, ports, &random_);
  host->process->SetFeedFaults(feed_faults_ && !settled_);
  for (size_t i = 0; i < files_.size(); ++i) host->process->AddFile(files_[i], removed_[i]);
}

void World::StandBy(Host* host) {
  time_.After(UpTo(3), [this, host] { Lead(host); });
}

void World::FreeSlot(int64_t epoch) {
  database_->Free(epoch);
  if (!database_->is_free()) return;
  for (const auto& host : hosts_) StandBy(host.get());
}

void World::StepDown(Host* host) {
  if (!host->process) return;
  host->process.reset();
  if (!is_scaled_out()) return;
  const int64_t epoch = host->store->epoch();
  host->executor.reset();
  host->store.reset();
  FreeSlot(epoch);
}

void World::Crash(Host* host) {
  if (!host->is_up) return;
  Say("control " + std::to_string(host->number) + " crashes");
  ++result_.crashes;
  host->is_up = false;
  if (!is_scaled_out()) {
    executor_->NoteCrash();
    executor_->Connect(nullptr);
    memory_.Crash();
  }
  StepDown(host);
  time_.After(Seconds(static_cast<double>(random_.Below(60))), [this, host] { Start(host); });
}

// A while later it counts as gone; when it wakes up it goes on as if nothing had happened.
void World::Hang(Host* host) {
  if (!host->process || host->process->hangs()) return;
  Say("control " + std::to_string(host->number) + " hangs");
  const int64_t epoch = host->store->epoch();
  host->process->Hang();
  host->executor->SetHanging(true);
  time_.After(UpTo(3), [this, epoch] { FreeSlot(epoch); });
  time_.After(UpTo(20), [this, host, epoch] { WakeUp(host, epoch); });
}

void World::WakeUp(Host* host, int64_t epoch) {
  if (!host->process || host->store->epoch() != epoch) return;
  Say("control " + std::to_string(host->number) + " wakes up");
  host->process->WakeUp();
  host->executor->SetHanging(false);
}

// Both connections break, sooner or later for the database.
void World::LoseDatabase(Host* host) {
  if (!host->process) return;
  Say("control " + std::to_string(host->number) + " loses the database");
  host->store->Disconnect();
  time_.After(UpTo(3), [this, epoch = host->store->epoch()] { FreeSlot(epoch); });
}

// Who leads in truth, whoever else thinks so.
World::Host* World::Leader() {
  for (const auto& host : hosts_) {
    const bool leads =
        !is_scaled_out() || (host->store && host->store->epoch() == database_->epoch());
    if (host->process && leads) return host.get();
  }
  return nullptr;
}

World::Host* World::NextToTurn() {
  std::vector<Host*> due;
  for (const auto& host : hosts_) {
    if (host->process && host->process->NeedsTurn()) due.push_back(host.get());
  }
  if (due.size() < 2) return due.empty() ? nullptr : due.front();
  return due[random_.Below(due.size())];
}

void World::Turn(Host* host) {
  ++result_.turns;
  clock_.Follow(&host->clock);
  const bool faulty = !settled_ && random_.Below(1000) < fault_chance_;
  StoreFault fault = StoreFault::kNone;
  bool crashes = false;
  bool hangs = false;
  if (faulty) {
    constexpr StoreFault kFaults[] = {StoreFault::kNone, StoreFault::kOperationFails,
                                      StoreFault::kCommitFails, StoreFault::kCommitUnknown};
    fault = kFaults[random_.Below(4)];
    crashes = fault == StoreFault::kNone || random_.OneIn(2);
    hangs = crashes && is_scaled_out() && random_.OneIn(2);
    const int calls = static_cast<int>(random_.Below(6));
    if (hangs) {
      host->process->gate()->HoldAfter(calls);
    } else if (crashes) {
      host->process->gate()->CloseAfter(calls);
    }
  }
  if (database_) checker_->ForgetRaces(database_->reached());
  AfterTurn(host, host->process->Turn(fault));
  if (hangs) {
    Hang(host);
  } else if (crashes) {
    Crash(host);
  }
}

void World::AfterTurn(Host* host, const Status& status) {
  if (status.ok()) return;
  Say("turn of control " + std::to_string(host->number) + " fails: " + status.error().message);
  if (!is_scaled_out()) return executor_->NoteCrash();
  if (host->store->is_connected() && status.error().code != ErrorCode::kConflict) return;
  StepDown(host);
  StandBy(host);
}

// The end of an attempt is acknowledged: unless its run is gone, it is in the table `attempt`,
// whatever has become of its task instance.
void World::CheckRecorded(const Report& report) {
  const MemoryStore::StoredRun* run = memory_.FindRun(report.run);
  const int64_t its_run = executions().at(report.attempt).attempt.run.id;
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
  if (Host* host = NextToTurn()) {
    const bool soon = event && *event - time_.steady() < std::chrono::seconds(5);
    if (!soon || random_.Below(4) != 0) {
      Turn(host);
      return true;
    }
  }
  std::optional<Time> due;
  for (const auto& host : hosts_) {
    const auto next = host->process ? host->process->NextDue() : std::nullopt;
    if (next && (!due || *next < *due)) due = next;
  }
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
  for (const auto& host : hosts_) {
    if (host->process) host->process->SetFeedFaults(false);
  }
  if (is_scaled_out()) {
    database_->StopFaults();
    fleet_->StopFaults();
  } else {
    executor_->StopFaults();
  }
  for (const auto& [dag_id, dag] : memory_.dags()) {
    if (dag.record.is_paused) (void)memory_.SetPaused(std::string(dag_id), false);
    auto backfill = dag.record.backfill;
    if (!backfill || !std::exchange(backfill->is_paused, false)) continue;
    (void)memory_.SetBackfill(std::string(dag_id), *backfill);
  }
  if (random_.OneIn(2)) {
    (void)memory_.SetPool(kSmallPool, 10);
    (void)memory_.SetPool(kMissingPool, 10);
  }
}

// A control process that starts from the database must find nothing to do: otherwise the one before
// had missed something.
void World::CheckColdStart() {
  Host* leader = Leader();
  if (!leader) return result_.violations.push_back("no control process leads");
  const uint64_t edits = checker_->edits();
  leader->process->StartAnew();
  for (int i = 0; i < 10 && leader->process->has_work(); ++i) Turn(leader);
  if (checker_->edits() == edits) return;
  std::string what = "after everything came to rest, a new control process finds more to do:";
  for (const std::string& edit : checker_->last_edits()) what += " [" + edit + "]";
  result_.violations.push_back(what);
}

void World::CollectViolations(bool at_rest) {
  const auto add = [this](const std::vector<std::string>& violations) {
    result_.violations.insert(result_.violations.end(), violations.begin(), violations.end());
  };
  add(checker_->violations());
  add(fleet_ ? fleet_->violations() : executor_->violations());
  if (database_) add(database_->violations());
  add(unrecorded_);
  if (!at_rest) add({"it does not come to rest"});
  if (!result_.violations.empty()) return;
  checker_->CheckAtRest();
  add(checker_->violations());
  Host* leader = Leader();
  const bool quiet =
      fleet_ ? fleet_->quiet() && leader && leader->executor->quiet() : executor_->quiet();
  if (result_.violations.empty() && !quiet) add({"reports were never acknowledged"});
  if (result_.violations.empty()) CheckColdStart();
}

WorldResult World::Run() {
  for (const auto& host : hosts_) Start(host.get());
  uint64_t steps = 0;
  for (; steps < kStepsMax && checker_->violations().empty(); ++steps) {
    if (Step()) continue;
    if (settled_) break;
    Settle();
  }
  CollectViolations(steps < kStepsMax);
  result_.attempts = executions().size();
  result_.finished_tasks = checker_->finished_tasks();
  result_.is_scaled_out = is_scaled_out();
  if (database_) result_.take_overs = static_cast<uint64_t>(database_->epoch() - 1);
  return result_;
}

// --- The workload ---

void World::Operate() {
  switch (random_.Below(11)) {
    case 0:
    case 1:
      return Trigger();
    case 9:
      return EditBackfill();
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

void World::EditBetweenStatements() {
  if (races_left_ == 0 || settled_ || !edits_ || !random_.OneIn(100)) return;
  --races_left_;
  switch (random_.Below(6)) {
    case 0:
      return Trigger();
    case 4:
      return StartBackfill(RandomDagId());
    case 1:
      return EditTasks(0);
    case 2:
      return EditTasks(1 + static_cast<int>(random_.Below(3)));
    case 3:
      return EditPool();
    default:
      return EditRun();
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
  if (!removed_[i]) TellOfFile(i);
}

void World::TellOfFile(size_t i) {
  for (const auto& host : hosts_) {
    if (host->process) host->process->AddFile(files_[i], removed_[i]);
  }
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

void World::EditBackfill() {
  const std::string& dag_id = RandomDagId();
  const auto dag = memory_.dags().find(dag_id);
  if (dag == memory_.dags().end()) return;
  auto backfill = dag->second.record.backfill;
  if (!backfill) return StartBackfill(dag_id);
  const auto kind = random_.Below(4);
  if (kind == 0) {
    (void)memory_.CancelBackfill(dag_id, time_.Now());
  } else if (kind == 1) {
    backfill->max_active_runs = 1 + static_cast<int>(random_.Below(3));
    (void)memory_.SetBackfill(dag_id, *backfill);
  } else {
    backfill->is_paused = !backfill->is_paused;
    (void)memory_.SetBackfill(dag_id, *backfill);
  }
}

// Of days of which some may have a run; forwards or backwards.
void World::StartBackfill(const std::string& dag_id) {
  const BackfillRecord backfill{++last_backfill_id_, random_.OneIn(4),
                                1 + static_cast<int>(random_.Below(3))};
  const int days = static_cast<int>(random_.Below(7));
  const bool backwards = random_.OneIn(2);
  std::vector<RunRecord> runs;
  for (int day = 0; day < days; ++day) {
    RunRecord run;
    run.logical_date = kStart - std::chrono::hours(24 * (1 + day));
    run.key = {dag_id, "backfill__" + FormatIso(run.logical_date)};
    run.type = RunType::kBackfill;
    run.interval = DataInterval{run.logical_date, run.logical_date + std::chrono::hours(24)};
    run.queued_at = time_.Now();
    run.backfill_id = backfill.id;
    run.backfill_ordinal = backwards ? day + 1 : days - day;
    runs.push_back(std::move(run));
  }
  BackfillOrder order;
  order.dag_id = dag_id;
  order.reprocess = Reprocess::kCompleted;
  (void)memory_.StartBackfill(order, backfill, runs);
}

void World::RemoveOrBringBack() {
  const auto i = random_.Below(files_.size());
  const std::string& dag_id = files_[i].dags[0].dag->id;
  if (random_.OneIn(3)) (void)memory_.DeleteDag(dag_id);
  removed_[i] = !removed_[i] && random_.OneIn(2);
  TellOfFile(i);
}

void World::Disturb() {
  Host* host = RandomHost();
  switch (random_.Below(5)) {
    case 0:
      return is_scaled_out() ? fleet_->KillWorker() : executor_->KillWorker();
    case 1:
      return Crash(host);
    case 2:
      time_.Jump(Seconds(static_cast<double>(random_.Below(3600))));
      return;
    case 3:
      time_.Jump(-Seconds(static_cast<double>(random_.Below(3))));
      return;
    default:
      if (is_scaled_out()) return DisturbScaledOut();
      if (!host->process) return;
      host->process->DropCache();
      executor_->NoteCrash();
  }
}

void World::DisturbScaledOut() {
  if (settled_) return;
  Host* host = random_.OneIn(4) ? RandomHost() : Leader();
  if (!host) return;
  switch (random_.Below(11)) {
    case 0:
      return Crash(host);
    case 1:
    case 2:
      return Hang(host);
    case 3:
      return LoseDatabase(host);
    case 4:
      return fleet_->CutOffControl(host->number, UpTo(20));
    case 5:
      return fleet_->CutOffWorker(UpTo(20));
    case 6:
      return fleet_->KillWorker();
    case 7:
      return fleet_->DrainWorker();
    case 8:
      return fleet_->StopChannel(UpTo(20), random_.OneIn(2));
    case 9:
      return fleet_->List();
    default:
      if (host->process) host->process->DropCache();
  }
}

}  // namespace

WorldResult Simulate(const WorldOptions& options) { return World(options).Run(); }

}  // namespace beeflow
