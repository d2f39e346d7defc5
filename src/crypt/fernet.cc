#include "crypt/fernet.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "crypt/base64.h"

namespace beeflow {
namespace {

constexpr char kVersion = '\x80';
constexpr size_t kTimeBytes = 8;
constexpr size_t kSignatureBytes = 32;
constexpr size_t kBlockBytes = 16;
constexpr size_t kHalfKey = FernetKey::kBytes / 2;
constexpr size_t kHeaderBytes = 1 + kTimeBytes + FernetKey::kVectorBytes;

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
uint8_t* Bytes(std::string* text) { return reinterpret_cast<uint8_t*>(text->data()); }

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// Encrypts or decrypts with PKCS #7 padding; absent where the padding is wrong.
std::optional<std::string> Crypt(bool encrypt, std::string_view key, std::string_view vector,
                                 std::string_view in) {
  const CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  BEEFLOW_CHECK(context != nullptr);
  BEEFLOW_CHECK(EVP_CipherInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, Bytes(key),
                                  Bytes(vector), encrypt ? 1 : 0) == 1);
  std::string out(in.size() + kBlockBytes, '\0');
  int first = 0;
  int last = 0;
  BEEFLOW_CHECK(EVP_CipherUpdate(context.get(), Bytes(&out), &first, Bytes(in),
                                 static_cast<int>(in.size())) == 1);
  if (EVP_CipherFinal_ex(context.get(), Bytes(&out) + first, &last) != 1) return std::nullopt;
  out.resize(static_cast<size_t>(first) + static_cast<size_t>(last));
  return out;
}

std::string BigEndian(uint64_t number) {
  std::string text;
  for (size_t i = 0; i < kTimeBytes; ++i) {
    text += static_cast<char>(number >> (8 * (kTimeBytes - 1 - i)) & 0xFFU);
  }
  return text;
}

}  // namespace

Result<FernetKey> FernetKey::Parse(std::string_view text) {
  const auto bytes = DecodeBase64(text);
  if (!bytes || bytes->size() != kBytes) {
    return Invalid("a Fernet key must be 32 bytes in URL-safe base64, which is 44 characters");
  }
  FernetKey key;
  key.signing_ = bytes->substr(0, kHalfKey);
  key.encryption_ = bytes->substr(kHalfKey);
  return key;
}

std::string FernetKey::Format(const std::array<uint8_t, kBytes>& random) {
  return EncodeBase64({reinterpret_cast<const char*>(random.data()), random.size()});
}

std::string FernetKey::Sign(std::string_view message) const {
  std::string signature(kSignatureBytes, '\0');
  unsigned size = 0;
  BEEFLOW_CHECK(HMAC(EVP_sha256(), signing_.data(), static_cast<int>(signing_.size()),
                     Bytes(message), message.size(), Bytes(&signature), &size) != nullptr);
  return signature;
}

std::string FernetKey::Encrypt(std::string_view plain, Time now, const Vector& vector) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::string iv(vector.begin(), vector.end());
  const auto cipher = Crypt(true, encryption_, iv, plain);
  BEEFLOW_CHECK(cipher.has_value());
  const std::string message = kVersion + BigEndian(static_cast<uint64_t>(seconds)) + iv + *cipher;
  return EncodeBase64(message + Sign(message));
}

std::optional<std::string> FernetKey::Decrypt(std::string_view token) const {
  const auto bytes = DecodeBase64(token);
  if (!bytes || bytes->size() < kHeaderBytes + kSignatureBytes || (*bytes)[0] != kVersion) {
    return std::nullopt;
  }
  const std::string_view all(*bytes);
  const std::string_view message = all.substr(0, all.size() - kSignatureBytes);
  const std::string_view signature = all.substr(message.size());
  if (CRYPTO_memcmp(Sign(message).data(), signature.data(), kSignatureBytes) != 0) {
    return std::nullopt;
  }
  const std::string_view cipher = message.substr(kHeaderBytes);
  if (cipher.size() % kBlockBytes != 0) return std::nullopt;
  return Crypt(false, encryption_, message.substr(1 + kTimeBytes, kVectorBytes), cipher);
}

}  // namespace beeflow
