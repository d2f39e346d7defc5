#include "blob/payload.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace beeflow {
namespace {

constexpr size_t kReadBytes = 256 << 10;

std::string Hex(const unsigned char* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

}  // namespace

Result<size_t> Payload::ReadAt(uint64_t position, char* buffer, size_t size) const {
  const size_t wanted = std::min<uint64_t>(size, size_ - std::min(position, size_));
  if (!file_) {
    std::memcpy(buffer, text_.data() + std::min(position, size_), wanted);
    return wanted;
  }
  BEEFLOW_ASSIGN_OR_RETURN(const size_t count, file_->ReadAt(offset_ + position, buffer, wanted));
  if (count == wanted) return count;
  return Conflict(file_->path() + " became shorter while it was read; try again");
}

Result<std::string> Payload::Sha256() const {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  BEEFLOW_CHECK(context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  std::string buffer(std::min<uint64_t>(kReadBytes, size_), '\0');
  for (uint64_t position = 0; position < size_;) {
    BEEFLOW_ASSIGN_OR_RETURN(const size_t count, ReadAt(position, buffer.data(), buffer.size()));
    BEEFLOW_CHECK(EVP_DigestUpdate(context.get(), buffer.data(), count) == 1);
    position += count;
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int digest_size = 0;
  BEEFLOW_CHECK(EVP_DigestFinal_ex(context.get(), digest, &digest_size) == 1);
  return Hex(digest, digest_size);
}

}  // namespace beeflow
