#include "api/http_figures.h"

#include <algorithm>

namespace beeflow {

void HttpFigures::Count(const std::string& method, int status, double seconds) {
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  const std::lock_guard lock(mutex_);
  ++figures_.requests[{method, status}];
  ++figures_.durations[static_cast<size_t>(bucket)];
  figures_.seconds += seconds;
}

HttpFigures::Figures HttpFigures::Get() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

}  // namespace beeflow
