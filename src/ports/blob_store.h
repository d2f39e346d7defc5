// Files under keys, in a folder or in a bucket: where exports go and, later, logs and DAG files.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace beeflow {

// Keys are relative paths with '/' between their parts, none of which is empty, "." or "..". Errors
// name the full address and what to do.
//
// Threads: one at a time. Calls block until done; failures that may pass are retried a bounded
// number of times inside.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // Stores a local file's content under `key`, replacing what is there. It appears under the key
  // only when it is complete; on failure the key keeps what it had.
  virtual Status Put(const std::string& key, const std::string& file) = 0;
  // Writes what is under `key` into a local file, which appears only when it is complete.
  // kNotFound: nothing is under the key.
  virtual Status Get(const std::string& key, const std::string& file) = 0;
  // All keys that begin with `prefix`, sorted bytewise.
  virtual Result<std::vector<std::string>> List(const std::string& prefix) = 0;
  // Nothing there is fine.
  virtual Status Delete(const std::string& key) = 0;
  // The full address of a key, for people: a path, or s3://bucket/key.
  virtual std::string Address(const std::string& key) const = 0;
};

// Where a BlobStore is, as its user names it.
struct BlobLocation {
  std::string url;           // a folder, or s3://bucket/prefix
  std::string endpoint_url;  // of a server that speaks S3; "": as configured, else AWS
  std::string region;        // "": as configured
};

}  // namespace beeflow
