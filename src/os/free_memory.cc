#include "os/free_memory.h"

#include <malloc.h>

namespace beeflow {

void ReturnFreeMemory(size_t bytes_max) {
  if (mallinfo2().fordblks > bytes_max) malloc_trim(0);
}

}  // namespace beeflow
