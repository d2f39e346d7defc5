// Single requests to a bucket: addressed, signed, tried again where that may help, and explained
// where they fail.
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "blob/aws_settings.h"
#include "blob/http_client.h"
#include "blob/retry_plan.h"
#include "blob/s3_address.h"
#include "blob/s3_xml.h"
#include "ports/pause.h"

namespace beeflow {

struct S3Options {
  AwsSettings aws;
  std::string bucket;
  RetryPlan retries;
  HttpLimits http;
  uint64_t random_seed = 0;  // of the pauses
  Pause* pause = nullptr;    // outlives the client
};

struct S3Call {
  std::string method;
  std::string key;  // the whole key in the bucket; "": the bucket itself
  S3Address::Query query = {};
  Payload payload = {};
  NewFile* sink = nullptr;  // takes the body of an answer 2xx
  // S3 begins to answer 200 before it knows how it ends: the body may be an error after all.
  bool may_fail_late = false;
};

// Threads: one at a time. Send blocks for as long as the tries and the pauses between them take.
class S3Client {
 public:
  static Result<std::unique_ptr<S3Client>> Make(S3Options options);

  // An answer 2xx. kNotFound: the key or the upload does not exist. kInvalid: the settings are
  // wrong. kUnavailable: everything else, after the last try.
  Result<HttpAnswer> Send(const S3Call& call);

  // s3://bucket/key
  std::string Describe(const std::string& key) const;

 private:
  S3Client(S3Options options, S3Address address);

  Result<SignedRequest> MakeRequest(const S3Call& call) const;
  Error Explain(const S3Call& call, const HttpAnswer& answer, const S3ErrorDocument& error) const;
  Error Explain(const S3Call& call, const HttpFailure& failure) const;

  const S3Options options_;
  const S3Address address_;
  HttpClient http_;
  Random random_;
};

}  // namespace beeflow
