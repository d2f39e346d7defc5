// Which keys a BlobStore takes, and which addresses name one.
#pragma once

#include <string>
#include <variant>

#include "base/result.h"

namespace beeflow {

// A relative path of at most 1024 bytes of UTF-8 whose parts are not empty, "." or "..", and
// without control characters: what a folder and a bucket can both hold.
Status CheckBlobKey(const std::string& key);

struct FolderUrl {
  std::string path;
};

struct BucketUrl {
  std::string bucket;
  std::string prefix;  // of keys, without slashes at its ends; may be ""
};

// A path, or s3://bucket/prefix; the prefix stands for itself, nothing is percent-decoded.
Result<std::variant<FolderUrl, BucketUrl>> ParseBlobUrl(const std::string& url);

}  // namespace beeflow
