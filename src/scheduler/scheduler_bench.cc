// What a pass costs, and what a task instance weighs, by the size of the DAG. The budgets: a pass
// over one change is as cheap in a DAG of 100,000 tasks as in one of 100; 300 bytes for an active
// task instance.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <memory>
#include <string>
#include <vector>

#include "scheduler/scheduler.h"

namespace beeflow {
namespace {

std::shared_ptr<const Dag> Pairs(int64_t tasks) {
  Json list = Json::array();
  for (int64_t i = 0; i < tasks / 2; ++i) {
    const std::string number = std::to_string(i);
    list.push_back({{"task_id", "a" + number}, {"downstream", {"b" + number}}});
    list.push_back({{"task_id", "b" + number}});
  }
  const Json dag = {{"dag_id", "bench"}, {"max_active_tasks", 1'000'000}, {"tasks", list}};
  return *DagFromJson(dag);
}

TaskRecord Row(const Dag& dag, TaskIndex task, TaskState state, AttemptId attempt) {
  TaskRecord row;
  row.run = {"bench", "r"};
  row.task_id = dag.tasks[task].id;
  row.state = state;
  row.try_number = attempt == 0 ? 0 : 1;
  row.attempt = attempt;
  return row;
}

// All first tasks of the pairs run.
Snapshot Running(const std::shared_ptr<const Dag>& dag) {
  Snapshot snapshot;
  snapshot.pools.push_back({"default_pool", -1});
  DagSnapshot entry;
  entry.record.dag_id = "bench";
  entry.record.file = "/bench.py";
  entry.record.is_paused = false;
  entry.record.dag_hash = "h";
  entry.dag = dag;
  snapshot.dags.push_back(entry);
  RunSnapshot run;
  run.run.id = 1;
  run.run.key = {"bench", "r"};
  run.run.state = RunState::kRunning;
  for (TaskIndex i = 0; i < dag->tasks.size(); ++i) {
    const bool first = i % 2 == 0;
    run.tasks.push_back(
        Row(*dag, i, first ? TaskState::kRunning : TaskState::kNone, first ? i + 1 : 0));
  }
  snapshot.runs.push_back(std::move(run));
  return snapshot;
}

void DecideAll(Scheduler* scheduler) {
  std::vector<Transition> out;
  scheduler->Decide(Time{}, &out);
  benchmark::DoNotOptimize(out);
  scheduler->TakeActions();
  scheduler->TakeWants();
}

// One task ends, and its successor is queued.
void PassOverOneChange(benchmark::State& state) {
  const auto dag = Pairs(state.range(0));
  SchedulerOptions options;
  options.parallelism = 0;
  Scheduler scheduler(options);
  scheduler.Load(Running(dag));
  DecideAll(&scheduler);
  TaskIndex task = 0;
  for (auto _ : state) {
    scheduler.OnTask(Row(*dag, task, TaskState::kSuccess, task + 1));
    DecideAll(&scheduler);
    scheduler.OnTask(Row(*dag, task + 1, TaskState::kQueued, 7));
    DecideAll(&scheduler);
    state.PauseTiming();
    scheduler.OnTask(Row(*dag, task + 1, TaskState::kNone, 0));
    scheduler.OnTask(Row(*dag, task, TaskState::kRunning, task + 1));
    DecideAll(&scheduler);
    task = (task + 2) % static_cast<TaskIndex>(dag->tasks.size());
    state.ResumeTiming();
  }
}
BENCHMARK(PassOverOneChange)->Arg(100)->Arg(10'000)->Arg(100'000);

// From the rows of the database to a scheduler that is ready to decide.
void ColdStart(benchmark::State& state) {
  const auto dag = Pairs(state.range(0));
  const Snapshot snapshot = Running(dag);
  for (auto _ : state) {
    Scheduler scheduler({});
    scheduler.Load(snapshot);
    DecideAll(&scheduler);
  }
}
BENCHMARK(ColdStart)->Arg(100)->Arg(100'000)->Unit(benchmark::kMillisecond);

void MemoryPerTaskInstance(benchmark::State& state) {
  const auto dag = Pairs(state.range(0));
  double bytes = 0;
  for (auto _ : state) {
    const size_t before = mallinfo2().uordblks;
    Scheduler scheduler({});
    {
      const Snapshot snapshot = Running(dag);
      scheduler.Load(snapshot);
    }
    DecideAll(&scheduler);
    bytes = static_cast<double>(mallinfo2().uordblks - before);
  }
  state.counters["bytes_per_task_instance"] = bytes / static_cast<double>(dag->tasks.size());
}
BENCHMARK(MemoryPerTaskInstance)->Arg(100'000)->Iterations(1);

}  // namespace
}  // namespace beeflow
