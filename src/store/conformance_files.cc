// The tests of storing what DAG files define.
#include "store/conformance.h"

namespace beeflow {
namespace {

TEST_P(StoreConformance, AFileBringsItsDags) {
  Sync(MakeFile(kFile, {etl_, MakeDag("report")}), /*paused=*/true);
  const auto dag = LoadDag("etl");
  ASSERT_TRUE(dag);
  EXPECT_EQ(dag->record.file, kFile);
  EXPECT_TRUE(dag->record.is_paused);
  EXPECT_TRUE(dag->record.is_active);
  EXPECT_EQ(dag->record.dag_hash, etl_.hash);
  EXPECT_EQ(dag->dag->tasks[0].id, "extract");
  EXPECT_TRUE(LoadDag("report"));
  EXPECT_FALSE(LoadDag("other"));
  const std::vector<Change> changes = TakeAll();
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(As<DagRecord>(changes[0]).dag_id, "etl");
}

TEST_P(StoreConformance, ADagMaySayWhetherItStartsPaused) {
  Sync(MakeFile(kFile, {MakeDag("etl", R"("is_paused_upon_creation": false,)")}), true);
  EXPECT_FALSE(LoadDag("etl")->record.is_paused);
  Sync(MakeFile("/dags/b.py", {MakeDag("b", R"("is_paused_upon_creation": true,)")}), false);
  EXPECT_TRUE(LoadDag("b")->record.is_paused);
}

TEST_P(StoreConformance, ParsingAgainLeavesTheChoicesOfUsers) {
  Sync(MakeFile(kFile, {etl_}), true);
  ASSERT_TRUE(others().SetPaused("etl", false).ok());
  Apply(SetNextRun{"etl", At(1), {}, At(2)});
  Sync(MakeFile(kFile, {MakeDag("etl", R"("catchup": false,)")}), true);
  EXPECT_FALSE(LoadDag("etl")->record.is_paused);
  EXPECT_EQ(LoadDag("etl")->record.next_logical_date, At(1));
}

TEST_P(StoreConformance, ANewVersionIsAChangeOfTheDag) {
  Sync(MakeFile(kFile, {etl_}));
  TakeAll();
  const ParsedDag changed = MakeDag("etl", R"("catchup": false,)");
  Sync(MakeFile(kFile, {changed}));
  const std::vector<Change> changes = TakeAll();
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(As<DagRecord>(changes[0]).dag_hash, changed.hash);
  EXPECT_FALSE(LoadDag("etl")->dag->catchup);
}

TEST_P(StoreConformance, AVersionMayComeBack) {
  const ParsedDag other = MakeDag("etl", R"("catchup": false,)");
  Sync(MakeFile(kFile, {etl_}));
  Sync(MakeFile(kFile, {other}));
  Sync(MakeFile(kFile, {etl_}));
  EXPECT_EQ(LoadDag("etl")->record.dag_hash, etl_.hash);
  EXPECT_TRUE(LoadDag("etl")->dag->catchup);
}

TEST_P(StoreConformance, ADagThatLeavesItsFileBecomesInactive) {
  Sync(MakeFile(kFile, {etl_, MakeDag("report")}));
  TakeAll();
  Sync(MakeFile(kFile, {etl_}));
  EXPECT_FALSE(LoadDag("report")->record.is_active);
  EXPECT_TRUE(LoadDag("etl")->record.is_active);
  const std::vector<Change> changes = TakeAll();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(As<DagRecord>(changes[0]).dag_id, "report");
  Sync(MakeFile(kFile, {etl_, MakeDag("report")}));
  EXPECT_TRUE(LoadDag("report")->record.is_active);
}

TEST_P(StoreConformance, AnImportErrorLeavesTheDagsAsTheyWere) {
  Sync(MakeFile(kFile, {etl_}));
  TakeAll();
  ParsedFile broken = MakeFile(kFile, {});
  broken.error = ImportError{"SyntaxError: invalid syntax", 3, "Traceback ..."};
  Sync(broken);
  EXPECT_TRUE(LoadDag("etl")->record.is_active);
  EXPECT_EQ(LoadDag("etl")->record.dag_hash, etl_.hash);
  EXPECT_TRUE(TakeAll().empty());
}

TEST_P(StoreConformance, AFileThatIsGoneTakesItsDagsOutOfUse) {
  Sync(MakeFile(kFile, {etl_}));
  Sync(MakeFile("/dags/b.py", {MakeDag("b")}));
  auto transaction = Begin();
  ASSERT_TRUE(transaction->RemoveFile(kFile, At(5)).ok());
  ASSERT_TRUE(transaction->Commit().ok());
  transaction.reset();
  EXPECT_FALSE(LoadDag("etl")->record.is_active);
  EXPECT_TRUE(LoadDag("b")->record.is_active);
}

TEST_P(StoreConformance, AFileKeepsItsDagWhileItDefinesIt) {
  Sync(MakeFile(kFile, {etl_}));
  const ParsedDag rival = MakeDag("etl", R"("catchup": false,)");
  Sync(MakeFile("/dags/copy.py", {rival, MakeDag("fine")}));
  EXPECT_EQ(LoadDag("etl")->record.file, kFile);
  EXPECT_EQ(LoadDag("etl")->record.dag_hash, etl_.hash);
  EXPECT_TRUE(LoadDag("fine"));

  auto transaction = Begin();
  ASSERT_TRUE(transaction->RemoveFile(kFile, At(5)).ok());
  ASSERT_TRUE(transaction->Commit().ok());
  transaction.reset();
  Sync(MakeFile("/dags/copy.py", {rival, MakeDag("fine")}));
  EXPECT_EQ(LoadDag("etl")->record.file, "/dags/copy.py");
  EXPECT_EQ(LoadDag("etl")->record.dag_hash, rival.hash);
  EXPECT_TRUE(LoadDag("etl")->record.is_active);
}

TEST_P(StoreConformance, ADeletedDagComesBackWithItsFile) {
  const RunKey run = StartRun();
  ASSERT_TRUE(others().DeleteDag("etl").ok());
  TakeAll();
  Sync(MakeFile(kFile, {etl_}));
  ASSERT_TRUE(LoadDag("etl"));
  EXPECT_EQ(LoadDag("etl")->dag->tasks.size(), 2u);
  EXPECT_FALSE(LoadRun(run));
}

}  // namespace
}  // namespace beeflow
