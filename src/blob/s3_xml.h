// The XML documents of S3, read and written. What a server sends is not trusted: anything else than
// the expected document is an error, which does not name the server.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace beeflow {

struct S3ListPage {
  std::vector<std::string> keys;
  std::string continuation_token;  // "": this was the last page
};
Result<S3ListPage> ParseS3ListPage(const std::string& xml);

// The upload id of InitiateMultipartUploadResult.
Result<std::string> ParseS3UploadId(const std::string& xml);

struct S3ErrorDocument {
  std::string code;     // "NoSuchKey"
  std::string message;  // for people
  std::string region;   // where the bucket is, if that was wrong; else ""
};
// Nothing where the document is not an error.
std::optional<S3ErrorDocument> ParseS3Error(const std::string& xml);

// CompleteMultipartUpload of the parts 1, 2, ... with these ETags.
std::string WriteS3PartList(const std::vector<std::string>& etags);

}  // namespace beeflow
