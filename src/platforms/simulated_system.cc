#include "platforms/simulated_system.h"

#include <algorithm>
#include <climits>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "control/control.h"
#include "router/router.h"
#include "sim/memory_store.h"

namespace beeflow {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

std::unique_ptr<PlatformModel> MakeModel(const PlatformOptions& options,
                                         const ModelSurroundings& surroundings) {
  using Model = std::unique_ptr<PlatformModel>;
  return std::visit(Overloaded{
                        [&](const BeeflowOptions& o) -> Model {
                          return std::make_unique<BeeflowModel>(o, surroundings);
                        },
                        [&](const MwaaOptions& o) -> Model {
                          return std::make_unique<MwaaModel>(o, surroundings);
                        },
                        [&](const SairflowOptions& o) -> Model {
                          return std::make_unique<SairflowModel>(o, surroundings);
                        },
                    },
                    options);
}

ControlOptions UnlimitedControl(uint64_t seed) {
  ControlOptions out;
  out.scheduler.parallelism = 0;
  out.scheduler.check_slas = false;
  out.scheduler.seed = seed;
  out.dags_are_paused_at_creation = false;
  return out;
}

std::string NameOf(const RunKey& run) { return run.dag_id + "/" + run.run_id; }

class SimulatedSystem : public CommitObserver {
 public:
  explicit SimulatedSystem(const SimulationOptions& options);
  Result<SimulationResult> Run();

  void OnCommit(const std::vector<RowEdit>& edits, bool by_hand) override;

 private:
  std::map<std::string, int> Pools() const;
  Status Publish();
  void Trigger(const std::string& dag_id);
  void Take(Report report);
  void WantTurn(Time known);
  std::optional<Time> NextTurn();
  Status Turn();
  bool Counts(const RunRecord& run) const;
  bool AllHaveEnded() const;
  SimulationResult Collect();

  const SimulationOptions options_;
  VirtualTime time_;
  MemoryStore memory_;
  const std::unique_ptr<PlatformModel> model_;
  Router router_;
  Control control_;
  std::optional<Time> turn_;
  std::unordered_map<std::string, std::vector<AttemptInfo>> attempts_;  // by DAG, "/", run
  int runs_started_ = 0;                                                // in this turn
  std::unordered_set<std::string> open_runs_;  // that count and have not ended
  size_t planned_ = 0;                         // runs that are still to be asked for
  uint64_t reports_ = 0;
  uint64_t turns_ = 0;
  Status failed_;
};

SimulatedSystem::SimulatedSystem(const SimulationOptions& options)
    : options_(options),
      time_(options.start),
      model_(MakeModel(options.platform, {&time_, options.task_seconds, options.seed})),
      router_(model_.get()),
      control_(UnlimitedControl(options.seed), &time_, &memory_, &router_),
      planned_(options.runs.size()) {
  memory_.Observe(this);
  model_->Connect([this](Report report) { Take(std::move(report)); });
}

bool SimulatedSystem::Counts(const RunRecord& run) const {
  const Time begin = run.start_date.value_or(run.queued_at.value_or(options_.end));
  return begin >= options_.counts_from && begin < options_.end;
}

void SimulatedSystem::OnCommit(const std::vector<RowEdit>& edits, bool /*by_hand*/) {
  for (const RowEdit& row : edits) {
    const auto* edit = std::get_if<Edit<RunRecord>>(&row);
    if (!edit || !edit->after) continue;
    const RunState before = edit->before ? edit->before->state : RunState::kQueued;
    const RunRecord& run = *edit->after;
    if (before == RunState::kQueued && run.state == RunState::kRunning) ++runs_started_;
    if (!IsFinished(run.state) && Counts(run)) {
      open_runs_.insert(NameOf(run.key));
    } else {
      open_runs_.erase(NameOf(run.key));
    }
  }
}

std::map<std::string, int> SimulatedSystem::Pools() const {
  constexpr int kSlots = 128;
  std::map<std::string, int> out = options_.pools;
  out["default_pool"] = options_.default_pool_slots;
  for (const ParsedFile& file : options_.files) {
    for (const ParsedDag& dag : file.dags) {
      for (const Task& task : dag.dag->tasks) out.try_emplace(task.pool, kSlots);
    }
  }
  return out;
}

Status SimulatedSystem::Publish() {
  for (const auto& [name, slots] : Pools()) {
    BEEFLOW_RETURN_IF_ERROR(memory_.SetPool(name, slots));
  }
  for (const ParsedFile& file : options_.files) control_.AddFile(file);
  for (const PlannedRun& run : options_.runs) {
    time_.After(run.time - time_.steady(), [this, dag_id = run.dag_id] { Trigger(dag_id); });
  }
  BEEFLOW_RETURN_IF_ERROR(Turn());
  for (const PlannedRun& run : options_.runs) {
    if (!memory_.dags().contains(run.dag_id)) {
      return NotFound("DAG " + run.dag_id + " is to run, but no file defines it");
    }
  }
  for (const auto& [dag_id, dag] : memory_.dags()) {
    if (dag.record.is_paused) BEEFLOW_RETURN_IF_ERROR(memory_.SetPaused(dag_id, false));
  }
  WantTurn(time_.steady());
  return Ok();
}

void SimulatedSystem::Trigger(const std::string& dag_id) {
  --planned_;
  RunRecord run;
  run.logical_date = time_.Now();
  run.key = {dag_id, "manual__" + FormatIso(run.logical_date)};
  run.interval = DataInterval{run.logical_date, run.logical_date};
  run.queued_at = time_.Now();
  run.external_trigger = true;
  const auto created = memory_.CreateRun(run);
  if (!created.ok() && failed_.ok()) failed_ = created.error();
  WantTurn(time_.steady());
}

void SimulatedSystem::Take(Report report) {
  AttemptInfo attempt;
  attempt.task_id = report.task_id;
  attempt.map_index = report.map_index;
  attempt.attempt_id = FormatAttemptId(report.attempt);
  attempt.state = report.outcome == Outcome::kSuccess ? "success" : "failed";
  attempt.start_date = report.start_date;
  attempt.end_date = report.end_date;
  attempt.try_number = 1;
  attempt.usage = *report.usage;
  attempt.reason = report.reason;
  attempts_[NameOf(report.run)].push_back(std::move(attempt));
  control_.AddReport(model_.get(), {++reports_, std::move(report)});
  WantTurn(time_.steady());
}

void SimulatedSystem::WantTurn(Time known) {
  const Time turn = model_->NextTurn(known);
  turn_ = turn_ ? std::min(*turn_, turn) : turn;
}

std::optional<Time> SimulatedSystem::NextTurn() {
  const auto due = control_.NextDue();
  if (!due) return turn_;
  const Time timed = model_->NextTurn(std::max(*due, time_.steady()));
  return turn_ ? std::min(*turn_, timed) : timed;
}

Status SimulatedSystem::Turn() {
  turn_.reset();
  runs_started_ = 0;
  while (true) {
    ++turns_;
    BEEFLOW_ASSIGN_OR_RETURN(const bool more, control_.Turn());
    if (!more) break;
  }
  model_->EndTurn(runs_started_);
  return Ok();
}

bool SimulatedSystem::AllHaveEnded() const {
  return planned_ == 0 && open_runs_.empty() && time_.steady() >= options_.end;
}

Result<SimulationResult> SimulatedSystem::Run() {
  BEEFLOW_RETURN_IF_ERROR(Publish());
  while (failed_.ok() && !AllHaveEnded()) {
    const auto turn = NextTurn();
    const auto event = time_.NextEvent();
    if (!turn && !event) break;
    const bool is_event = event && (!turn || *event <= *turn);
    if ((is_event ? *event : *turn) > options_.give_up) break;
    if (is_event) {
      time_.RunNext();
    } else {
      time_.AdvanceTo(*turn);
      BEEFLOW_RETURN_IF_ERROR(Turn());
    }
  }
  BEEFLOW_RETURN_IF_ERROR(failed_);
  return Collect();
}

TaskInfo InfoOf(const TaskRecord& record, const Task& task,
                const std::vector<AttemptInfo>& attempts) {
  TaskInfo out;
  out.record = record;
  if (record.start_date && record.end_date) {
    out.duration = ToSeconds(*record.end_date - *record.start_date);
  }
  out.operator_name = task.operator_name;
  out.pool = task.pool;
  out.pool_slots = task.pool_slots;
  out.queue = task.queue;
  out.priority_weight = task.total_priority_weight;
  for (const AttemptInfo& attempt : attempts) {
    if (attempt.task_id != record.task_id || attempt.map_index != record.map_index) continue;
    out.queued_at = *attempt.start_date - Seconds(attempt.usage.queue_seconds.value_or(0));
  }
  return out;
}

// In the order of the DAG's tasks.
std::vector<TaskInfo> TasksOf(const MemoryStore::StoredRun& run, const Dag& dag,
                              const std::vector<AttemptInfo>& attempts) {
  std::unordered_map<std::string, std::vector<AttemptInfo>> by_task;
  for (const AttemptInfo& attempt : attempts) by_task[attempt.task_id].push_back(attempt);
  std::vector<TaskInfo> out;
  for (const Task& task : dag.tasks) {
    for (auto it = run.tasks.lower_bound({task.id, INT_MIN});
         it != run.tasks.end() && it->first.first == task.id; ++it) {
      out.push_back(InfoOf(it->second, task, by_task[task.id]));
    }
  }
  return out;
}

SimulationResult SimulatedSystem::Collect() {
  SimulationResult out;
  out.workers_peak = model_->workers_peak();
  out.turns = turns_;
  for (const auto& [dag_id, dag] : memory_.dags()) out.results.dags[dag_id] = dag.dag;
  for (const auto& [dag_id, runs] : memory_.runs()) {
    for (const auto& [run_id, run] : runs) {
      if (!Counts(run.record)) continue;
      if (!IsFinished(run.record.state)) {
        ++out.unfinished_runs;
        continue;
      }
      ExportedRun exported;
      exported.run = run.record;
      exported.attempts = std::move(attempts_[NameOf(run.record.key)]);
      exported.tasks = TasksOf(run, *memory_.dags().at(dag_id).dag, exported.attempts);
      out.results.runs.push_back(std::move(exported));
    }
  }
  std::sort(out.results.runs.begin(), out.results.runs.end(),
            [](const ExportedRun& a, const ExportedRun& b) {
              return std::tie(a.run.start_date, a.run.id) < std::tie(b.run.start_date, b.run.id);
            });
  return out;
}

}  // namespace

Result<SimulationResult> SimulateSystem(const SimulationOptions& options) {
  return SimulatedSystem(options).Run();
}

}  // namespace beeflow
