#include "ports/sensitive_names.h"

#include <algorithm>
#include <cctype>

namespace beeflow {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

}  // namespace

SensitiveNames::SensitiveNames(std::string_view more)
    : words_({"access_token", "api_key", "apikey", "authorization", "passphrase", "passwd",
              "password", "private_key", "secret", "token", "keyfile_dict", "service_account"}) {
  while (!more.empty()) {
    std::string word = Lower(more.substr(0, more.find(',')));
    more.remove_prefix(std::min(more.size(), word.size() + 1));
    std::erase_if(word, [](unsigned char c) { return std::isspace(c) != 0; });
    if (!word.empty()) words_.push_back(std::move(word));
  }
}

bool SensitiveNames::Match(std::string_view name) const {
  const std::string lower = Lower(name);
  return std::any_of(words_.begin(), words_.end(), [&lower](const std::string& word) {
    return lower.find(word) != std::string::npos;
  });
}

}  // namespace beeflow
