// The scheduler: committed facts and reports in, transitions out. Pure: no clock, no I/O; the same
// inputs give the same outputs.
//
// It is a cache of the database plus decisions. Facts (On...) bring it up to date; Decide() looks
// only at what they touched, so a pass costs what changed and not what exists. A transition that it
// hands out changes nothing in it: that comes back as a fact once the Store has carried it out, or
// as Rejected(). So whatever the database says, however it came to say it, is what it acts on.
//
// Semantics: Airflow 2.9 (https://airflow.apache.org/docs/apache-airflow/2.9.3/).
//
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "scheduler/admission.h"
#include "scheduler/attempt.h"
#include "scheduler/dag_code.h"
#include "scheduler/dag_entry.h"
#include "scheduler/records.h"
#include "scheduler/report.h"
#include "scheduler/transition.h"

namespace beeflow {

struct SchedulerOptions {
  int parallelism = 1024;             // task instances queued or running at once; 0: no limit
  int max_active_tasks_default = 16;  // per DAG, where the DAG says nothing
  bool check_slas = true;
  bool use_job_schedule = true;  // make runs by schedule and for datasets
  uint64_t seed = 0;             // of the attempt ids
  // Where not empty: carry out these runs, also of paused DAGs, and nothing else.
  std::vector<RunKey> only_runs;
};

// Rows that the scheduler needs and does not have; the caller reads them and hands them in.
struct Wants {
  struct Past {
    RunKey run;  // whose predecessor is wanted
    Time logical_date;
    bool scheduled_only = false;
  };
  // The returned values that a mapped task needs, all of which are there.
  struct Length {
    RunKey run;
    std::shared_ptr<const Dag> dag;
    TaskIndex task = 0;
  };
  std::vector<std::string> dags;  // answered by OnDag or OnDagGone
  std::vector<RunKey> runs;       // answered by OnRunLoaded or OnRunGone
  std::vector<Past> pasts;        // answered by OnPast
  std::vector<Length> lengths;    // answered by OnLength

  bool empty() const { return dags.empty() && runs.empty() && pasts.empty() && lengths.empty(); }
};

// What is to be done once the facts that led to it are committed.
struct Cancellation {
  AttemptId attempt = 0;
  std::string queue;
  std::string reason;
};
struct Actions {
  std::vector<Attempt> start;
  std::vector<Attempt> resume;  // the database says it runs; whether it does is for the executor
  std::vector<Cancellation> cancel;
  std::unordered_set<AttemptId> ended;       // as was reported: no longer to be started or resumed
  std::vector<TimetableQuestion> questions;  // answered by OnNextRun
  std::vector<DagCallback> callbacks;
};

// What a task does to its outlets if it says nothing else.
std::vector<DatasetEvent> EventsOfOutlets(const Task& task);

class Scheduler {
 public:
  explicit Scheduler(const SchedulerOptions& options);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Facts. Each may come twice or late; only what is new has an effect.
  void Load(const Snapshot& snapshot);  // once, first
  void OnDag(const DagSnapshot& snapshot);
  void OnDagRecord(const DagRecord& record);
  void OnDagGone(const std::string& dag_id);
  void OnPool(const PoolRecord& record);
  void OnPoolGone(const std::string& name);
  void OnRun(const RunRecord& record);
  void OnRunLoaded(const RunSnapshot& snapshot);
  void OnRunGone(const RunKey& key);
  void OnTask(const TaskRecord& record);
  void OnTaskGone(const RunKey& key, const std::string& task_id, int map_index);
  // The rows of CreateTasks exist now, in state none.
  void OnTasksCreated(const CreateTasks& created);
  void OnTaskExpanded(const ExpandTask& expanded);
  void OnSlaMissed(const MissSla& missed);
  // How many instances a mapped task has; absent where what it is mapped over has no length.
  void OnLength(const RunKey& key, const std::string& task_id, std::optional<int64_t> length);
  // The answer to a question. `error`: why there is none; it is not asked again before something
  // about the DAG changes.
  void OnNextRun(const TimetableQuestion& question, const Result<std::optional<NextRun>>& answer);
  void OnPast(const RunKey& key, const std::optional<RunSnapshot>& previous);
  // The Store did not carry out a transition, since its guard no longer held.
  void Rejected(const Transition& transition);

  // Turns an executor's report into transitions. A report of an attempt that is no longer its task
  // instance's yields none. False: the task instance has a transition on its way; ask again.
  bool OnReport(const Report& report, Time now, std::vector<Transition>* out);

  // Decides on all that facts and the time have touched.
  void Decide(Time now, std::vector<Transition>* out);

  // When Decide is due again if no fact comes before; nothing where time alone changes nothing.
  std::optional<Time> NextDue();

  Wants TakeWants() { return std::exchange(wants_, {}); }
  Actions TakeActions() { return std::exchange(actions_, {}); }

  // True where facts wait to be decided on.
  bool dirty() const { return !dirty_runs_.empty() || !dirty_dags_.empty() || !offered_.empty(); }

  // All attempts that hold a slot, of tasks that left their DAG too.
  std::unordered_set<AttemptId> Attempts() const;

  // For metrics and benchmarks.
  size_t active_runs() const;
  size_t task_slots() const;

 private:
  struct Pool {
    bool exists = false;
    int slots = 0;
    Limit limit;
  };
  struct Timer {
    enum class Kind : uint8_t { kDag, kRunStart, kRunTimeout, kSla, kTask };
    Time due{};
    Kind kind = Kind::kDag;
    std::string dag_id;
    std::weak_ptr<Run> run;
    SlotIndex task = 0;
    bool operator>(const Timer& other) const { return due > other.due; }
  };
  using RunPtr = std::shared_ptr<Run>;

  // facts.cc
  DagEntry* FindDag(const std::string& dag_id);
  DagEntry* EntryOf(const std::string& dag_id);
  RunPtr FindRun(const RunKey& key);
  RunPtr FindSameRun(const RunRecord& record);
  Pool* PoolOf(const std::string& name);
  void SetRunnable(DagEntry* entry, bool was_runnable);
  RunPtr AddRun(DagEntry* entry, const RunRecord& record);
  void FillRun(const RunPtr& run, const RunSnapshot& snapshot);
  void ApplyRun(const RunPtr& run, const RunRecord& record);
  void ApplyTask(const RunPtr& run, SlotIndex task, const TaskRecord& record, bool act);
  void ApplyStray(const RunPtr& run, const TaskRecord& record);
  void Act(const RunPtr& run, SlotIndex task, TaskState old_state, AttemptId old_attempt,
           bool ended, const std::shared_ptr<const Resumption>& resumption);
  void Dismantle(const RunPtr& run, const char* reason);
  void LoseModel(DagEntry* entry);
  void Withdraw(Run* run, SlotIndex task);
  void WithdrawAll(Run* run);
  void RemoveEntry(const std::string& dag_id);
  void ForgetSlots(const RunPtr& run);
  void SetHolds(Run* run, SlotIndex task, bool holds);
  void TouchSuccessors(const RunPtr& run, TaskIndex task);
  void CallBack(const RunPtr& run);
  DagCallback CallbackOf(const Run& run) const;
  void RenewPasts(const RunPtr& added);
  void ListRun(const RunPtr& run);
  void ListDag(DagEntry* entry);
  void Want(const RunKey& key) { wants_.runs.push_back(key); }

  // decide.cc
  void FireTimers(Time now);
  bool Live(const Timer& timer) const;
  void DecideDag(DagEntry* entry, Time now, std::vector<Transition>* out);
  void AskTimetable(DagEntry* entry);
  void DecideDatasets(DagEntry* entry, Time now, std::vector<Transition>* out);
  void DecideSchedule(DagEntry* entry, Time now, std::vector<Transition>* out);
  void StartRuns(DagEntry* entry, Time now, std::vector<Transition>* out);
  void StartGroup(DagEntry* entry, const RunGroup& group, int max, Time now,
                  std::vector<Transition>* out);
  void DecideBackfill(DagEntry* entry, Time now, std::vector<Transition>* out);
  void StartRun(const RunPtr& run, Time now, std::vector<Transition>* out);
  void DecideRun(const RunPtr& run, Time now, std::vector<Transition>* out);
  bool CheckRows(const RunPtr& run, std::vector<Transition>* out);
  bool BringBack(const RunPtr& run, std::vector<Transition>* out);
  bool DecideTimeout(const RunPtr& run, Time now, std::vector<Transition>* out);
  void DecideSla(const RunPtr& run, Time now, std::vector<Transition>* out);
  void DecideFailFast(const RunPtr& run, Time now, std::vector<Transition>* out);
  void DecideTask(const RunPtr& run, SlotIndex task, Time now, std::vector<Transition>* out);
  void DecideDeferred(const RunPtr& run, SlotIndex task, Time now, std::vector<Transition>* out);
  void DecideReady(const RunPtr& run, SlotIndex task, Time now, std::vector<Transition>* out);
  void DecideEnd(const RunPtr& run, Time now, std::vector<Transition>* out);
  std::string WhyItStalls(const Run& run, bool* waits_for_past) const;
  void DecideStall(const RunPtr& run, Time now, std::vector<Transition>* out);
  void DecideStrays(const RunPtr& run, Time now, std::vector<Transition>* out);
  void StopUnfinished(Run* run, TaskState running_to, Time now, std::vector<Transition>* out);
  void AdmitReady(Time now, std::vector<Transition>* out);
  void TellWhyItWaits(const Candidate& candidate, Time now, std::vector<Transition>* out);
  void Prune();
  ChangeTask& Change(Run* run, SlotIndex task, TaskState to, std::vector<Transition>* out);
  void FinishUnrun(Run* run, SlotIndex task, TaskState to, Time now, std::vector<Transition>* out);
  void Queue(Run* run, SlotIndex task, Time now, std::vector<Transition>* out);
  void EndRun(Run* run, RunState to, Time now, const std::string& reason,
              std::vector<Transition>* out);
  AttemptId NewAttemptId();

  // expansion.cc
  bool DecideExpansion(const RunPtr& run, SlotIndex task, Time now, std::vector<Transition>* out);
  void Expand(const RunPtr& run, TaskIndex task, Time now, std::vector<Transition>* out);
  bool Revise(const RunPtr& run, SlotIndex task, Time now, std::vector<Transition>* out);
  std::optional<int64_t> LengthOf(const RunPtr& run, TaskIndex task);

  // reports.cc
  void OnDeferred(Run* run, SlotIndex task, const Report& report, Time now,
                  std::vector<Transition>* out);
  void OnTrigger(Run* run, SlotIndex task, const Report& report, Time now,
                 std::vector<Transition>* out);
  void OnEnd(Run* run, SlotIndex task, const Report& report, Time now,
             std::vector<Transition>* out);

  static Needs NeedsOf(void* scheduler, const Candidate& candidate);
  Needs NeedsOfTask(Run* run, SlotIndex task);
  static Candidate CandidateOf(Run* run, SlotIndex task);

  const SchedulerOptions options_;
  Random random_;
  Admission admission_;
  Limit parallelism_;
  std::map<std::string, Pool> pools_;
  std::unordered_map<std::string, std::unique_ptr<DagEntry>> dags_;
  std::vector<RunPtr> dirty_runs_;
  std::vector<std::string> dirty_dags_;
  std::vector<RunPtr> maybe_idle_;
  std::vector<Candidate> offered_;  // in this pass
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  Wants wants_;
  Actions actions_;
};

}  // namespace beeflow
