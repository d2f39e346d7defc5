// How many transitions per second the Store commits, by the size of a commit, next to the bare
// fsync that bounds small ones; and how long loading what is active takes.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "store/sql/sql_store.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

template <typename T>
T Taken(Result<T> result) {
  return std::move(result.value());
}

class BenchStore {
 public:
  explicit BenchStore(int tasks) {
    const std::string pattern = (std::filesystem::current_path() / "store-bench-XXXXXX").string();
    folder_ = pattern;
    BEEFLOW_CHECK(mkdtemp(folder_.data()) != nullptr);
    store_ = Taken(sqlite::OpenStore(folder_ + "/beeflow.db", sqlite::OpenMode::kCreate));
    Json json = {{"version", 1}, {"dag_id", "bench"}, {"tasks", Json::array()}};
    for (int i = 0; i < tasks; ++i) json["tasks"].push_back({{"task_id", "t" + std::to_string(i)}});
    dag_ = Taken(DagFromJson(json));
    RunRecord run;
    run.key = key_;
    auto transaction = Taken(store_->Begin());
    BEEFLOW_CHECK(transaction->Apply(CreateRun{run}).value());
    BEEFLOW_CHECK(transaction->Commit().ok());
  }
  ~BenchStore() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void CreateTaskInstances() {
    CreateTasks create{key_, dag_, {}};
    for (TaskIndex i = 0; i < dag_->tasks.size(); ++i) create.tasks.push_back(i);
    auto transaction = Taken(store_->Begin());
    BEEFLOW_CHECK(transaction->Apply(create).value());
    BEEFLOW_CHECK(transaction->Commit().ok());
  }

  // The n-th transition: four for each task instance, then it starts over.
  ChangeTask Transition(int64_t n) const {
    static constexpr TaskState kStates[] = {TaskState::kScheduled, TaskState::kQueued,
                                            TaskState::kRunning, TaskState::kSuccess};
    const auto count = static_cast<int64_t>(dag_->tasks.size());
    const int64_t step = n / count;
    ChangeTask change;
    change.run = key_;
    change.dag = dag_;
    change.task_id = dag_->tasks[static_cast<size_t>(n % count)].id;
    change.from = step == 0 ? TaskState::kNone : kStates[(step + 3) % 4];
    change.from_try = static_cast<int>(step);
    change.from_attempt = static_cast<AttemptId>(step);
    change.to = kStates[step % 4];
    change.try_number = static_cast<int>(step + 1);
    change.attempt = static_cast<AttemptId>(step + 1);
    const Time now{std::chrono::seconds(n)};
    if (change.to == TaskState::kQueued) change.queued_at = now;
    if (change.to == TaskState::kRunning) change.start_date = now;
    if (change.to == TaskState::kSuccess) change.end_date = now;
    return change;
  }

  SqlStore& store() { return *store_; }
  const std::string& folder() const { return folder_; }

 private:
  const RunKey key_{"bench", "scheduled__2024-01-01T00:00:00+00:00"};
  std::string folder_;
  std::unique_ptr<SqlStore> store_;
  std::shared_ptr<const Dag> dag_;
};

void ApplyTransitions(benchmark::State& state) {
  const auto per_commit = static_cast<int64_t>(state.range(0));
  BenchStore bench(10'000);
  bench.CreateTaskInstances();
  int64_t next = 0;
  for (auto _ : state) {
    auto transaction = Taken(bench.store().Begin());
    for (int64_t i = 0; i < per_commit; ++i, ++next) {
      BEEFLOW_CHECK(transaction->Apply(bench.Transition(next)).value());
    }
    BEEFLOW_CHECK(!transaction->TakeChanges(10'000).value().empty());
    BEEFLOW_CHECK(transaction->Commit().ok());
  }
  state.SetItemsProcessed(next);
}
BENCHMARK(ApplyTransitions)->Arg(1)->Arg(10)->Arg(100)->Arg(1000)->UseRealTime();

void BareFsync(benchmark::State& state) {
  BenchStore bench(1);
  const int file = open((bench.folder() + "/fsync").c_str(), O_CREAT | O_WRONLY, 0600);
  const std::string page(4096, 'x');
  for (auto _ : state) {
    BEEFLOW_CHECK(write(file, page.data(), page.size()) == 4096);
    BEEFLOW_CHECK(fdatasync(file) == 0);
  }
  close(file);
}
BENCHMARK(BareFsync)->UseRealTime();

void InsertTasks(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto bench = std::make_unique<BenchStore>(static_cast<int>(state.range(0)));
    state.ResumeTiming();
    bench->CreateTaskInstances();
    state.PauseTiming();
    bench.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(InsertTasks)->Arg(100'000)->Unit(benchmark::kMillisecond)->Iterations(2);

void LoadSnapshot(benchmark::State& state) {
  BenchStore bench(static_cast<int>(state.range(0)));
  bench.CreateTaskInstances();
  for (auto _ : state) {
    BEEFLOW_CHECK(!bench.store().LoadActive().value().runs[0].tasks.empty());
  }
}
BENCHMARK(LoadSnapshot)->Arg(100'000)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace beeflow

BENCHMARK_MAIN();
