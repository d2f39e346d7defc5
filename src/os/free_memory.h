// Memory that the allocator holds back after a burst: it belongs to the others of the machine.
#pragma once

#include <cstddef>

namespace beeflow {

// Returns freed memory to the kernel where the allocator holds back more than `bytes_max`. Costs
// microseconds where it does not, and milliseconds for each 100 MB that it returns. Any thread.
void ReturnFreeMemory(size_t bytes_max);

}  // namespace beeflow
