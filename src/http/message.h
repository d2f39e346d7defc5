// HTTP requests and responses as plain values: what handlers take and give.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {

struct HttpRequest {
  std::string method;
  std::string path;                           // as sent, without the query, still escaped
  std::map<std::string, std::string> fields;  // of the route's pattern, unescaped
  std::multimap<std::string, std::string> query;
  std::string accept;
  std::string content_type;
  std::string body;

  // The value of a query parameter, or absent.
  std::optional<std::string> Query(const std::string& name) const;
  const std::string& Field(const std::string& name) const;  // "" where the pattern has none
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

HttpResponse JsonResponse(const Json& json, int status = 200);

// An error as RFC 7807 describes it: title, status, detail, type.
HttpResponse ProblemResponse(int status, std::string_view title, std::string_view detail);

// kInvalid is 400, kNotFound 404, kConflict 409, kUnavailable 503, kInternal 500.
HttpResponse ErrorResponse(const Error& error);

// "%2F" as "/"; '+' stays. Absent where an escape is broken.
std::optional<std::string> UnescapeSegment(std::string_view text);

}  // namespace beeflow
