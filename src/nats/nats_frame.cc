#include "nats/nats_frame.h"

#include <charconv>
#include <utility>

#include "worker/frame.h"

namespace beeflow {
namespace {

struct PiecePlace {
  uint64_t number = 0, index = 0, count = 0;
};

std::optional<PiecePlace> ReadPlace(std::string_view header) {
  PiecePlace place;
  for (uint64_t* field : {&place.number, &place.index, &place.count}) {
    const auto read = std::from_chars(header.data(), header.data() + header.size(), *field);
    if (read.ec != std::errc()) return std::nullopt;
    header.remove_prefix(static_cast<size_t>(read.ptr - header.data()));
    if (header.starts_with('/')) header.remove_prefix(1);
  }
  if (!header.empty() || place.index >= place.count) return std::nullopt;
  return place;
}

}  // namespace

std::string WriteNatsFrame(const Json& message, std::string_view body) {
  std::string data = DumpJson(message);
  if (!body.empty()) data.append(1, '\0').append(body);
  return data;
}

std::optional<NatsFrame> ReadNatsFrame(std::string_view data) {
  const size_t end = data.find('\0');
  Result<Json> message = ParseJson(data.substr(0, end));
  if (!message.ok() || !message->is_object()) return std::nullopt;
  const auto op = message->find("op");
  if (op == message->end() || !op->is_string()) return std::nullopt;
  const std::string_view body = end == std::string_view::npos ? "" : data.substr(end + 1);
  return NatsFrame{std::move(*message), std::string(body)};
}

size_t CountPieces(size_t bytes, size_t piece_bytes_max) {
  return bytes == 0 ? 1 : (bytes + piece_bytes_max - 1) / piece_bytes_max;
}

std::optional<std::string> PieceAssembler::Add(const std::string& sender, const std::string& header,
                                               std::string_view data) {
  const auto place = ReadPlace(header);
  if (!place) return std::nullopt;
  Open& open = open_[sender];
  if (place->index == 0) open = {place->number, 0, ""};
  const bool fits = open.number == place->number && open.next == place->index &&
                    open.data.size() + data.size() <= kFrameBytesMax;
  if (!fits) {
    open_.erase(sender);
    return std::nullopt;
  }
  open.data += data;
  if (++open.next < place->count) return std::nullopt;
  std::string whole = std::move(open.data);
  open_.erase(sender);
  return whole;
}

}  // namespace beeflow
