// The tests of backfills, as the control loop sees them.
#include <map>

#include "store/conformance.h"

namespace beeflow {
namespace {

constexpr BackfillRecord kBackfill{7, false, 3};

RunRecord PartOf(RunRecord run, int ordinal) {
  run.type = RunType::kBackfill;
  run.backfill_id = kBackfill.id;
  run.backfill_ordinal = ordinal;
  return run;
}

// The latest record of the DAG among the changes.
std::optional<DagRecord> DagIn(const std::vector<Change>& changes) {
  std::optional<DagRecord> dag;
  for (const Change& change : changes) {
    if (const auto* row = std::get_if<DagRecord>(&change.row)) dag = *row;
  }
  return dag;
}

TEST_P(StoreConformance, ABackfillIsPartOfItsDag) {
  Sync(MakeFile(kFile, {etl_}));
  TakeAll();
  EXPECT_EQ(LoadDag("etl")->record.backfill, std::nullopt);
  ASSERT_TRUE(others().StartBackfill("etl", kBackfill, {}).ok());
  EXPECT_EQ(OnlyOne<DagRecord>(TakeAll()).backfill, kBackfill);
  EXPECT_EQ(LoadDag("etl")->record.backfill, kBackfill);
  EXPECT_EQ(store().LoadActive().value().dags.front().record.backfill, kBackfill);
}

TEST_P(StoreConformance, FeedTellsOfAnEditOfABackfill) {
  Sync(MakeFile(kFile, {etl_}));
  ASSERT_TRUE(others().StartBackfill("etl", kBackfill, {}).ok());
  TakeAll();
  const BackfillRecord paused{kBackfill.id, true, 1};
  ASSERT_TRUE(others().SetBackfill("etl", paused).ok());
  EXPECT_EQ(OnlyOne<DagRecord>(TakeAll()).backfill, paused);
  ASSERT_TRUE(others().SetBackfill("etl", paused).ok());
  EXPECT_FALSE(store().HasChanges().value()) << "nothing has changed";
}

TEST_P(StoreConformance, RunsKnowTheirPlaceInABackfill) {
  Sync(MakeFile(kFile, {etl_}));
  Apply(CreateRun{MakeRun("other", 5)});
  TakeAll();
  ASSERT_TRUE(others()
                  .StartBackfill("etl", kBackfill,
                                 {PartOf(MakeRun("b1", 1), 2), PartOf(MakeRun("b2", 2), 1)})
                  .ok());
  std::map<std::string, int> ordinals;
  for (const Change& change : TakeAll()) {
    const auto* run = std::get_if<RunRecord>(&change.row);
    if (!run) continue;
    EXPECT_EQ(run->backfill_id, kBackfill.id);
    EXPECT_EQ(run->type, RunType::kBackfill);
    ordinals[run->key.run_id] = run->backfill_ordinal;
  }
  EXPECT_EQ(ordinals, (std::map<std::string, int>{{"b1", 2}, {"b2", 1}}));
  EXPECT_EQ(LoadRun(Key("b1"))->run.backfill_ordinal, 2);
  EXPECT_EQ(LoadRun(Key("other"))->run.backfill_id, 0);
}

TEST_P(StoreConformance, ABackfillIsCompletedWithItsLastRun) {
  Sync(MakeFile(kFile, {etl_}));
  ASSERT_TRUE(others().StartBackfill("etl", kBackfill, {PartOf(MakeRun("b1", 1), 1)}).ok());
  TakeAll();
  const CompleteBackfill done{"etl", kBackfill.id, At(60)};
  EXPECT_FALSE(Apply(done)) << "its run is queued";
  ASSERT_TRUE(Apply(ChangeRun{Key("b1"), RunState::kQueued, RunState::kFailed, {}, At(50), ""}));
  EXPECT_FALSE(Apply(CompleteBackfill{"etl", kBackfill.id + 1, At(60)}));
  TakeAll();
  EXPECT_TRUE(Apply(done));
  const auto dag = DagIn(TakeAll());
  ASSERT_TRUE(dag);
  EXPECT_EQ(dag->backfill, std::nullopt);
  EXPECT_FALSE(Apply(done)) << "it is completed already";
}

TEST_P(StoreConformance, ABackfillGoesWithItsDag) {
  Sync(MakeFile(kFile, {etl_}));
  ASSERT_TRUE(others().StartBackfill("etl", kBackfill, {PartOf(MakeRun("b1", 1), 1)}).ok());
  ASSERT_TRUE(others().DeleteDag("etl").ok());
  Sync(MakeFile(kFile, {etl_}));
  EXPECT_EQ(LoadDag("etl")->record.backfill, std::nullopt);
}

}  // namespace
}  // namespace beeflow
