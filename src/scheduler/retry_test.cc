#include "scheduler/retry.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace beeflow {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Task TaskWith(Duration delay, bool backoff) {
  Task task;
  task.retry_delay = delay;
  task.retry_exponential_backoff = backoff;
  return task;
}

TEST(RetryDelay, IsTheSameForEveryTryWithoutBackoff) {
  const Task task = TaskWith(minutes(5), false);
  for (const int number : {1, 2, 10}) EXPECT_EQ(RetryDelay(task, "a", number), minutes(5));
}

TEST(RetryDelay, IgnoresTheMaximumWithoutBackoff) {
  Task task = TaskWith(minutes(5), false);
  task.max_retry_delay = minutes(1);
  EXPECT_EQ(RetryDelay(task, "a", 1), minutes(5));
}

TEST(RetryDelay, DoublesWithEachTryAndIsStretchedByLessThanTwice) {
  const Task task = TaskWith(seconds(10), true);
  Duration least = seconds(10);
  for (int number = 1; number <= 10; ++number, least *= 2) {
    const Duration delay = RetryDelay(task, "dag#run#task", number);
    EXPECT_GE(delay, least) << number;
    EXPECT_LT(delay, least * 2) << number;
  }
}

TEST(RetryDelay, NeverExceedsTheMaximumOrADay) {
  Task task = TaskWith(minutes(1), true);
  EXPECT_EQ(RetryDelay(task, "a", 60), hours(24));
  EXPECT_EQ(RetryDelay(task, "a", 2'000'000'000), hours(24));
  task.max_retry_delay = minutes(7);
  EXPECT_EQ(RetryDelay(task, "a", 60), minutes(7));
  task.max_retry_delay = hours(48);
  EXPECT_EQ(RetryDelay(task, "a", 60), hours(24));
}

TEST(RetryDelay, OfZeroGrowsFromASecondWithBackoff) {
  EXPECT_EQ(RetryDelay(TaskWith(Duration(0), false), "a", 1), Duration(0));
  EXPECT_GE(RetryDelay(TaskWith(Duration(0), true), "a", 1), seconds(1));
}

TEST(RetryDelay, IsTheSameEachTimeItIsAskedFor) {
  const Task task = TaskWith(minutes(1), true);
  EXPECT_EQ(RetryDelay(task, "dag#run#task", 3), RetryDelay(task, "dag#run#task", 3));
}

TEST(RetryDelay, SpreadsTasksThatFailTogether) {
  const Task task = TaskWith(minutes(1), true);
  std::set<Duration> delays;
  for (int i = 0; i < 100; ++i) delays.insert(RetryDelay(task, "task" + std::to_string(i), 1));
  EXPECT_GT(delays.size(), 95u);
}

}  // namespace
}  // namespace beeflow
