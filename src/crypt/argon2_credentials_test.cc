#include "crypt/argon2_credentials.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

TEST(Argon2Credentials, APasswordFitsItsHashAlone) {
  Argon2Credentials credentials;
  const std::string hash = credentials.HashPassword("correct horse").value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_TRUE(credentials.IsPassword("correct horse", hash));
  EXPECT_FALSE(credentials.IsPassword("correct horsf", hash));
  EXPECT_FALSE(credentials.IsPassword("", hash));
  EXPECT_NE(credentials.HashPassword("correct horse").value(), hash) << "the salt is the same";
}

TEST(Argon2Credentials, WhatIsNoHashFitsNothing) {
  Argon2Credentials credentials;
  for (const char* hash : {"", "secret", "$argon2id$", "$argon2i$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
                           "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$"}) {
    EXPECT_FALSE(credentials.IsPassword("secret", hash)) << hash;
    EXPECT_FALSE(credentials.IsPassword("", hash)) << hash;
  }
}

// Made by the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1
TEST(Argon2Credentials, HashesOfAnotherCostAreRead) {
  EXPECT_TRUE(Argon2Credentials().IsPassword(
      "password",
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"));
}

TEST(Argon2Credentials, EmptyAndEndlessPasswordsAreRefused) {
  Argon2Credentials credentials;
  EXPECT_EQ(credentials.HashPassword("").error().code, ErrorCode::kInvalid);
  EXPECT_EQ(credentials.HashPassword(std::string(1 << 20, 'x')).error().code, ErrorCode::kInvalid);
}

TEST(Argon2Credentials, SecretsAreLongAndDiffer) {
  Argon2Credentials credentials;
  const std::string one = credentials.NewSecret().value();
  EXPECT_EQ(one.size(), 43U);
  EXPECT_EQ(
      one.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
  EXPECT_NE(credentials.NewSecret().value(), one);
}

TEST(Argon2Credentials, HashesOfSecretsAreSha256) {
  EXPECT_EQ(Argon2Credentials().HashOf("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Argon2Credentials, KeyedHashesDifferBetweenProcesses) {
  Argon2Credentials one;
  Argon2Credentials other;
  EXPECT_EQ(one.KeyedHashOf("x"), one.KeyedHashOf("x"));
  EXPECT_NE(one.KeyedHashOf("x"), one.KeyedHashOf("y"));
  EXPECT_NE(one.KeyedHashOf("x"), other.KeyedHashOf("x"));
}

TEST(Credentials, EqualTextsAreTheSame) {
  EXPECT_TRUE(AreSame("", ""));
  EXPECT_TRUE(AreSame("abc", "abc"));
  EXPECT_FALSE(AreSame("abc", "abd"));
  EXPECT_FALSE(AreSame("abc", "ab"));
}

}  // namespace
}  // namespace beeflow
