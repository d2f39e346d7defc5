#include "store/sqlite/migration.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

using sqlite::OpenMigrated;
using sqlite::OpenMode;

TEST(Migration, MakesAFreshDatabase) {
  const TempDatabase file;
  ASSERT_TRUE(MigrateDatabase(file.path()).ok());
  EXPECT_EQ(file.Edit("SELECT max(version) FROM beeflow_schema"),
            std::to_string(sqlite::NewestSchemaVersion()));
  EXPECT_EQ(file.Edit("SELECT pool || slots FROM slot_pool"), "default_pool128");
  EXPECT_EQ(file.Edit("PRAGMA journal_mode"), "wal");
  EXPECT_TRUE(CheckDatabase(file.path()).ok());
}

TEST(Migration, LeavesACurrentDatabaseAlone) {
  const TempDatabase file;
  ASSERT_TRUE(MigrateDatabase(file.path()).ok());
  file.Edit("INSERT INTO variable (key, val) VALUES ('k', 'v')");
  ASSERT_TRUE(MigrateDatabase(file.path()).ok());
  EXPECT_EQ(file.Edit("SELECT val FROM variable"), "v");
  EXPECT_EQ(file.Edit("SELECT count(*) FROM beeflow_schema"),
            std::to_string(sqlite::NewestSchemaVersion()));
}

TEST(Migration, RefusesADatabaseOfANewerProgram) {
  const TempDatabase file;
  ASSERT_TRUE(MigrateDatabase(file.path()).ok());
  file.Edit("INSERT INTO beeflow_schema (version) VALUES (999)");
  const Status migrated = MigrateDatabase(file.path());
  ASSERT_FALSE(migrated.ok());
  EXPECT_EQ(migrated.error().code, ErrorCode::kInvalid);
  EXPECT_NE(migrated.error().message.find("999"), std::string::npos);
  EXPECT_FALSE(CheckDatabase(file.path()).ok());
}

TEST(Migration, RefusesTheDatabaseOfAnotherProgramAndLeavesItAlone) {
  const TempDatabase file;
  file.Edit("CREATE TABLE alembic_version (version_num TEXT)");
  for (const Status& status :
       {MigrateDatabase(file.path()), CheckDatabase(file.path()), ResetDatabase(file.path())}) {
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.error().message.find("another program"), std::string::npos);
  }
  EXPECT_EQ(file.Edit("SELECT count(*) FROM sqlite_schema"), "1");
  EXPECT_EQ(file.Edit("PRAGMA journal_mode"), "delete");
}

TEST(Migration, RefusesAFileThatIsNoDatabase) {
  const TempDatabase file;
  std::ofstream(file.path()) << std::string(5000, 'x');
  const Status migrated = MigrateDatabase(file.path());
  ASSERT_FALSE(migrated.ok());
  EXPECT_NE(migrated.error().message.find("not an SQLite database"), std::string::npos);
}

TEST(Migration, SaysWhereThereIsNoDatabase) {
  const TempDatabase file;
  const auto missing = OpenMigrated(file.path(), OpenMode::kExisting);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(file.path()));
  const auto no_folder = OpenMigrated(file.path() + "/x/y.db", OpenMode::kCreate);
  ASSERT_FALSE(no_folder.ok());
  EXPECT_NE(no_folder.error().message.find("y.db"), std::string::npos);
}

TEST(Migration, ManyMayMigrateAtOnce) {
  const TempDatabase file;
  std::vector<std::string> failures(8);
  std::vector<std::thread> threads;
  for (std::string& failure : failures) {
    threads.emplace_back([&file, &failure] {
      const Status status = MigrateDatabase(file.path());
      if (!status.ok()) failure = status.error().message;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& failure : failures) EXPECT_EQ(failure, "");
  EXPECT_TRUE(CheckDatabase(file.path()).ok());
}

TEST(Migration, ResetStartsAnewUnderTheHandsOfOthers) {
  const TempDatabase file;
  auto other = Taken(OpenMigrated(file.path(), OpenMode::kCreate));
  file.Edit("INSERT INTO variable (key, val) VALUES ('k', 'v')");
  file.Edit("INSERT INTO beeflow_schema (version) VALUES (999)");
  ASSERT_TRUE(ResetDatabase(file.path()).ok());
  EXPECT_EQ(other->QueryInteger("SELECT count(*) FROM variable").value(), 0);
  EXPECT_TRUE(CheckDatabase(file.path()).ok());
}

TEST(Migration, CheckFindsDamage) {
  const TempDatabase file;
  ASSERT_TRUE(MigrateDatabase(file.path()).ok());
  file.Edit("PRAGMA wal_checkpoint(TRUNCATE)");
  // Overwrites a page in the middle, behind the schema.
  std::fstream raw(file.path(), std::ios::in | std::ios::out | std::ios::binary);
  const auto size = std::filesystem::file_size(file.path());
  raw.seekp(static_cast<std::streamoff>(size / 4096 * 3 / 4 * 4096));
  raw << std::string(4096, '\x5a');
  raw.close();
  EXPECT_FALSE(CheckDatabase(file.path()).ok());
}

}  // namespace
}  // namespace beeflow
