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
