// A BlobStore in a folder: a key is the path of a file below it.
#pragma once

#include "ports/blob_store.h"

namespace beeflow {

// The folder is made by the first Put. A key cannot be both a file and the beginning of another key
// ("a" and "a/b"), which a bucket allows: Put then fails with kConflict. List leaves out what an
// interrupted Put may have left, and goes into folders, but not through symbolic links to folders.
class LocalBlobStore : public BlobStore {
 public:
  explicit LocalBlobStore(std::string folder);

  Status Put(const std::string& key, const std::string& file) override;
  Status Get(const std::string& key, const std::string& file) override;
  Result<std::vector<std::string>> List(const std::string& prefix) override;
  Status Delete(const std::string& key) override;
  std::string Address(const std::string& key) const override;

 private:
  const std::string folder_;  // without a slash at its end
};

}  // namespace beeflow
