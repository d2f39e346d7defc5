#include "os/wall_timer.h"

#include <gtest/gtest.h>

#include "os/delay_timer.h"
#include "os/event_loop_for_test.h"
#include "os/system_clock.h"

namespace beeflow {
namespace {

using std::chrono::milliseconds;

TEST(WallTimerTest, FiresWhenItIsDueAndNotBefore) {
  asio::io_context io;
  SystemClock clock;
  WallTimer timer(io);
  const Time deadline = clock.Now() + milliseconds(30);
  Time fired{};
  timer.Arm(deadline, [&] { fired = clock.Now(); });
  EXPECT_EQ(fired, Time{});
  ASSERT_TRUE(RunUntil(io, [&] { return fired != Time{}; }));
  EXPECT_GE(fired, deadline);
}

TEST(WallTimerTest, APastDeadlineFiresAtOnceAndTheLastOneCounts) {
  asio::io_context io;
  SystemClock clock;
  WallTimer timer(io);
  int first = 0, second = 0;
  timer.Arm(clock.Now() + std::chrono::hours(1), [&] { ++first; });
  timer.Arm(Time{}, [&] { ++second; });
  ASSERT_TRUE(RunUntil(io, [&] { return second == 1; }));
  EXPECT_EQ(first, 0);
}

TEST(WallTimerTest, ADisarmedTimerDoesNotFireAndMayBeArmedAgain) {
  asio::io_context io;
  WallTimer timer(io);
  int disarmed = 0, armed = 0;
  timer.Arm(Time{}, [&] { ++disarmed; });
  timer.Disarm();
  io.poll();
  timer.Arm(Time{}, [&] { ++armed; });
  ASSERT_TRUE(RunUntil(io, [&] { return armed == 1; }));
  EXPECT_EQ(disarmed, 0);
}

TEST(WallTimerTest, TheCallbackMayArmItAgain) {
  asio::io_context io;
  WallTimer timer(io);
  int calls = 0;
  std::function<void()> again = [&] {
    if (++calls < 3) timer.Arm(Time{}, again);
  };
  timer.Arm(Time{}, again);
  EXPECT_TRUE(RunUntil(io, [&] { return calls == 3; }));
}

TEST(DelayTimerTest, FiresOnceUnlessDisarmed) {
  asio::io_context io;
  DelayTimer timer(io), other(io);
  int calls = 0, others = 0;
  timer.Arm(milliseconds(1), [&] { ++calls; });
  other.Arm(milliseconds(1), [&] { ++others; });
  other.Disarm();
  io.run();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(others, 0);
  EXPECT_FALSE(timer.armed());
}

TEST(DelayTimerTest, ItMayEndWhileItsExpiryIsOnTheWay) {
  asio::io_context io;
  auto second = std::make_unique<DelayTimer>(io);
  DelayTimer first(io);
  int calls = 0;
  first.Arm(Duration(0), [&] { second.reset(); });
  second->Arm(Duration(0), [&] { ++calls; });
  io.run();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace beeflow
