// What a peer may take of the server's time and memory.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace beeflow {

struct ConnectionLimits {
  Duration idle_max = std::chrono::seconds(2);  // between two requests
  // Of the handshake of TLS, the wait for the first request (a browser tells people when a new
  // connection is closed on it, and quietly asks again on an old one), the head of a request, its
  // body, a write: as long, and a second more for each so many bytes that are to come.
  Duration patience = std::chrono::seconds(10);
  size_t bytes_per_second_min = 64 << 10;
  size_t head_bytes_max = 64 << 10;  // request line and headers
  size_t body_bytes_max = 8 << 20;
};

}  // namespace beeflow
