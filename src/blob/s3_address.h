// The URL of a bucket and of what is in it, encoded as Signature Version 4 wants it: every byte but
// letters, digits and "-._~" as %XX, parameters sorted by name, each with a '='.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace beeflow {

// Slashes stay as they are where `keep_slashes`.
std::string PercentEncode(std::string_view text, bool keep_slashes);
// '+' is a space. What is no valid escape stands for itself.
std::string PercentDecode(std::string_view text);

class S3Address {
 public:
  using Query = std::map<std::string, std::string>;  // sorted by name

  // With an endpoint: ENDPOINT/bucket. On AWS, endpoint "": https://bucket.s3.REGION.amazonaws.com,
  // or the bucket in the path where its name has dots, which no certificate covers.
  static Result<S3Address> Make(const std::string& bucket, const std::string& region,
                                const std::string& endpoint_url);

  // `key` is the whole key in the bucket, or "" for the bucket itself.
  std::string Url(const std::string& key, const Query& query) const;
  // The server, for messages.
  const std::string& server() const { return server_; }

 private:
  std::string server_;
  std::string base_;  // of all URLs, without a slash at its end
};

}  // namespace beeflow
