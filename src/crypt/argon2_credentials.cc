#include "crypt/argon2_credentials.h"

#include <argon2.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

#include "crypt/base64.h"

namespace beeflow {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kHashBytes = 32;
constexpr size_t kSecretBytes = 32;
constexpr size_t kDigestBytes = 32;
constexpr size_t kPasswordBytesMax = 1024;

Result<std::string> RandomText(size_t bytes) {
  std::string text(bytes, '\0');
  auto* out = reinterpret_cast<uint8_t*>(text.data());
  if (RAND_bytes(out, static_cast<int>(bytes)) == 1) return text;
  return Unavailable("OpenSSL has no random numbers; try again");
}

std::string InHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4U];
    text += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

}  // namespace

class Argon2Credentials::Slot {
 public:
  explicit Slot(std::counting_semaphore<kAtOnce>* slots) : slots_(slots) { slots_->acquire(); }
  ~Slot() { slots_->release(); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

 private:
  std::counting_semaphore<kAtOnce>* slots_;
};

Result<std::string> Argon2Credentials::HashPassword(const std::string& password) {
  if (password.empty()) return Invalid("a password must not be empty");
  if (password.size() > kPasswordBytesMax) {
    return Invalid("a password may have at most " + std::to_string(kPasswordBytesMax) + " bytes");
  }
  BEEFLOW_ASSIGN_OR_RETURN(const std::string salt, RandomText(kSaltBytes));
  std::string hash(
      argon2_encodedlen(kPasses, kMemoryKiB, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
  const Slot slot(&slots_);
  const int code =
      argon2id_hash_encoded(kPasses, kMemoryKiB, kLanes, password.data(), password.size(),
                            salt.data(), salt.size(), kHashBytes, hash.data(), hash.size());
  if (code != ARGON2_OK) {
    return Unavailable(std::string("the password cannot be hashed: ") + argon2_error_message(code));
  }
  hash.resize(hash.find('\0'));
  return hash;
}

bool Argon2Credentials::IsPassword(const std::string& password, const std::string& hash) {
  if (password.size() > kPasswordBytesMax || !hash.starts_with("$argon2id$")) return false;
  const Slot slot(&slots_);
  return argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

Result<std::string> Argon2Credentials::NewSecret() {
  BEEFLOW_ASSIGN_OR_RETURN(const std::string bytes, RandomText(kSecretBytes));
  std::string text = EncodeBase64(bytes);
  text.resize(text.find('='));
  return text;
}

std::string Argon2Credentials::HashOf(std::string_view secret) {
  std::string digest(kDigestBytes, '\0');
  BEEFLOW_CHECK(EVP_Digest(secret.data(), secret.size(), reinterpret_cast<uint8_t*>(digest.data()),
                           nullptr, EVP_sha256(), nullptr) == 1);
  return InHex(digest);
}

std::string Argon2Credentials::KeyedHashOf(std::string_view text) {
  std::call_once(key_made_, [this] {
    auto key = RandomText(kDigestBytes);
    BEEFLOW_CHECK(key.ok());
    key_ = std::move(*key);
  });
  std::string digest(kDigestBytes, '\0');
  BEEFLOW_CHECK(HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
                     reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                     reinterpret_cast<uint8_t*>(digest.data()), nullptr) != nullptr);
  return digest;
}

}  // namespace beeflow
