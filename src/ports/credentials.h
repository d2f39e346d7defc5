// What passwords, sessions and tokens need of cryptography. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace beeflow {

class Credentials {
 public:
  virtual ~Credentials() = default;

  // Slow and hungry for memory on purpose; a few at once wait for each other.
  virtual Result<std::string> HashPassword(const std::string& password) = 0;
  // In a time that tells nothing about where they differ. False where the hash is none of ours.
  virtual bool IsPassword(const std::string& password, const std::string& hash) = 0;

  // 256 unpredictable bits, in letters that may stand anywhere.
  virtual Result<std::string> NewSecret() = 0;
  // Of a secret that was made here: it needs no salt.
  virtual std::string HashOf(std::string_view secret) = 0;
  // For keys of caches: without the key, which never leaves the process, nobody can try passwords.
  virtual std::string KeyedHashOf(std::string_view text) = 0;
};

// Without telling by its time where they differ.
bool AreSame(std::string_view a, std::string_view b);

}  // namespace beeflow
