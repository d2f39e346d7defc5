// Base64 in the alphabet for URLs (RFC 4648, section 5), with padding: the form of Fernet's keys
// and tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace beeflow {

std::string EncodeBase64(std::string_view bytes);

// Absent where the text is not exactly what EncodeBase64 would have written; bits that the last
// character has to spare may be set.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace beeflow
