#include "nats/nats_frame.h"

#include <gtest/gtest.h>

#include "nats/nats_names.h"

namespace beeflow {
namespace {

TEST(NatsFrameTest, CarriesAMessageAndABody) {
  const std::string body("a\0b", 3);
  const auto frame = ReadNatsFrame(WriteNatsFrame({{"op", "x"}, {"n", 1}}, body));
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->message, Json({{"op", "x"}, {"n", 1}}));
  EXPECT_EQ(frame->body, body);
  EXPECT_EQ(ReadNatsFrame(R"({"op":"x"})")->body, "");
  EXPECT_FALSE(ReadNatsFrame("no JSON"));
  EXPECT_FALSE(ReadNatsFrame(R"({"no":"op"})"));
}

TEST(NatsFrameTest, PiecesBecomeOneAgain) {
  PieceAssembler assembler;
  EXPECT_FALSE(assembler.Add("a", "1/0/3", "x"));
  EXPECT_FALSE(assembler.Add("b", "1/0/2", "other"));
  EXPECT_FALSE(assembler.Add("a", "1/1/3", "y"));
  EXPECT_EQ(assembler.Add("a", "1/2/3", "z"), "xyz");
  EXPECT_EQ(assembler.Add("b", "1/1/2", "s"), "others");
}

TEST(NatsFrameTest, AFrameOfWhichAPieceIsMissingIsDropped) {
  PieceAssembler assembler;
  EXPECT_FALSE(assembler.Add("a", "1/0/3", "x"));
  EXPECT_FALSE(assembler.Add("a", "1/2/3", "z"));
  EXPECT_FALSE(assembler.Add("a", "2/0/2", "p"));
  EXPECT_EQ(assembler.Add("a", "2/1/2", "q"), "pq");
  EXPECT_FALSE(assembler.Add("a", "no place", "q"));
  EXPECT_FALSE(assembler.Add("a", "1/3/3", "q"));
}

TEST(NatsFrameTest, NamesAreTokens) {
  EXPECT_EQ(SubjectToken("host.example"), "host=2Eexample");
  EXPECT_EQ(SubjectToken("a b>*"), "a=20b=3E=2A");
  EXPECT_EQ(SubjectToken("plain_1-x"), "plain_1-x");
  EXPECT_EQ(SenderOf("beeflow.control.w.s"), "w.s");
  EXPECT_EQ(SenderOf("beeflow.workers"), "");
}

}  // namespace
}  // namespace beeflow
