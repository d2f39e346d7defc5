// The frames of docs/formats/environment-protocol.md: a 4-byte big-endian length, then that many
// bytes of JSON, one object with an `op`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {

constexpr size_t kFrameBytesMax = 64 * 1024 * 1024;

// Appends the frame of `message` to `out`. A message beyond the limit is a broken invariant:
// whoever makes messages bounds what goes into them.
void AppendFrame(const Json& message, std::string* out);

// Cuts a stream of bytes, given in pieces of any size, into messages.
class FrameDecoder {
 public:
  void Append(std::string_view bytes);
  // The next whole message; nothing where more bytes are needed. After an error (too long, not
  // JSON, no object with an `op`) the stream is lost.
  Result<std::optional<Json>> Next();

 private:
  std::string buffer_;
  size_t start_ = 0;  // of the first frame that was not handed out
};

}  // namespace beeflow
