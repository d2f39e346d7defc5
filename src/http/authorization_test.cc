#include "http/authorization.h"

#include <gtest/gtest.h>

#include "http/web_client.h"

namespace beeflow {
namespace {

TEST(Authorization, BasicIsReadAsItIsWritten) {
  for (const char* password : {"", "a", "ab", "abc", "with:colon", "p\xc3\xa4ss"}) {
    const auto read = ReadBasic(BasicAuthorization("ann", password));
    ASSERT_TRUE(read.has_value()) << password;
    EXPECT_EQ(read->user, "ann");
    EXPECT_EQ(read->password, password);
  }
  EXPECT_EQ(ReadBasic("bAsIc   YTpi")->password, "b");
}

TEST(Authorization, WhatIsNotBasicIsNothing) {
  for (const std::string& header :
       {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic !!!!"),
        std::string("Basic YQ=="), std::string("Basic YTpi="), std::string("Bearer YTpi"),
        "Basic " + std::string(100'000, 'Y')}) {
    EXPECT_FALSE(ReadBasic(header).has_value()) << header.substr(0, 40);
  }
}

TEST(Authorization, ATokenFollowsBearer) {
  EXPECT_EQ(ReadBearer("Bearer abc"), "abc");
  EXPECT_EQ(ReadBearer("bearer abc"), "abc");
  EXPECT_EQ(ReadBearer("Bearer"), std::nullopt);
  EXPECT_EQ(ReadBearer("Bearer "), std::nullopt);
  EXPECT_EQ(ReadBearer("Basic abc"), std::nullopt);
}

}  // namespace
}  // namespace beeflow
