#include "os/lock_file.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

TEST(LockFileTest, OnlyOneHoldsIt) {
  TempFolder temp;
  const std::string path = temp / "x.lock";
  EXPECT_FALSE(LockFile::IsHeld(path));
  {
    const Result<LockFile> first = LockFile::Acquire(path);
    ASSERT_TRUE(first.ok());
    EXPECT_TRUE(LockFile::IsHeld(path));
    EXPECT_EQ(LockFile::Holder(path), getpid());
    const Result<LockFile> second = LockFile::Acquire(path);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::kConflict);
    EXPECT_NE(second.error().message.find(std::to_string(getpid())), std::string::npos);
  }
  EXPECT_FALSE(LockFile::IsHeld(path));
  EXPECT_TRUE(LockFile::Acquire(path).ok());
}

TEST(LockFileTest, ItLivesAsLongAsAForkedChild) {
  TempFolder temp;
  const std::string path = temp / "x.lock";
  auto lock = std::make_unique<Result<LockFile>>(LockFile::Acquire(path));
  int hold[2];
  ASSERT_EQ(pipe(hold), 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte;
    close(hold[1]);
    _exit(read(hold[0], &byte, 1) < 0);
  }
  lock.reset();
  EXPECT_TRUE(LockFile::IsHeld(path));
  close(hold[1]);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(LockFile::IsHeld(path));
  close(hold[0]);
}

TEST(LockFileTest, AFolderThatIsMissingIsNamed) {
  const Result<LockFile> lock = LockFile::Acquire("/nonexistent/x.lock");
  ASSERT_FALSE(lock.ok());
  EXPECT_NE(lock.error().message.find("/nonexistent/x.lock"), std::string::npos);
}

}  // namespace
}  // namespace beeflow
