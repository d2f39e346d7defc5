// Messages between control and workers, as NATS carries them: JSON, which may be followed by a zero
// byte and a body of any bytes. What is larger than NATS takes goes in pieces, whose header tells
// "number of the frame/index/count"; a subject's pieces of one sender arrive in order, or not at
// all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace beeflow {

inline constexpr const char* kPieceHeader = "Beeflow-Piece";

struct NatsFrame {
  Json message;  // an object with an `op`
  std::string body;
};

std::string WriteNatsFrame(const Json& message, std::string_view body);
// Absent where it is none.
std::optional<NatsFrame> ReadNatsFrame(std::string_view data);

// How many pieces of that size the data makes; 1 where it is whole.
size_t CountPieces(size_t bytes, size_t piece_bytes_max);

// Puts pieces together, of many senders at once.
class PieceAssembler {
 public:
  // Takes a piece; returns the whole once it is the last one. A frame of which a piece is missing
  // is dropped.
  std::optional<std::string> Add(const std::string& sender, const std::string& header,
                                 std::string_view data);
  void Forget(const std::string& sender) { open_.erase(sender); }

 private:
  struct Open {
    uint64_t number = 0;
    uint64_t next = 0;
    std::string data;
  };
  std::map<std::string, Open> open_;  // by sender
};

}  // namespace beeflow
