#include "blob/s3_address.h"

#include <charconv>

namespace beeflow {
namespace {

bool IsUnreserved(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string AwsHost(const std::string& region) {
  const bool in_china = region.rfind("cn-", 0) == 0;
  return "s3." + region + (in_china ? ".amazonaws.com.cn" : ".amazonaws.com");
}

bool IsRegion(const std::string& region) {
  constexpr size_t kLengthMax = 63;  // what libcurl takes, and a part of a host name may have
  return !region.empty() && region.size() <= kLengthMax &&
         region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

// "http://host:9000" of a URL that may have slashes at its end.
Result<std::string> CheckEndpoint(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  const bool is_http = url.rfind("http://", 0) == 0 || url.rfind("https://", 0) == 0;
  if (is_http && url.find_first_of("?#@ ") == std::string::npos &&
      url.find("://") + 3 < url.size()) {
    return url;
  }
  return Invalid("the endpoint URL '" + url +
                 "' is wrong; write it as https://host or http://host:9000");
}

}  // namespace

std::string PercentEncode(std::string_view text, bool keep_slashes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsUnreserved(byte) || (c == '/' && keep_slashes)) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Result<S3Address> S3Address::Make(const std::string& bucket, const std::string& region,
                                  const std::string& endpoint_url) {
  if (!IsRegion(region)) {
    return Invalid("'" + region + "' is not the name of a region, such as eu-west-1");
  }
  S3Address address;
  if (!endpoint_url.empty()) {
    BEEFLOW_ASSIGN_OR_RETURN(address.server_, CheckEndpoint(endpoint_url));
    address.base_ = address.server_ + "/" + bucket;
    return address;
  }
  const bool in_host = bucket.find_first_of("._") == std::string::npos;
  address.server_ = "https://" + AwsHost(region);
  address.base_ =
      in_host ? "https://" + bucket + "." + AwsHost(region) : address.server_ + "/" + bucket;
  return address;
}

std::string S3Address::Url(const std::string& key, const Query& query) const {
  std::string url = base_ + "/" + PercentEncode(key, true);
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += separator + PercentEncode(name, false) + "=" + PercentEncode(value, false);
    separator = '&';
  }
  return url;
}

}  // namespace beeflow
