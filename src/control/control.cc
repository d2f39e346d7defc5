#include "control/control.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "dag/mapping.h"
namespace beeflow {
namespace {

// Bounds on one turn, so that readers see progress and a commit stays short.
constexpr int kPassesMax = 512;
constexpr size_t kTransitionsMax = 20'000;
constexpr size_t kChangesMax = 5'000;

}  // namespace

void Control::AddReport(Executor* executor, NumberedReport report) {
  reports_.push_back({executor, std::move(report)});
}

void Control::AddFile(ParsedFile file) { files_.emplace_back(std::move(file)); }

void Control::AddRemovedFile(std::string path) {
  files_.emplace_back(RemovedFile{std::move(path)});
}

void Control::AddNextRun(const TimetableQuestion& question, Result<std::optional<NextRun>> answer) {
  next_runs_.emplace_back(question, std::move(answer));
}

void Control::AddSlaTold(NoteSlaTold told) { slas_told_.emplace_back(std::move(told)); }

void Control::DropCache() { scheduler_.reset(); }

Status Control::MakeScheduler() {
  BEEFLOW_ASSIGN_OR_RETURN(const Snapshot snapshot, store_->LoadActive());
  SchedulerOptions options = options_.scheduler;
  options.seed += ++schedulers_made_;  // A new scheduler must not repeat attempt ids.
  scheduler_ = std::make_unique<Scheduler>(options);
  scheduler_->Load(snapshot);
  is_settled_ = false;
  ++stats_.reloads;
  return Ok();
}

Result<bool> Control::Turn() {
  ++stats_.turns;
  if (!scheduler_) BEEFLOW_RETURN_IF_ERROR(MakeScheduler());
  const Time now = clock_->Now();
  auto work = [&]() -> Result<bool> {
    BEEFLOW_ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
    BEEFLOW_ASSIGN_OR_RETURN(const bool more, Work(transaction.get(), now));
    BEEFLOW_RETURN_IF_ERROR(transaction->Commit());
    return more;
  }();
  if (!work.ok()) {
    DropCache();
    for (; !taken_.empty(); taken_.pop_back()) reports_.push_front(std::move(taken_.back()));
    return work.error();
  }
  ++stats_.commits;
  files_.clear();
  slas_told_.clear();
  Acknowledge();
  router_->Dispatch(scheduler_->TakeActions());
  if (!*work && !std::exchange(is_settled_, true)) router_->Retain(scheduler_->Attempts());
  return *work || !reports_.empty();
}

Result<bool> Control::Work(Transaction* transaction, Time now) {
  BEEFLOW_RETURN_IF_ERROR(StoreFiles(transaction, now));
  for (const auto& [question, answer] : std::exchange(next_runs_, {})) {
    scheduler_->OnNextRun(question, answer);
  }
  BEEFLOW_RETURN_IF_ERROR(TakeFacts(transaction));
  BEEFLOW_RETURN_IF_ERROR(TakeReports(transaction, now));
  BEEFLOW_RETURN_IF_ERROR(ApplyAll(transaction, slas_told_));
  size_t transitions = 0;
  for (int pass = 0; pass < kPassesMax && transitions < kTransitionsMax; ++pass) {
    BEEFLOW_RETURN_IF_ERROR(TakeFacts(transaction));
    std::vector<Transition> decided;
    scheduler_->Decide(now, &decided);
    BEEFLOW_RETURN_IF_ERROR(Supply(transaction));
    BEEFLOW_RETURN_IF_ERROR(ApplyAll(transaction, decided));
    if (decided.empty() && !scheduler_->dirty()) return false;
    transitions += decided.size();
  }
  return true;
}

Status Control::StoreFiles(Transaction* transaction, Time now) {
  for (const PendingFile& file : files_) {
    if (const auto* parsed = std::get_if<ParsedFile>(&file)) {
      BEEFLOW_RETURN_IF_ERROR(
          transaction->SyncFile(*parsed, options_.dags_are_paused_at_creation, now));
    } else {
      BEEFLOW_RETURN_IF_ERROR(transaction->RemoveFile(std::get<RemovedFile>(file).path, now));
    }
  }
  return Ok();
}

Status Control::TakeFacts(Transaction* transaction) {
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<Change> changes,
                             transaction->TakeChanges(kChangesMax));
    if (changes.empty()) return Ok();
    router_->Route(changes, scheduler_.get());
    BEEFLOW_RETURN_IF_ERROR(Supply(transaction));
  }
}

// Hands the scheduler the rows that it asks for.
Status Control::Supply(Transaction* transaction) {
  for (Wants wants = scheduler_->TakeWants(); !wants.empty(); wants = scheduler_->TakeWants()) {
    for (const std::string& dag_id : wants.dags) {
      BEEFLOW_ASSIGN_OR_RETURN(const auto dag, transaction->LoadDag(dag_id));
      if (dag) {
        scheduler_->OnDag(*dag);
      } else {
        scheduler_->OnDagGone(dag_id);
      }
    }
    for (const RunKey& key : wants.runs) {
      BEEFLOW_ASSIGN_OR_RETURN(const auto run, transaction->LoadRun(key));
      if (run) {
        scheduler_->OnRunLoaded(*run);
      } else {
        scheduler_->OnRunGone(key);
      }
    }
    for (const Wants::Past& past : wants.pasts) {
      BEEFLOW_ASSIGN_OR_RETURN(
          const auto previous,
          transaction->LoadPreviousRun(past.run.dag_id, past.logical_date, past.scheduled_only));
      scheduler_->OnPast(past.run, previous);
    }
    for (const Wants::Length& wanted : wants.lengths) {
      BEEFLOW_RETURN_IF_ERROR(SupplyLength(transaction, wanted));
    }
  }
  return Ok();
}

Status Control::SupplyLength(Transaction* transaction, const Wants::Length& wanted) {
  const std::vector<Task>& tasks = wanted.dag->tasks;
  const Mapping& mapping = *tasks[wanted.task].mapping;
  std::map<TaskIndex, std::optional<int64_t>> lengths;
  for (const TaskIndex source : mapping.sources) {
    const bool mapped = tasks[source].mapping != nullptr;
    BEEFLOW_ASSIGN_OR_RETURN(lengths[source],
                             transaction->MapLength(wanted.run, tasks[source].id, mapped));
  }
  scheduler_->OnLength(wanted.run, tasks[wanted.task].id,
                       InstanceCount(mapping, [&](TaskIndex task) { return lengths.at(task); }));
  return Ok();
}

Status Control::TakeReports(Transaction* transaction, Time now) {
  // An end tells all that the start of the same attempt does, but for the process.
  std::unordered_map<AttemptId, Report*> ended;
  for (PendingReport& pending : reports_) {
    Report& report = pending.numbered.report;
    if (report.outcome != Outcome::kRunning) ended[report.attempt] = &report;
  }
  std::vector<Transition> transitions;
  std::vector<size_t> ends;  // of what follows from each of taken_, in transitions
  std::deque<PendingReport> later;
  for (PendingReport& pending : reports_) {
    const Report& report = pending.numbered.report;
    const auto end = ended.find(report.attempt);
    const bool told_by_end = report.outcome == Outcome::kRunning && end != ended.end();
    if (told_by_end) end->second->pid = report.pid;
    if (told_by_end || scheduler_->OnReport(report, now, &transitions)) {
      taken_.push_back(std::move(pending));
      ends.push_back(transitions.size());
    } else {
      later.push_back(std::move(pending));
    }
  }
  reports_ = std::move(later);
  std::vector<bool> refused(ends.size());
  for (size_t i = 0, next = 0; i < ends.size(); ++i) {
    const AttemptId attempt = taken_[i].numbered.report.attempt;
    for (; next < ends[i]; ++next) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool applied, Apply(transaction, transitions[next]));
      const auto* change = std::get_if<ChangeTask>(&transitions[next]);
      if (!applied && change && change->from_attempt == attempt) refused[i] = true;
    }
  }
  // Someone has changed the task instance meanwhile, and may have kept the attempt: asked again.
  std::vector<PendingReport> taken;
  for (size_t i = 0; i < refused.size(); ++i) {
    if (refused[i]) {
      reports_.push_back(std::move(taken_[i]));
    } else {
      taken.push_back(std::move(taken_[i]));
    }
  }
  taken_ = std::move(taken);
  return Ok();
}

void Control::CountEnd(const ChangeTask& change) {
  if (!IsFinished(change.to)) return;
  auto& ends = stats_.task_ends;
  auto it = ends.find(change.run.dag_id);
  if (it == ends.end()) {
    it = ends.try_emplace(ends.size() < TurnStats::kDagsMax ? change.run.dag_id : "").first;
  }
  ++it->second[change.to];
}

Status Control::ApplyAll(Transaction* transaction, const std::vector<Transition>& transitions) {
  for (const Transition& transition : transitions) {
    BEEFLOW_RETURN_IF_ERROR(Apply(transaction, transition));
  }
  return Ok();
}

// False where the guard no longer held.
Result<bool> Control::Apply(Transaction* transaction, const Transition& transition) {
  BEEFLOW_ASSIGN_OR_RETURN(const bool applied, transaction->Apply(transition));
  ++stats_.transitions;
  if (!applied) {
    ++stats_.rejected;
    scheduler_->Rejected(transition);
  } else if (const auto* created = std::get_if<CreateTasks>(&transition)) {
    scheduler_->OnTasksCreated(*created);
  } else if (const auto* expanded = std::get_if<ExpandTask>(&transition)) {
    scheduler_->OnTaskExpanded(*expanded);
  } else if (const auto* missed = std::get_if<MissSla>(&transition)) {
    scheduler_->OnSlaMissed(*missed);
  } else if (const auto* changed = std::get_if<ChangeTask>(&transition)) {
    CountEnd(*changed);
  }
  return applied;
}

void Control::Acknowledge() {
  std::map<Executor*, std::vector<uint64_t>> numbers;
  for (const PendingReport& pending : std::exchange(taken_, {})) {
    numbers[pending.executor].push_back(pending.numbered.number);
  }
  for (const auto& [executor, list] : numbers) executor->Acknowledge(list);
}

std::optional<Time> Control::NextDue() { return scheduler_ ? scheduler_->NextDue() : std::nullopt; }

}  // namespace beeflow
