// Scenarios on the store of the simulation.
#include "database.h"
#include "sim/memory_store.h"

namespace beeflow::scenario {
namespace {

template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.ok() ? Ok() : Status(result.error());
}

class MemoryDatabase : public Database {
 public:
  Store* store() override { return &store_; }
  Status Reopen() override { return Ok(); }

  Status SetPaused(const std::string& dag_id, bool paused) override {
    return store_.SetPaused(dag_id, paused);
  }
  Status CreateRun(const RunRecord& run) override { return StatusOf(store_.CreateRun(run)); }
  Status DeleteDag(const std::string& dag_id) override { return store_.DeleteDag(dag_id); }
  Status DeleteRun(const RunKey& run) override { return store_.DeleteRun(run); }
  Status Clear(const TaskSelection& selection) override {
    return StatusOf(store_.Clear(selection));
  }
  Status SetTaskState(const TaskSelection& selection, TaskState state, Time now) override {
    return StatusOf(store_.SetTaskState(selection, state, now));
  }
  Status SetRunState(const RunKey& run, RunState state, Time now) override {
    if (IsFinished(state)) BEEFLOW_RETURN_IF_ERROR(EndTasks(run, state, now));
    return store_.SetRunState(run, state, now);
  }
  Status SetPool(const std::string& name, int slots) override {
    return store_.SetPool(name, slots);
  }
  Status DeletePool(const std::string& name) override { return store_.DeletePool(name); }
  Status StartBackfill(const BackfillOrder& order, Time now) override {
    const auto dag = store_.dags().find(order.dag_id);
    if (dag == store_.dags().end()) return NotFound("there is no DAG " + order.dag_id);
    BEEFLOW_ASSIGN_OR_RETURN(const auto intervals, PlanBackfill(*dag->second.dag, order, now));
    const BackfillRecord backfill{++last_backfill_id_, false, order.max_active_runs};
    std::vector<RunRecord> runs;
    for (const NextRun& interval : intervals) {
      RunRecord run = BackfillRun(*dag->second.dag, interval, order.conf.value_or("{}"), now);
      run.backfill_id = backfill.id;
      run.backfill_ordinal = static_cast<int>(runs.size()) + 1;
      runs.push_back(std::move(run));
    }
    return store_.StartBackfill(order, backfill, runs);
  }
  Status PauseBackfill(const std::string& dag_id, bool paused, Time /*now*/) override {
    BEEFLOW_ASSIGN_OR_RETURN(BackfillRecord backfill, BackfillOf(dag_id));
    backfill.is_paused = paused;
    return store_.SetBackfill(dag_id, backfill);
  }
  Status CancelBackfill(const std::string& dag_id, Time now) override {
    return store_.CancelBackfill(dag_id, now);
  }
  Status WriteBackfill(const std::string& dag_id, const BackfillRecord& backfill) override {
    return store_.SetBackfill(dag_id, backfill);
  }
  Status WriteTask(const TaskRecord& task) override { return store_.WriteTask(task); }
  Status WriteRun(const RunRecord& run) override { return store_.WriteRun(run); }
  Status DeleteTask(const TaskRecord& task) override {
    return store_.DeleteTask(task.run, task.task_id, task.map_index);
  }

 private:
  // As in Airflow: a run that is marked success takes all its tasks along; in one that is marked
  // failed what runs fails, and what has not started is skipped.
  Status EndTasks(const RunKey& run, RunState state, Time now) {
    const auto* stored = store_.FindRun(run);
    if (!stored) return NotFound("there is no run " + run.run_id);
    const auto tasks = stored->tasks;
    for (const auto& [key, task] : tasks) {
      TaskState end = TaskState::kSuccess;
      if (state == RunState::kFailed) {
        if (IsFinished(task.state)) continue;
        const bool runs = task.state == TaskState::kRunning || task.state == TaskState::kRestarting;
        end = runs ? TaskState::kFailed : TaskState::kSkipped;
      }
      BEEFLOW_RETURN_IF_ERROR(
          StatusOf(store_.SetTaskState({run, {task.task_id}, false, false}, end, now)));
    }
    return Ok();
  }

  Result<BackfillRecord> BackfillOf(const std::string& dag_id) {
    const auto dag = store_.dags().find(dag_id);
    if (dag != store_.dags().end() && dag->second.record.backfill) {
      return *dag->second.record.backfill;
    }
    return NotFound("DAG " + dag_id + " has no backfill");
  }

  MemoryStore store_;
  int64_t last_backfill_id_ = 0;
};

}  // namespace

std::unique_ptr<Database> NewMemoryDatabase() { return std::make_unique<MemoryDatabase>(); }

}  // namespace beeflow::scenario
