#include "fleet/shared_processor.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

using Ids = std::vector<uint64_t>;

Time At(double second) { return Time{} + Seconds(second); }

TEST(SharedProcessorTest, OneJobHasAProcessorForItself) {
  SharedProcessor processor(1);
  EXPECT_FALSE(processor.NextDone());
  processor.Add(1, Seconds(2), At(10));
  EXPECT_EQ(processor.NextDone(), At(12));
  EXPECT_EQ(processor.Advance(At(11.9)), Ids{});
  EXPECT_EQ(processor.Advance(At(12)), Ids{1});
  EXPECT_TRUE(processor.idle());
}

TEST(SharedProcessorTest, JobsShareAProcessorEvenly) {
  SharedProcessor processor(1);
  processor.Add(1, Seconds(2), At(0));
  processor.Add(2, Seconds(2), At(1));
  // One second alone, then at half speed; the second job has one second left when the first ends.
  EXPECT_EQ(processor.NextDone(), At(3));
  EXPECT_EQ(processor.Advance(At(3)), Ids{1});
  EXPECT_EQ(processor.NextDone(), At(4));
  EXPECT_EQ(processor.Advance(At(5)), Ids{2});
}

TEST(SharedProcessorTest, AJobUsesOneProcessorAtMost) {
  SharedProcessor processor(2);
  processor.Add(1, Seconds(3), At(0));
  EXPECT_EQ(processor.NextDone(), At(3));
  processor.Add(2, Seconds(3), At(0));
  EXPECT_EQ(processor.NextDone(), At(3));
  processor.Add(3, Seconds(3), At(0));
  EXPECT_EQ(processor.NextDone(), At(4.5));
}

TEST(SharedProcessorTest, ALateAdvanceReturnsAllThatEndedInItsOrder) {
  SharedProcessor processor(1);
  processor.Add(1, Seconds(3), At(0));
  processor.Add(2, Seconds(1), At(0));
  EXPECT_EQ(processor.Advance(At(100)), (Ids{2, 1}));
}

TEST(SharedProcessorTest, WhatIsRemovedLeavesItsShareToTheOthers) {
  SharedProcessor processor(1);
  processor.Add(1, Seconds(4), At(0));
  processor.Add(2, Seconds(4), At(0));
  processor.Remove(2, At(2));
  EXPECT_EQ(processor.NextDone(), At(5));
  EXPECT_EQ(processor.Advance(At(9)), Ids{1});
}

}  // namespace
}  // namespace beeflow
