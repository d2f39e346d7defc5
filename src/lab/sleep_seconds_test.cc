#include "lab/sleep_seconds.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

std::optional<double> Of(const std::string& plan) {
  Task task;
  task.run = plan;
  return SleepSeconds(task);
}

TEST(SleepSecondsTest, AddsUpWhatTheCommandSleeps) {
  EXPECT_EQ(Of(R"({"kind":"bash","command":"echo 1 && sleep 10"})"), 10);
  EXPECT_EQ(Of("sleep 1.5; sleep  2"), 3.5);
}

TEST(SleepSecondsTest, OnlySleepWithANumberCounts) {
  EXPECT_EQ(Of(R"({"kind":"python"})"), std::nullopt);
  EXPECT_EQ(Of("echo 1"), std::nullopt);
  EXPECT_EQ(Of("sleep $N"), std::nullopt);
  EXPECT_EQ(Of("oversleep 5"), std::nullopt);
  EXPECT_EQ(Of("sleep5"), std::nullopt);
  EXPECT_EQ(Of("sleep"), std::nullopt);
}

}  // namespace
}  // namespace beeflow
