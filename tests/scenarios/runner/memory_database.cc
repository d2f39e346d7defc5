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

  MemoryStore store_;
};

}  // namespace

std::unique_ptr<Database> NewMemoryDatabase() { return std::make_unique<MemoryDatabase>(); }

}  // namespace beeflow::scenario
