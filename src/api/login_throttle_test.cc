#include "api/login_throttle.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

const Time kNow = *ParseTime("2021-01-01");

TEST(LoginThrottle, AFewFailuresAreHeard) {
  LoginThrottle throttle;
  for (int i = 0; i < LoginThrottle::kOfUserAtAddress; ++i) {
    EXPECT_EQ(throttle.Wait("ann", "10.0.0.1", kNow), Duration::zero());
    throttle.NoteFailure("ann", "10.0.0.1", kNow);
  }
  EXPECT_EQ(throttle.Wait("ann", "10.0.0.1", kNow), LoginThrottle::kWindow);
  EXPECT_EQ(throttle.Wait("bob", "10.0.0.1", kNow), Duration::zero());
  EXPECT_EQ(throttle.Wait("ann", "10.0.0.2", kNow), Duration::zero());
  EXPECT_EQ(throttle.Wait("ann", "10.0.0.1", kNow + LoginThrottle::kWindow), Duration::zero());
}

TEST(LoginThrottle, OneAddressCannotTryManyUsers) {
  LoginThrottle throttle;
  for (int i = 0; i < LoginThrottle::kOfAddress; ++i) {
    throttle.NoteFailure("user" + std::to_string(i), "10.0.0.1", kNow);
  }
  EXPECT_GT(throttle.Wait("ann", "10.0.0.1", kNow), Duration::zero());
  EXPECT_EQ(throttle.Wait("ann", "10.0.0.2", kNow), Duration::zero());
}

TEST(LoginThrottle, OneNetworkOfIPv6IsOneAddress) {
  LoginThrottle throttle;
  for (int i = 0; i < LoginThrottle::kOfAddress; ++i) {
    const std::string name = "user" + std::to_string(i);
    throttle.NoteFailure(name, "2001:db8:0:1::" + std::to_string(i), kNow);
    throttle.NoteFailure(name, "::ffff:10.0.0." + std::to_string(i), kNow);
  }
  EXPECT_GT(throttle.Wait("ann", "2001:db8:0:1:9:8:7:6", kNow), Duration::zero());
  EXPECT_EQ(throttle.Wait("ann", "2001:db8:0:2::1", kNow), Duration::zero());
  EXPECT_EQ(throttle.Wait("ann", "10.0.0.99", kNow), Duration::zero());
}

// Megabytes of a name were kept for each failure.
TEST(LoginThrottle, OfALongNameOnlyTheBeginningIsKept) {
  LoginThrottle throttle;
  const std::string name(1 << 20, 'x');
  for (int i = 0; i < LoginThrottle::kOfUserAtAddress; ++i) {
    throttle.NoteFailure(name + std::to_string(i), "10.0.0.1", kNow);
  }
  EXPECT_GT(throttle.Wait(name, "10.0.0.1", kNow), Duration::zero());
}

TEST(LoginThrottle, ManyAddressesCannotTryOneUser) {
  LoginThrottle throttle;
  for (int i = 0; i < LoginThrottle::kOfUser; ++i) {
    throttle.NoteFailure("ann", "10.0.0." + std::to_string(i), kNow);
  }
  EXPECT_GT(throttle.Wait("ann", "10.0.1.1", kNow), Duration::zero());
  EXPECT_EQ(throttle.Wait("bob", "10.0.1.1", kNow), Duration::zero());
}

TEST(LoginThrottle, SuccessForgetsTheFailuresOfThatUserThere) {
  LoginThrottle throttle;
  for (int i = 0; i < LoginThrottle::kOfUserAtAddress; ++i) {
    throttle.NoteFailure("ann", "10.0.0.1", kNow);
  }
  throttle.Forget("ann", "10.0.0.1");
  EXPECT_EQ(throttle.Wait("ann", "10.0.0.1", kNow), Duration::zero());
}

}  // namespace
}  // namespace beeflow
