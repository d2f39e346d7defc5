// A BlobStore in a bucket of S3, or of another server that speaks its protocol.
#pragma once

#include <memory>

#include "blob/s3_client.h"
#include "ports/blob_store.h"

namespace beeflow {

// Files of over 16 MiB are uploaded in parts of 8 MiB or more; where that fails, the parts that are
// there are given up. Files are streamed in both directions: memory stays the same whatever their
// size. List leaves out keys that CheckBlobKey refuses, such as the "folder/" that consoles make.
class S3BlobStore : public BlobStore {
 public:
  // `prefix` of all keys, without slashes at its ends; may be "".
  static Result<std::unique_ptr<S3BlobStore>> Open(S3Options options, const std::string& prefix);

  Status Put(const std::string& key, const std::string& file) override;
  Status Get(const std::string& key, const std::string& file) override;
  Result<std::vector<std::string>> List(const std::string& prefix) override;
  Status Delete(const std::string& key) override;
  std::string Address(const std::string& key) const override;

 private:
  S3BlobStore(std::unique_ptr<S3Client> client, std::string prefix);

  Status PutInParts(const std::string& full_key, const InputFile& file);
  Result<std::vector<std::string>> UploadParts(const std::string& full_key, const std::string& id,
                                               const InputFile& file);
  Status CompleteUpload(const std::string& full_key, const std::string& id,
                        const std::vector<std::string>& etags);
  Error Abort(const std::string& full_key, const std::string& id, Error reason);

  const std::unique_ptr<S3Client> client_;
  const std::string prefix_;  // with a slash at its end, or ""
};

// How large the parts of an upload are: 8 MiB, or what keeps their number at the 10,000 of S3.
uint64_t S3PartBytes(uint64_t file_bytes);

}  // namespace beeflow
