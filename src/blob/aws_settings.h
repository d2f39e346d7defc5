// What the usual variables and files of AWS say: credentials, region, endpoint.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace beeflow {

struct AwsSettings {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;       // "": the credentials are for good
  std::string credentials_source;  // for messages: "AWS_ACCESS_KEY_ID", "profile 'x' of FILE"
  std::string region;              // never ""
  std::string region_source;       // for messages
  std::string endpoint_url;        // "": AWS
  std::string ca_bundle;           // "": the system's certificates
};

// Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; else from
// the profile that AWS_PROFILE names (default) in AWS_SHARED_CREDENTIALS_FILE
// (~/.aws/credentials) or AWS_CONFIG_FILE (~/.aws/config). The region comes from AWS_REGION or
// AWS_DEFAULT_REGION, else from the profile, else it is us-east-1; the endpoint from
// AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile; certificates from AWS_CA_BUNDLE or the
// profile. Errors name the variable, or the file and line; none shows a secret.
Result<AwsSettings> ReadAwsSettings(const std::map<std::string, std::string>& variables);

}  // namespace beeflow
