#include "blob/s3_client.h"

#include <algorithm>
#include <set>

namespace beeflow {
namespace {

bool IsSuccess(const HttpAnswer& answer) { return answer.status / 100 == 2; }

// Whether the server asks, in one way or another, to come back later.
bool MayPass(int status, const std::string& code) {
  static const std::set<int> kStatuses = {408, 429, 500, 502, 503, 504};
  static const std::set<std::string> kCodes = {
      "InternalError", "OperationAborted", "RequestTimeout",     "ServiceUnavailable",
      "SlowDown",      "Throttling",       "ThrottlingException"};
  return kStatuses.count(status) || kCodes.count(code);
}

// What a call needs to be allowed to.
std::string PermissionFor(const S3Call& call) {
  if (call.key.empty()) return "s3:ListBucket";
  if (call.method == "GET") return "s3:GetObject";
  return call.method == "DELETE" ? "s3:DeleteObject" : "s3:PutObject";
}

bool IsWrongRegion(const HttpAnswer& answer, const S3ErrorDocument& error) {
  return error.code == "PermanentRedirect" || error.code == "TemporaryRedirect" ||
         error.code == "IllegalLocationConstraintException" ||
         (error.code == "AuthorizationHeaderMalformed" && !error.region.empty()) ||
         (answer.status / 100 == 3 && !answer.Header("x-amz-bucket-region").empty());
}

std::string Quote(const S3ErrorDocument& error) {
  return error.message.empty() ? error.code : error.code + ": " + error.message;
}

}  // namespace

S3Client::S3Client(S3Options options, S3Address address)
    : options_(std::move(options)),
      address_(std::move(address)),
      http_({options_.aws.access_key_id, options_.aws.secret_access_key, options_.aws.region},
            options_.http),
      random_(options_.random_seed) {}

Result<std::unique_ptr<S3Client>> S3Client::Make(S3Options options) {
  BEEFLOW_CHECK(options.pause != nullptr && options.retries.attempts_max >= 1);
  BEEFLOW_ASSIGN_OR_RETURN(S3Address address, S3Address::Make(options.bucket, options.aws.region,
                                                              options.aws.endpoint_url));
  return std::unique_ptr<S3Client>(new S3Client(std::move(options), std::move(address)));
}

std::string S3Client::Describe(const std::string& key) const {
  return "s3://" + options_.bucket + (key.empty() ? "" : "/" + key);
}

// The payload's own hash is signed, rather than UNSIGNED-PAYLOAD: the server then refuses what was
// changed on the way, with plain HTTP too, and every server knows it.
Result<SignedRequest> S3Client::MakeRequest(const S3Call& call) const {
  SignedRequest request;
  request.method = call.method;
  request.url = address_.Url(call.key, call.query);
  request.payload = call.payload;
  request.sink = call.sink;
  BEEFLOW_ASSIGN_OR_RETURN(const std::string hash, call.payload.Sha256());
  request.headers.emplace_back("x-amz-content-sha256", hash);
  if (!options_.aws.session_token.empty()) {
    request.headers.emplace_back("x-amz-security-token", options_.aws.session_token);
  }
  return request;
}

Result<HttpAnswer> S3Client::Send(const S3Call& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const SignedRequest request, MakeRequest(call));
  for (int attempt = 1;; ++attempt) {
    BEEFLOW_ASSIGN_OR_RETURN(auto outcome, http_.Send(request));
    const bool is_last = attempt >= options_.retries.attempts_max;
    if (auto* answer = std::get_if<HttpAnswer>(&outcome)) {
      auto error =
          IsSuccess(*answer) && !call.may_fail_late ? std::nullopt : ParseS3Error(answer->body);
      if (IsSuccess(*answer) && !error) return std::move(*answer);
      const S3ErrorDocument known = error.value_or(S3ErrorDocument());
      if (is_last || !MayPass(answer->status, known.code)) return Explain(call, *answer, known);
    } else {
      const auto& failure = std::get<HttpFailure>(outcome);
      if (is_last || !failure.may_pass) return Explain(call, failure);
    }
    options_.pause->For(options_.retries.PauseAfter(attempt, &random_));
  }
}

Error S3Client::Explain(const S3Call& call, const HttpFailure& failure) const {
  const std::string tries =
      failure.may_pass ? " (tried " + std::to_string(options_.retries.attempts_max) + " times)"
                       : "";
  const std::string what =
      Describe(call.key) + ": " + address_.server() + " cannot be reached: " + failure.what + tries;
  if (failure.certificate) {
    return Unavailable(what + "; set AWS_CA_BUNDLE to the file with the server's certificates");
  }
  return Unavailable(what + (options_.aws.endpoint_url.empty()
                                 ? "; check the network and the region " + options_.aws.region
                                 : "; check the endpoint URL, and that the server runs"));
}

Error S3Client::Explain(const S3Call& call, const HttpAnswer& answer,
                        const S3ErrorDocument& error) const {
  const std::string at = Describe(call.key) + ": ";
  const AwsSettings& aws = options_.aws;
  if (IsWrongRegion(answer, error)) {
    std::string region = answer.Header("x-amz-bucket-region");
    if (region.empty()) region = error.region;
    const std::string known = region.empty() ? "another region" : "region " + region;
    return Invalid(at + "the bucket is in " + known + ", not in " + aws.region + " (" +
                   aws.region_source + "); set AWS_REGION" +
                   (region.empty() ? " to its region" : "=" + region));
  }
  if (error.code == "NoSuchKey" || error.code == "NoSuchUpload") {
    return NotFound(at + "there is no such " + (error.code == "NoSuchKey" ? "key" : "upload"));
  }
  if (error.code == "NoSuchBucket") {
    return Invalid(at + "there is no bucket '" + options_.bucket + "' at " + address_.server() +
                   "; create it, or correct its name");
  }
  if (error.code == "InvalidAccessKeyId" || error.code == "SignatureDoesNotMatch" ||
      error.code == "InvalidToken") {
    return Invalid(at + address_.server() + " does not accept the credentials of " +
                   aws.credentials_source + " (" + Quote(error) + "); correct them");
  }
  if (error.code == "ExpiredToken") {
    return Invalid(at + "the session token of " + aws.credentials_source +
                   " has expired; get new credentials");
  }
  if (error.code == "RequestTimeTooSkewed") {
    return Invalid(at + "this machine's clock and that of " + address_.server() +
                   " differ by too much; set the clock");
  }
  if (answer.status == 401 || answer.status == 403) {
    return Invalid(at + "access was denied" +
                   (error.code.empty() ? "" : " (" + Quote(error) + ")") + "; the credentials of " +
                   aws.credentials_source + " need " + PermissionFor(call) + " on bucket '" +
                   options_.bucket + "'");
  }
  const std::string status = "HTTP status " + std::to_string(answer.status);
  if (!error.code.empty()) {
    return Unavailable(at + address_.server() + " refused the request: " + Quote(error) + " (" +
                       status + "); try again later, or ask who runs the server");
  }
  return Unavailable(at + address_.server() + " answered with " + status +
                     " and no error of S3; check that the endpoint is that of an S3 server");
}

}  // namespace beeflow
