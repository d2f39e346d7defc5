#include "ports/api_token.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

TEST(TokenScope, IsWrittenAsItIsRead) {
  for (const char* text : {"all", "read-only", "can_read on DAGs",
                           "can_read on DAGs, can_create on DAG Runs, can_edit on DAG:a on b"}) {
    EXPECT_EQ(TokenScope::Parse(text)->Format(), text);
  }
  EXPECT_EQ(TokenScope::Parse("can_read on DAGs,can_edit on DAGs")->permissions.size(), 2U);
}

TEST(TokenScope, WhatMeansNothingIsNamed) {
  for (const char* text : {"", "everything", "can_read", "can_read on ", "can_fly on DAGs",
                           "can_read on DAGs,", "can_read on DAGs, x"}) {
    EXPECT_EQ(TokenScope::Parse(text).error().code, ErrorCode::kInvalid) << text;
  }
}

class PlainCredentials : public Credentials {
 public:
  Result<std::string> HashPassword(const std::string& password) override { return password; }
  bool IsPassword(const std::string& password, const std::string& hash) override {
    return password == hash;
  }
  Result<std::string> NewSecret() override { return std::string("secret"); }
  std::string HashOf(std::string_view secret) override { return "#" + std::string(secret); }
  std::string KeyedHashOf(std::string_view text) override { return std::string(text); }
};

TEST(MakeToken, KeepsTheHashAlone) {
  PlainCredentials credentials;
  const Time now = *ParseTime("2021-01-01");
  const NewToken token = MakeToken({"ci", "read-only", {}}, 7, &credentials, now).value();
  EXPECT_EQ(token.text, "bft_secret");
  EXPECT_EQ(token.stored.hash, "#bft_secret");
  EXPECT_EQ(token.stored.scope, "read-only");
  EXPECT_EQ(token.stored.user_id, 7);
  EXPECT_EQ(token.stored.expires, *ParseTime("2021-04-01"));
}

TEST(MakeToken, RefusesWhatIsNoToken) {
  PlainCredentials credentials;
  const Time now = *ParseTime("2021-01-01");
  EXPECT_FALSE(MakeToken({"", "all", {}}, 7, &credentials, now).ok());
  EXPECT_FALSE(MakeToken({"ci", "some", {}}, 7, &credentials, now).ok());
  EXPECT_FALSE(MakeToken({"ci", "all", now}, 7, &credentials, now).ok());
  EXPECT_FALSE(MakeToken({std::string(300, 'x'), "all", {}}, 7, &credentials, now).ok());
}

}  // namespace
}  // namespace beeflow
