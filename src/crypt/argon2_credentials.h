// Passwords by argon2id (RFC 9106), secrets by SHA-256.
//
// The cost is what OWASP's Password Storage Cheat Sheet recommends at least: 19 MiB of memory, two
// passes, one lane. A hash names its cost, so a later program reads it whatever its own cost is.
#pragma once

#include <cstdint>
#include <mutex>
#include <semaphore>
#include <string>

#include "ports/credentials.h"

namespace beeflow {

class Argon2Credentials : public Credentials {
 public:
  static constexpr uint32_t kMemoryKiB = 19 * 1024;
  static constexpr uint32_t kPasses = 2;
  static constexpr uint32_t kLanes = 1;

  Result<std::string> HashPassword(const std::string& password) override;
  bool IsPassword(const std::string& password, const std::string& hash) override;
  Result<std::string> NewSecret() override;
  std::string HashOf(std::string_view secret) override;
  std::string KeyedHashOf(std::string_view text) override;

 private:
  static constexpr int kAtOnce = 2;  // what many requests at once may take of memory and cores
  class Slot;

  std::counting_semaphore<kAtOnce> slots_{kAtOnce};
  std::once_flag key_made_;
  std::string key_;
};

}  // namespace beeflow
