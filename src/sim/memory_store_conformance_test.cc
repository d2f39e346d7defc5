// The store in memory does what every Store must do.
#include "sim/memory_store.h"
#include "store/conformance.h"

namespace beeflow {
namespace {

class MemoryStoreFixture : public StoreFixture {
 public:
  Store& store() override { return store_; }
  // What was committed outlives a crash.
  bool Reopen() override {
    store_.Crash();
    return true;
  }

  Status CreateRun(const RunRecord& run) override {
    const auto created = store_.CreateRun(run);
    return created.ok() ? Ok() : Status(created.error());
  }
  Status DeleteRun(const RunKey& run) override { return store_.DeleteRun(run); }
  Status WriteTask(const TaskRecord& task) override { return store_.WriteTask(task); }
  Status DeleteTask(const RunKey& run, const std::string& task_id, int map_index) override {
    return store_.DeleteTask(run, task_id, map_index);
  }
  Status SetPaused(const std::string& dag_id, bool paused) override {
    return store_.SetPaused(dag_id, paused);
  }
  Status DeleteDag(const std::string& dag_id) override { return store_.DeleteDag(dag_id); }
  Status SetPool(const std::string& name, int slots) override {
    return store_.SetPool(name, slots);
  }
  Status DeletePool(const std::string& name) override { return store_.DeletePool(name); }
  Status StartBackfill(const std::string& dag_id, const BackfillRecord& backfill,
                       const std::vector<RunRecord>& runs) override {
    BackfillOrder order;
    order.dag_id = dag_id;
    return store_.StartBackfill(order, backfill, runs);
  }
  Status SetBackfill(const std::string& dag_id, const BackfillRecord& backfill) override {
    return store_.SetBackfill(dag_id, backfill);
  }

 private:
  MemoryStore store_;
};

INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance,
                         testing::Values(StoreBackend{"memory", [] {
                                                        return std::unique_ptr<StoreFixture>(
                                                            std::make_unique<MemoryStoreFixture>());
                                                      }}));

}  // namespace
}  // namespace beeflow
