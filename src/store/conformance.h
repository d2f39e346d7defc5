// What every Store must do, as tests that run against any of them. A test program links
// beeflow_store_conformance and names its store:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(StoreBackend{...}));
//
// Its fixture opens an empty database per test, and edits it as others would: past the Store.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "ports/store.h"

namespace beeflow {

class StoreFixture {
 public:
  virtual ~StoreFixture() = default;

  virtual Store& store() = 0;
  // Closes the store and opens the same database again; false where nothing outlives the store.
  virtual bool Reopen() { return false; }

  // Edits by others. Each is committed on return.
  virtual Status CreateRun(const RunRecord& run) = 0;
  virtual Status DeleteRun(const RunKey& run) = 0;
  virtual Status WriteTask(const TaskRecord& task) = 0;  // the row exists
  virtual Status DeleteTask(const RunKey& run, const std::string& task_id, int map_index) = 0;
  virtual Status SetPaused(const std::string& dag_id, bool paused) = 0;
  virtual Status DeleteDag(const std::string& dag_id) = 0;
  virtual Status SetPool(const std::string& name, int slots) = 0;
  virtual Status DeletePool(const std::string& name) = 0;
  // With new runs of it, whose records say so.
  virtual Status StartBackfill(const std::string& dag_id, const BackfillRecord& backfill,
                               const std::vector<RunRecord>& runs) = 0;
  virtual Status SetBackfill(const std::string& dag_id, const BackfillRecord& backfill) = 0;
};

struct StoreBackend {
  std::string name;
  std::function<std::unique_ptr<StoreFixture>()> make;
};
inline void PrintTo(const StoreBackend& backend, std::ostream* out) { *out << backend.name; }

// The DAG "etl" of /dags/etl.py, with the tasks extract -> load, is what most tests work on.
class StoreConformance : public testing::TestWithParam<StoreBackend> {
 protected:
  static constexpr const char* kFile = "/dags/etl.py";

  void SetUp() override;

  Store& store() { return fixture_->store(); }
  StoreFixture& others() { return *fixture_; }

  std::unique_ptr<Transaction> Begin();

  static Time At(int64_t seconds);  // of 2024-01-01 UTC
  static ParsedDag MakeDag(const std::string& dag_id, const std::string& more_fields = "");
  static ParsedFile MakeFile(const std::string& path, std::vector<ParsedDag> dags);
  static RunKey Key(const std::string& run_id) { return {"etl", run_id}; }
  // A manual run whose logical date is `day` days after 2024-01-01.
  static RunRecord MakeRun(const std::string& run_id, int day);

  // The row of the change; a failed test where it is not of type Row.
  template <typename Row>
  static Row As(const Change& change) {
    const Row* row = std::get_if<Row>(&change.row);
    EXPECT_NE(row, nullptr) << "change " << change.sequence << " is of another kind";
    return row ? *row : Row();
  }

  // The same for changes that must be a single one.
  template <typename Row>
  static Row OnlyOne(const std::vector<Change>& changes) {
    EXPECT_EQ(changes.size(), 1u);
    return changes.empty() ? Row() : As<Row>(changes[0]);
  }

  // Each opens a transaction of its own, and commits it.
  bool Apply(const Transition& transition);
  void Sync(const ParsedFile& file, bool paused = false, Time now = At(0));
  std::vector<Change> TakeAll(size_t max = 100);
  std::optional<RunSnapshot> LoadRun(const RunKey& run);
  std::optional<DagSnapshot> LoadDag(const std::string& dag_id);
  TaskRecord Task(const RunKey& run, const std::string& task_id);

  // A run of "etl" with its task instances in state none; the changes so far are taken.
  RunKey StartRun(const std::string& run_id = "r1", int day = 0);
  // Changes `task` from its present row to `state`, as a scheduler would decide it.
  ChangeTask Decide(const TaskRecord& task, TaskState state);

  const ParsedDag etl_ = MakeDag("etl");

 private:
  std::unique_ptr<StoreFixture> fixture_;
};

}  // namespace beeflow
