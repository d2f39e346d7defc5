#include "worker/frame.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

std::string Frame(const Json& message) {
  std::string bytes;
  AppendFrame(message, &bytes);
  return bytes;
}

TEST(FrameTest, IsALengthAndJson) {
  EXPECT_EQ(Frame({{"op", "x"}}), std::string("\0\0\0\x0a", 4) + R"({"op":"x"})");
}

TEST(FrameTest, IsDecodedFromPiecesOfAnySize) {
  const std::string stream = Frame({{"op", "a"}, {"n", 1}}) + Frame({{"op", "b"}}) +
                             Frame({{"op", "c"}, {"text", std::string(1000, 'x')}});
  for (size_t piece = 1; piece <= stream.size(); piece = piece * 3 + 1) {
    FrameDecoder decoder;
    std::string ops;
    for (size_t at = 0; at < stream.size(); at += piece) {
      decoder.Append(std::string_view(stream).substr(at, piece));
      for (auto next = decoder.Next(); next->has_value(); next = decoder.Next()) {
        ops += (**next)["op"].get<std::string>();
      }
    }
    EXPECT_EQ(ops, "abc") << piece;
  }
}

TEST(FrameTest, RefusesWhatIsNoMessage) {
  for (const std::string& bytes :
       {std::string("\xff\xff\xff\xff", 4), std::string("\0\0\0\x01{", 5),
        std::string("\0\0\0\x02[]", 6), std::string("\0\0\0\x02{}", 6),
        std::string("\0\0\0\x08{\"op\":1}", 12), std::string("\0\0\0\0", 4)}) {
    FrameDecoder decoder;
    decoder.Append(bytes);
    EXPECT_FALSE(decoder.Next().ok()) << bytes;
  }
}

TEST(FrameTest, ReplacesInvalidUtf8InsteadOfFailing) {
  FrameDecoder decoder;
  decoder.Append(Frame({{"op", "x"}, {"text", "a\xff"}}));
  EXPECT_EQ((**decoder.Next())["text"], "a\xEF\xBF\xBD");
}

}  // namespace
}  // namespace beeflow
