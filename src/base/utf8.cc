#include "base/utf8.h"

#include <algorithm>

namespace beeflow {
namespace {

unsigned char ByteAt(std::string_view text, size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// How many bytes the character has that begins with this byte; 0: none begins so.
size_t BytesOf(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

// Whether the second byte of a longer character can be one: no surrogates, no overlong forms,
// nothing beyond U+10FFFF.
bool FitsSecond(unsigned char first, unsigned char second) {
  if (first == 0xe0) return second >= 0xa0 && second < 0xc0;
  if (first == 0xed) return second >= 0x80 && second < 0xa0;
  if (first == 0xf0) return second >= 0x90 && second < 0xc0;
  if (first == 0xf4) return second >= 0x80 && second < 0x90;
  return second >= 0x80 && second < 0xc0;
}

// The bytes of the valid character at `at`; 0 where there is none.
size_t CharacterAt(std::string_view text, size_t at) {
  const unsigned char first = ByteAt(text, at);
  const size_t bytes = first == 0 ? 0 : BytesOf(first);
  if (bytes <= 1) return bytes;
  if (at + bytes > text.size() || !FitsSecond(first, ByteAt(text, at + 1))) return 0;
  for (size_t i = 2; i < bytes; ++i) {
    if ((ByteAt(text, at + i) & 0xc0) != 0x80) return 0;
  }
  return bytes;
}

}  // namespace

bool IsCleanUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = CharacterAt(text, at);
    if (bytes == 0) return false;
    at += bytes;
  }
  return true;
}

std::string CleanUtf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = CharacterAt(text, at);
    if (bytes == 0) {
      clean += "\xef\xbf\xbd";
      ++at;
    } else {
      clean.append(text.substr(at, bytes));
      at += bytes;
    }
  }
  return clean;
}

size_t IncompleteUtf8Bytes(std::string_view text) {
  for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
    const unsigned char byte = ByteAt(text, text.size() - back);
    if ((byte & 0xc0) == 0x80) continue;
    return BytesOf(byte) > back ? back : 0;
  }
  return 0;
}

}  // namespace beeflow
