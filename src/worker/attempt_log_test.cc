#include "worker/attempt_log.h"

#include <gtest/gtest.h>

#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

const Time kNow = ParseTime("2026-01-02T03:04:05.678Z").value();
const std::string kStamp = "[2026-01-02T03:04:05.678+0000] ";

class AttemptLogTest : public testing::Test {
 protected:
  AttemptLog Open(StampLines stamp = StampLines::kAll) {
    return std::move(AttemptLog::Open(temp_ / "a/b/x.log", stamp).value());
  }
  std::string Text() const { return temp_.Read("a/b/x.log"); }

  TempFolder temp_;
};

TEST_F(AttemptLogTest, StampsLinesHoweverTheyArrive) {
  AttemptLog log = Open();
  log.Info(kNow, "begin");
  log.Output(kNow, "one\ntw");
  EXPECT_EQ(Text(), kStamp + "INFO - begin\n" + kStamp + "one\n");
  log.Output(kNow, "o\n\nthree");
  log.FlushOutput(kNow);
  log.Error(kNow, "end");
  EXPECT_EQ(Text(), kStamp + "INFO - begin\n" + kStamp + "one\n" + kStamp + "two\n" + kStamp +
                        "\n" + kStamp + "three\n" + kStamp + "ERROR - end\n");
}

TEST_F(AttemptLogTest, KeepsAllLinesWhereItIsTold) {
  AttemptLog log = Open();
  log.Output(kNow, "before\n");
  EXPECT_FALSE(log.lines());
  log.KeepLines(10);
  log.Output(kNow, "one\ntwo \n");
  EXPECT_EQ(log.lines(), (std::vector<std::string>{"one", "two"}));
  log.Output(kNow, "too long\n");
  EXPECT_FALSE(log.lines());
}

TEST_F(AttemptLogTest, KeepsTheLastLineWithoutTrailingSpace) {
  AttemptLog log = Open();
  EXPECT_EQ(log.last_line(), "");
  log.Output(kNow, "one\n  two \t\r\n");
  EXPECT_EQ(log.last_line(), "  two");
  log.Output(kNow, "\n");
  EXPECT_EQ(log.last_line(), "");
  log.Output(kNow, "three");
  log.FlushOutput(kNow);
  EXPECT_EQ(log.last_line(), "three");
}

TEST_F(AttemptLogTest, HidesSecretsButNotFromTheLastLine) {
  AttemptLog log = Open();
  SecretMask mask;
  mask.Add("s3cret");
  log.Hide(mask);
  log.Info(kNow, "run s3cret");
  log.Output(kNow, "a s3");
  log.Output(kNow, "cret b\n");
  EXPECT_EQ(Text(), kStamp + "INFO - run ***\n" + kStamp + "a *** b\n");
  EXPECT_EQ(log.last_line(), "a s3cret b");
}

TEST_F(AttemptLogTest, CutsLongLines) {
  AttemptLog log = Open();
  const std::string piece(AttemptLog::kLineBytesMax, 'x');
  log.Output(kNow, piece + piece);
  log.Output(kNow, "y\n");
  EXPECT_EQ(Text(), kStamp + piece + "\n" + kStamp + piece + "\n" + kStamp + "y\n");
}

TEST_F(AttemptLogTest, ALineOfExactlyTheLimitIsOneLine) {
  AttemptLog log = Open();
  const std::string piece(AttemptLog::kLineBytesMax - 1, 'x');
  log.Output(kNow, piece);
  log.Output(kNow, "\nz\n");
  EXPECT_EQ(Text(), kStamp + piece + "\n" + kStamp + "z\n");
}

TEST_F(AttemptLogTest, LeavesStampedLinesAsTheyAre) {
  AttemptLog log = Open(StampLines::kUnstamped);
  log.Output(kNow, "[2020-01-01T00:00:00.000+0000] {x.py:1} INFO - hi\n[2020]\n");
  EXPECT_EQ(Text(), "[2020-01-01T00:00:00.000+0000] {x.py:1} INFO - hi\n" + kStamp + "[2020]\n");
}

TEST_F(AttemptLogTest, DoesNotWriteThroughALink) {
  temp_.Write("a/b/target", "");
  std::filesystem::create_symlink(temp_ / "a/b/target", temp_ / "a/b/x.log");
  EXPECT_FALSE(AttemptLog::Open(temp_ / "a/b/x.log", StampLines::kAll).ok());
}

}  // namespace
}  // namespace beeflow
