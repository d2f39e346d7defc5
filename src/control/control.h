// The control loop's turn: take events, decide, commit, act. All that is due in one turn shares one
// commit; executors hear of it only afterwards.
//
// It holds no truth. What it keeps in memory is a scheduler made from the database, which it drops
// after a failed commit and makes anew; reports and files that were not committed are kept.
//
// Threads: one. Between turns, Add... may be called by the thread's event handlers.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ports/clock.h"
#include "ports/executor.h"
#include "ports/parsed_file.h"
#include "ports/store.h"
#include "router/router.h"
#include "scheduler/scheduler.h"

namespace beeflow {

struct ControlOptions {
  SchedulerOptions scheduler;
  bool dags_are_paused_at_creation = true;
};

// Task instances that ended, by state.
using TaskEnds = std::map<TaskState, uint64_t>;

struct TurnStats {
  static constexpr size_t kDagsMax = 1'000;  // that are counted each by itself

  uint64_t turns = 0;
  uint64_t commits = 0;
  uint64_t transitions = 0;
  uint64_t rejected = 0;                      // transitions whose guard no longer held
  uint64_t reloads = 0;                       // times the scheduler was made from the database
  std::map<std::string, TaskEnds> task_ends;  // by DAG; the rest is under ""
};

class Control {
 public:
  // The ports outlive the control.
  Control(const ControlOptions& options, Clock* clock, Store* store, Router* router)
      : options_(options), clock_(clock), store_(store), router_(router) {}

  // `executor` is acknowledged once the report is committed.
  void AddReport(Executor* executor, NumberedReport report);
  void AddFile(ParsedFile file);
  void AddRemovedFile(std::string path);
  void AddNextRun(const TimetableQuestion& question, Result<std::optional<NextRun>> answer);

  // How people were told that tasks missed their SLA.
  void AddSlaTold(NoteSlaTold told);

  // One turn. True: there is more to do, call again. An error says why nothing was committed;
  // what was added is kept, and the next call tries again.
  Result<bool> Turn();

  // When a turn is due though nothing happens.
  std::optional<Time> NextDue();

  // Forgets all that is cached, as a crash would.
  void DropCache();

  const TurnStats& stats() const { return stats_; }
  const Scheduler* scheduler() const { return scheduler_.get(); }

 private:
  struct PendingReport {
    Executor* executor;
    NumberedReport numbered;
  };
  struct RemovedFile {
    std::string path;
  };
  using PendingFile = std::variant<ParsedFile, RemovedFile>;

  Status MakeScheduler();
  Result<bool> Work(Transaction* transaction, Time now);
  Status StoreFiles(Transaction* transaction, Time now);
  Status TakeFacts(Transaction* transaction);
  Status Supply(Transaction* transaction);
  Status SupplyLength(Transaction* transaction, const Wants::Length& wanted);
  Status TakeReports(Transaction* transaction, Time now);
  Result<bool> Apply(Transaction* transaction, const Transition& transition);
  Status ApplyAll(Transaction* transaction, const std::vector<Transition>& transitions);
  void CountEnd(const ChangeTask& change);
  void Acknowledge();

  const ControlOptions options_;
  Clock* const clock_;
  Store* const store_;
  Router* const router_;
  std::unique_ptr<Scheduler> scheduler_;
  uint64_t schedulers_made_ = 0;
  bool is_settled_ = false;  // executors were told which attempts the scheduler knows
  std::deque<PendingReport> reports_;
  std::vector<PendingReport> taken_;  // reports of this turn, to be acknowledged
  std::vector<PendingFile> files_;
  std::vector<std::pair<TimetableQuestion, Result<std::optional<NextRun>>>> next_runs_;
  std::vector<Transition> slas_told_;
  TurnStats stats_;
};

}  // namespace beeflow
