// Text that may not be text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace beeflow {

// Whether it is valid UTF-8 without NUL characters.
bool IsCleanUtf8(std::string_view text);

// Each byte that belongs to no valid character, and each NUL, is replaced by U+FFFD.
std::string CleanUtf8(std::string_view text);

// How many bytes at the end are the beginning of a character whose rest may follow: 0 to 3.
size_t IncompleteUtf8Bytes(std::string_view text);

}  // namespace beeflow
