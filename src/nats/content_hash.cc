#include "nats/content_hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "base/result.h"

namespace beeflow {

struct ContentHash::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) {
  BEEFLOW_CHECK(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}

ContentHash::~ContentHash() { EVP_MD_CTX_free(state_->context); }

void ContentHash::Add(std::string_view bytes) {
  BEEFLOW_CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string ContentHash::Hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  BEEFLOW_CHECK(EVP_DigestFinal_ex(state_->context, digest.data(), &size) == 1);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest.at(i));
  return hex;
}

}  // namespace beeflow
