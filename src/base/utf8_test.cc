#include "base/utf8.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

TEST(Utf8Test, LeavesTextAsItIs) {
  for (const char* text :
       {"", "plain", "z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x90\x9d", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsCleanUtf8(text)) << text;
    EXPECT_EQ(CleanUtf8(text), text);
  }
}

TEST(Utf8Test, ReplacesWhatIsNoText) {
  EXPECT_EQ(CleanUtf8(std::string_view("a\0b", 3)),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(CleanUtf8("\xff\xc3"), "\xef\xbf\xbd\xef\xbf\xbd");
  for (const char* text :
       {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
    EXPECT_FALSE(IsCleanUtf8(text));
  }
}

TEST(Utf8Test, KnowsACharacterThatIsCut) {
  EXPECT_EQ(IncompleteUtf8Bytes("a\xe2\x82"), 2u);
  EXPECT_EQ(IncompleteUtf8Bytes("a\xf0"), 1u);
  EXPECT_EQ(IncompleteUtf8Bytes("a\xe2\x82\xac"), 0u);
  EXPECT_EQ(IncompleteUtf8Bytes("\x80\x80\x80\x80"), 0u);
  EXPECT_EQ(IncompleteUtf8Bytes(""), 0u);
}

}  // namespace
}  // namespace beeflow
