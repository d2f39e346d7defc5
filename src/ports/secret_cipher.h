// Encryption at rest of the values of Variables and Connections.
#pragma once

#include <string>

#include "base/result.h"

namespace beeflow {

// Threads: one. Errors never contain a secret.
class SecretCipher {
 public:
  virtual ~SecretCipher() = default;
  virtual Result<std::string> Encrypt(const std::string& plain) = 0;
  // kInvalid where no key fits: the message says where the keys came from and what to do, for the
  // caller to put the name of what it was reading in front.
  virtual Result<std::string> Decrypt(const std::string& token) = 0;
};

}  // namespace beeflow
