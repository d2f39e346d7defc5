#include "http/authorization.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>

namespace beeflow {
namespace {

constexpr size_t kLongest = 4096;

// What follows the scheme, whose case does not count.
std::optional<std::string_view> After(std::string_view header, std::string_view scheme) {
  if (header.size() > kLongest || header.size() <= scheme.size()) return std::nullopt;
  const bool fits = std::equal(scheme.begin(), scheme.end(), header.begin(), [](char a, char b) {
    return a == std::tolower(static_cast<unsigned char>(b));
  });
  if (!fits || header[scheme.size()] != ' ') return std::nullopt;
  header.remove_prefix(scheme.size());
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

}  // namespace

std::optional<BasicCredentials> ReadBasic(std::string_view header) {
  const auto encoded = After(header, "basic");
  if (!encoded || encoded->empty() || encoded->size() % 4 != 0) return std::nullopt;
  std::string text(encoded->size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(encoded->data()),
                                   static_cast<int>(encoded->size()));
  if (size < 0) return std::nullopt;
  // The padding comes out as bytes.
  const auto padding = std::count(encoded->end() - 2, encoded->end(), '=');
  text.resize(static_cast<size_t>(size - padding));
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return BasicCredentials{text.substr(0, colon), text.substr(colon + 1)};
}

std::optional<std::string> ReadBearer(std::string_view header) {
  const auto token = After(header, "bearer");
  if (!token || token->empty()) return std::nullopt;
  return std::string(*token);
}

}  // namespace beeflow
