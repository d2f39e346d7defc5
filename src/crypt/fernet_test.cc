// The test vectors of the public specification (generate.json, verify.json, invalid.json), and
// tokens that another implementation made.
#include "crypt/fernet.h"

#include <gtest/gtest.h>

#include "crypt/base64.h"

namespace beeflow {
namespace {

constexpr const char* kSecret = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
constexpr const char* kToken =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU"
    "4IwqDA==";

FernetKey Key(const std::string& text = kSecret) { return FernetKey::Parse(text).value(); }

FernetKey::Vector CountingVector() {
  FernetKey::Vector vector{};
  for (size_t i = 0; i < vector.size(); ++i) vector[i] = static_cast<uint8_t>(i);
  return vector;
}

TEST(FernetTest, EncryptsAsTheSpecificationDoes) {
  const Time now = *ParseTime("1985-10-26T01:20:00-07:00");
  EXPECT_EQ(Key().Encrypt("hello", now, CountingVector()), kToken);
}

TEST(FernetTest, DecryptsTheTokenOfTheSpecification) { EXPECT_EQ(Key().Decrypt(kToken), "hello"); }

TEST(FernetTest, TextsOfEveryLengthComeBack) {
  std::string text;
  for (int length = 0; length < 70; ++length, text += static_cast<char>(length * 7)) {
    EXPECT_EQ(Key().Decrypt(Key().Encrypt(text, Time{}, CountingVector())), text) << length;
  }
}

TEST(FernetTest, RefusesTheInvalidTokensOfTheSpecification) {
  // Those that are invalid only for their age are left out: tokens do not expire here.
  for (const char* token : {
           "rn9hs9yS0GVWjk4hH822VIwQUWz-_WZWCLzsD7SgV2IAAAAAHcCesAABAgMEBQYHCAkKCwwNDg8tNtXKRlVimf3"
           "hMAhjOASy",  // incorrect mac
           "91GVdgz7jmWR6vJiViEA4u-LhVMhCSr87INSeFwwkYAAAAAAHcCesAABAgMEBQYHCAkKCw==",  // short
           "%%%%%%%%%%%j-ztUarjDIfllJBmLiBMjfcmZesHVIhcAAAAAHcCesAABAgMEBQYHCAkKCwwNDg8tNtXKRlVimf3"
           "hMAhjOASy",  // invalid base64
           "r-pDJRzyfnW4rYfh-gZek3qA3lnFG8fGaf0qgmZlPL8AAAAAHcCesAABAgMEBQYHCAkKCwwNDg8tNtXKRlVimf3"
           "hMAhjOAQ=",  // not a multiple of the block size
           "ApoqRxzlU8Z9-mPSV6ufXeIgKugRjI_-ugnnqqoCTjQAAAAAHcCesAABAgMEBQYHCAkKCwwNDg91rx5fbHkRnpZ"
           "BxpOuEAjd",  // padding error
           "fe5sCHPyF13H837yvtc65xAlWfXXP3fEUX_jMiB74EwAAAAAHcCesHV0d3ZxcHNyfXx_fnl4e3otNtXKRlVimf3"
           "hMAhjOASy",  // incorrect IV
           "",
       }) {
    EXPECT_EQ(Key().Decrypt(token), std::nullopt) << token;
  }
}

TEST(FernetTest, AnyFlippedBitIsNoticed) {
  const std::string bytes = *DecodeBase64(kToken);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(Key().Decrypt(EncodeBase64(changed)), std::nullopt) << i;
  }
}

TEST(FernetTest, AnotherKeyDoesNotFit) {
  const FernetKey other = Key(FernetKey::Format({1, 2, 3}));
  EXPECT_EQ(other.Decrypt(kToken), std::nullopt);
}

TEST(FernetTest, KeysAreChecked) {
  for (const char* text : {"", "short", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e==",
                           "cw+0x689RpI-jtRR7oE8h/eQsKImvJapLeSbXpwF4e4="}) {
    const auto key = FernetKey::Parse(text);
    ASSERT_FALSE(key.ok()) << text;
    if (*text) {
      EXPECT_EQ(key.error().message.find(text), std::string::npos);  // it is a secret
    }
  }
}

TEST(Base64Test, KnownTexts) {
  EXPECT_EQ(EncodeBase64(""), "");
  EXPECT_EQ(EncodeBase64("f"), "Zg==");
  EXPECT_EQ(EncodeBase64("fo"), "Zm8=");
  EXPECT_EQ(EncodeBase64("foo"), "Zm9v");
  EXPECT_EQ(EncodeBase64("\xfb\xff"), "-_8=");
  EXPECT_EQ(DecodeBase64("-_8="), "\xfb\xff");
  for (const char* text : {"Zg=", "Zg", "Z===", "Zm9v=", "Zm 9v", "=Zm9"}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace beeflow
