// Fernet, version 0x80: AES-128 in CBC mode, authenticated with HMAC-SHA256, as the public
// specification has it (github.com/fernet/spec). Airflow encrypts with it too, so its tokens can be
// read here and ours there.
//
// Pure: the time and the initialization vector are the caller's. Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace beeflow {

class FernetKey {
 public:
  static constexpr size_t kBytes = 32;
  static constexpr size_t kVectorBytes = 16;
  using Vector = std::array<uint8_t, kVectorBytes>;

  // Reads 32 bytes in base64. The error does not repeat the text, which is a secret.
  static Result<FernetKey> Parse(std::string_view text);
  // The text of a key made from 32 random bytes.
  static std::string Format(const std::array<uint8_t, kBytes>& random);

  // `vector` must be random, and never used twice with a key.
  std::string Encrypt(std::string_view plain, Time now, const Vector& vector) const;
  // Absent where the token was not made with this key, or was tampered with. Tokens do not expire.
  std::optional<std::string> Decrypt(std::string_view token) const;

 private:
  std::string Sign(std::string_view message) const;

  std::string signing_;
  std::string encryption_;
};

}  // namespace beeflow
