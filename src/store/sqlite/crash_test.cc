// A process that is killed while it commits loses nothing that it was told is committed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "store/sql/sql_store.h"
#include "store/sqlite/migration.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

// Commits runs r0, r1, ... for ever, and writes a byte for each commit that returned.
[[noreturn]] void CommitUntilKilled(const std::string& path, int acknowledge) {
  auto store = Taken(sqlite::OpenStore(path, sqlite::OpenMode::kExisting));
  for (int i = 0;; ++i) {
    auto transaction = Taken(store->Begin());
    RunRecord run;
    run.key = {"etl", "r" + std::to_string(i)};
    run.logical_date = Time(std::chrono::seconds(i));
    BEEFLOW_CHECK(transaction->Apply(CreateRun{run}).value());
    BEEFLOW_CHECK(transaction->TakeChanges(10).ok());
    BEEFLOW_CHECK(transaction->Commit().ok());
    BEEFLOW_CHECK(write(acknowledge, "x", 1) == 1);
  }
}

// Kills such a process after some acknowledgements; returns how many there were in all.
int CommitAndKill(const std::string& path, int kill_after) {
  int channel[2];
  EXPECT_EQ(pipe(channel), 0);
  const pid_t child = fork();
  if (child == 0) CommitUntilKilled(path, channel[1]);
  close(channel[1]);
  int acknowledged = 0;
  char byte = 0;
  while (acknowledged < kill_after && read(channel[0], &byte, 1) == 1) ++acknowledged;
  EXPECT_EQ(kill(child, SIGKILL), 0);
  while (read(channel[0], &byte, 1) == 1) ++acknowledged;
  close(channel[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return acknowledged;
}

TEST(SqliteStoreCrash, KeepsEveryAcknowledgedCommit) {
  for (const int kill_after : {1, 7, 40}) {
    const TempDatabase file;
    ASSERT_TRUE(MigrateDatabase(file.path()).ok());
    const int acknowledged = CommitAndKill(file.path(), kill_after);
    ASSERT_GE(acknowledged, kill_after);

    auto store = Taken(sqlite::OpenStore(file.path(), sqlite::OpenMode::kExisting));
    EXPECT_TRUE(CheckDatabase(file.path()).ok());
    const size_t runs = store->LoadActive().value().runs.size();
    // The last commit may have been done and not yet acknowledged.
    EXPECT_GE(runs, static_cast<size_t>(acknowledged));
    EXPECT_LE(runs, static_cast<size_t>(acknowledged) + 1);
    EXPECT_FALSE(store->HasChanges().value());
  }
}

}  // namespace
}  // namespace beeflow
