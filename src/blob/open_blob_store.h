// From what a user writes to a BlobStore.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "ports/blob_store.h"
#include "ports/pause.h"

namespace beeflow {

struct BlobSurroundings {
  std::map<std::string, std::string> variables;  // of the process environment
  uint64_t random_seed = 0;
  Pause* pause = nullptr;  // between tries; outlives the store
};

// Reads settings, but asks no server: a bucket that does not exist is found out by its first use.
Result<std::unique_ptr<BlobStore>> OpenBlobStore(const BlobLocation& location,
                                                 const BlobSurroundings& surroundings);

}  // namespace beeflow
