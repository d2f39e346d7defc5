#include "worker/frame.h"

#include <fmt/format.h>

#include <cstdint>

namespace beeflow {
namespace {
constexpr size_t kLengthBytes = 4;
}  // namespace

void AppendFrame(const Json& message, std::string* out) {
  const std::string text = DumpJson(message);
  BEEFLOW_CHECK(text.size() <= kFrameBytesMax);
  for (int shift = 24; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>((text.size() >> shift) & 0xff));
  }
  out->append(text);
}

void FrameDecoder::Append(std::string_view bytes) {
  // What was handed out makes room first; the buffer of a quiet stream holds no memory.
  if (start_ == buffer_.size()) {
    buffer_.clear();
    start_ = 0;
  } else if (start_ > buffer_.size() / 2) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  buffer_.append(bytes);
}

Result<std::optional<Json>> FrameDecoder::Next() {
  const std::string_view rest = std::string_view(buffer_).substr(start_);
  if (rest.size() < kLengthBytes) return std::optional<Json>();
  size_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) length = length << 8 | static_cast<uint8_t>(rest[i]);
  if (length > kFrameBytesMax) {
    return Invalid(
        fmt::format("a frame of {} bytes; at most {} are allowed", length, kFrameBytesMax));
  }
  if (rest.size() < kLengthBytes + length) return std::optional<Json>();
  Result<Json> message = ParseJson(rest.substr(kLengthBytes, length));
  if (!message.ok()) return Invalid("a frame is " + message.error().message);
  if (!message->is_object() || !message->contains("op") || !(*message)["op"].is_string()) {
    return Invalid("a frame is no object with an op");
  }
  start_ += kLengthBytes + length;
  if (start_ == buffer_.size()) {
    std::string().swap(buffer_);
    start_ = 0;
  }
  return std::optional(std::move(*message));
}

}  // namespace beeflow
