#include "store/sqlite/epoch.h"

#include <gtest/gtest.h>

#include "store/sqlite/migration.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

int64_t Raise(const TempDatabase& file, int64_t now) {
  auto database = sqlite::OpenMigrated(file.path(), sqlite::OpenMode::kCreate);
  EXPECT_TRUE(database.ok());
  return sqlite::RaiseEpoch(database->get(), Time(Duration(now))).value();
}

// With the time as the number, a clock that was set back made workers refuse a control process that
// was started again.
TEST(Epoch, RisesWhereverTheClockIs) {
  const TempDatabase file;
  EXPECT_EQ(Raise(file, 1'000'000), 1'000'000);
  EXPECT_EQ(Raise(file, 1'000'000), 1'000'001);
  EXPECT_EQ(Raise(file, 500), 1'000'002);
  EXPECT_EQ(Raise(file, 2'000'000), 2'000'000);
}

TEST(Epoch, OfADatabaseThatWasMadeAnewIsHigherThanBefore) {
  const TempDatabase old_file;
  const TempDatabase new_file;
  const int64_t old_epoch = Raise(old_file, 1'000'000);
  EXPECT_GT(Raise(new_file, 1'000'001), old_epoch);
}

}  // namespace
}  // namespace beeflow
