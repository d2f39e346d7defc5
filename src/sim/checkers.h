// What must hold in every simulation, whatever its workload and faults: checks on the committed
// history, on the attempts, and on the state at rest. They judge by the rows and the executor's
// truth alone, with the rules of naive_scheduler.h, and know nothing of the scheduler's memory.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "ports/clock.h"
#include "sim/attempt_fate.h"
#include "sim/memory_store.h"
#include "sim/naive_scheduler.h"

namespace beeflow {

class HistoryChecker : public CommitObserver {
 public:
  // All outlive the checker. `parallelism`: the limit that the control loop was given.
  HistoryChecker(const Executions* executions, Clock* clock, int parallelism);

  void OnCommit(const std::vector<RowEdit>& edits, bool by_hand) override;

  // What others committed is not known to the control loop before the feed has reached `position`,
  // though its transactions may see it: what it does meanwhile to the same DAGs, or to limits, is
  // not judged by what was before.
  void NoteRace(const std::vector<RowEdit>& edits, int64_t position);
  void ForgetRaces(int64_t reached);

  // To be called when nothing moves any more: whether everything that could move has, and whether
  // runs that nobody touched ended as their attempts did.
  void CheckAtRest();

  const std::vector<std::string>& violations() const { return violations_; }
  // How often a run or task instance was changed. DAG rows don't count: the next logical date of a
  // schedule without catchup moves with the time.
  uint64_t edits() const { return edits_; }
  // The edits of the latest commit, in words.
  const std::vector<std::string>& last_edits() const { return last_edits_; }
  uint64_t finished_tasks() const { return finished_tasks_; }

 private:
  struct DagState {
    DagRecord record;
    std::shared_ptr<const Dag> dag;
    int versions = 0;
    naive::DagRuns runs;
  };
  struct RunNote {
    bool touched = false;  // by hand, or the DAG changed: its end is not compared
    bool timed_out = false;
  };
  struct TaskEdit {
    const TaskRecord* before;  // null: inserted
    const TaskRecord* after;
    DagState* dag;
    naive::RunRows* run;
    const Task* model;  // null: not in the DAG
  };
  // What one task instance takes of one limit.
  struct Share {
    std::string limit;
    int64_t slots = 1;
    int64_t capacity = 0;  // -1: no limit
  };

  void Fail(const std::string& what);
  void Fail(const TaskRecord& task, const std::string& what);
  void Follow(const Edit<StoredDag>& edit, bool by_hand);
  void Follow(const Edit<RunRecord>& edit, bool by_hand);
  void Follow(const Edit<TaskRecord>& edit, bool by_hand);
  void Follow(const Edit<StoredPool>& edit, bool by_hand);
  void Follow(const XComEdit& edit, bool by_hand);
  void Follow(const FileEdit&, bool) {}
  void Follow(const SlaEdit& edit, bool by_hand);
  void Follow(const AttemptEdit&, bool) {}
  void CheckRunEdit(const RunRecord& before, const RunRecord& after);
  void CheckTaskEdit(const TaskEdit& edit);
  void CheckExpansion(const TaskEdit& edit);
  void CheckStart(const TaskEdit& edit);
  void CheckFirstOrNextTry(const TaskEdit& edit);
  void CheckEndUnrun(const TaskEdit& edit);
  void CheckEndOfAttempt(const TaskEdit& edit);
  bool IsJustified(const TaskEdit& edit) const;
  void CheckDeferred(const TaskEdit& edit);
  void CheckNewAttempt(const TaskRecord& row);
  bool IsStray(const DagState& dag, const naive::RunRows& run, const TaskRecord& row) const;
  naive::Allowed AllowedBy(const DagState& dag, const naive::RunRows& run, const Task& task,
                           const TaskRecord& row) const;
  void CheckLimits();
  // How many runs of one backfill, or of none, may run at once; 0: any number.
  static int64_t RunLimit(const DagState& dag, int64_t backfill_id);
  static int64_t CountRuns(const DagState& dag, int64_t backfill_id, RunState state);
  void CheckBackfillEdit(const std::optional<BackfillRecord>& before, const DagState& dag);
  std::vector<Share> SharesOf(const DagState& dag, const Task& task) const;
  std::map<std::string, int64_t> CountUsed() const;
  bool IsBranchedAway(const naive::RunRows& run, const Task& task) const;
  bool Reported(AttemptId attempt, std::initializer_list<Outcome> outcomes) const;
  bool PoolFits(const Task& task) const;
  bool PastAllows(const TaskEdit& edit) const;
  void CheckSlas(const DagState& dag, const naive::RunRows& run);
  void CheckRunAtRest(DagState* dag, naive::RunRows* run);
  // "" or why the task instance rightly stays as it is.
  std::string WhyItRests(const DagState& dag, const naive::RunRows& run, const Task& task,
                         const TaskRecord& row) const;
  std::string CheckTaskAtRest(const DagState& dag, const naive::RunRows& run, const Task& task,
                              bool* waits);
  bool IsFineEnd(const DagState& dag, const naive::RunRows& run, const Task& task,
                 const TaskRecord& row) const;
  void CheckUntouchedEnd(const DagState& dag, const naive::RunRows& run);
  RunNote& NoteOf(const RunKey& run) { return notes_[{run.dag_id, run.run_id}]; }

  const Executions* const executions_;
  Clock* const clock_;
  const int parallelism_;
  std::map<std::string, DagState> dags_;
  std::map<std::string, int> pools_;
  std::map<std::pair<std::string, std::string>, RunNote> notes_;
  std::set<std::tuple<std::string, std::string, std::string>> late_;  // DAG, run, task
  std::set<AttemptId> attempts_;
  std::map<std::string, int64_t> races_;  // by DAG, "" for pools: to the latest position
  std::set<std::pair<std::string, int64_t>> admitted_groups_;  // DAG, backfill; in this commit
  std::set<std::pair<std::string, std::string>> new_runs_;     // in this commit
  std::vector<std::pair<RunKey, std::string>> admitted_;       // run and task, in this commit
  std::vector<std::string> violations_;
  std::vector<std::string> last_edits_;
  uint64_t edits_ = 0;
  uint64_t finished_tasks_ = 0;
};

}  // namespace beeflow
