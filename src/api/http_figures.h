// Counts the requests that the API answers.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace beeflow {

// Thread-safe.
class HttpFigures {
 public:
  // Upper bounds of the time that requests took, in seconds; the last of the counts is of those
  // beyond.
  static constexpr std::array kBounds = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0};

  struct Figures {
    std::map<std::pair<std::string, int>, uint64_t> requests;  // by method and status
    std::array<uint64_t, kBounds.size() + 1> durations{};      // in each bucket alone
    double seconds = 0;                                        // in sum
  };

  void Count(const std::string& method, int status, double seconds);
  Figures Get() const;

 private:
  mutable std::mutex mutex_;
  Figures figures_;
};

}  // namespace beeflow
