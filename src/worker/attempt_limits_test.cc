#include "worker/attempt_limits.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

TEST(AttemptLimitsTest, ComeBackAsTheyWereSent) {
  AttemptLimits limits;
  limits.memory_mb = std::nullopt;
  limits.cpu_share = 1.5;
  limits.cpu_quota = true;
  limits.timeout = Seconds(60);
  limits.max_concurrency = 4;
  limits.keep_alive = Seconds(0);
  limits.is_explicit = true;
  const Json sent = AttemptLimitsToJson(limits);
  JsonReader errors(sent, "limits");
  const AttemptLimits got = ReadAttemptLimits(sent, &errors);
  EXPECT_TRUE(errors.status().ok());
  EXPECT_EQ(AttemptLimitsToJson(got), sent);
  EXPECT_EQ(got.keep_alive, Seconds(0));
}

TEST(AttemptLimitsTest, TheCpuShareFollowsTheMemoryUnlessItIsGiven) {
  AttemptLimits limits;
  EXPECT_DOUBLE_EQ(limits.CpuShare(), 512.0 / 1536);
  limits.cpu_share = 2;
  EXPECT_EQ(limits.CpuShare(), 2);
}

TEST(AttemptLimitsTest, ATaskChangesThemAndNamesWhatIsForOthers) {
  const Json config = {{"memory_mb", 1024}, {"timeout_seconds", 0}, {"pod_override", nullptr}};
  JsonReader errors(config, "task t");
  AttemptLimits limits;
  EXPECT_EQ(ApplyExecutorConfig(config, &limits, &errors),
            std::vector<std::string>{"pod_override"});
  EXPECT_EQ(limits.memory_mb, 1024);
  EXPECT_EQ(limits.timeout, std::nullopt);
  EXPECT_TRUE(limits.is_explicit);
}

TEST(AttemptLimitsTest, AWrongValueIsNamed) {
  const Json config = {{"memory_mb", "lots"}};
  JsonReader errors(config, "task t");
  AttemptLimits limits;
  ApplyExecutorConfig(config, &limits, &errors);
  EXPECT_EQ(errors.status().error().message,
            "task t: memory_mb is \"lots\"; write a number from 0 to 1073741824");
}

}  // namespace
}  // namespace beeflow
