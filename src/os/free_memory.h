// Memory that the allocator holds back after a burst: it belongs to the others of the machine.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace beeflow {

// Memory of the machine that programs can have without anything being paged out; absent where the
// kernel does not tell. Any thread.
std::optional<int64_t> AvailableMemoryBytes();

// How many processes the kernel has killed since it started because memory ran out. Any thread.
int64_t OutOfMemoryKills();

// Memory of a process that is not paged out, what it shares included; absent where there is none.
// Any thread.
std::optional<int64_t> ResidentBytes(pid_t pid);

// Returns freed memory to the kernel where the allocator holds back more than `bytes_max`. Costs
// microseconds where it does not, and milliseconds for each 100 MB that it returns. Any thread.
void ReturnFreeMemory(size_t bytes_max);

}  // namespace beeflow
