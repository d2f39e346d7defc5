// HTTP requests and responses as plain values: what handlers take and give.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {

struct HttpRequest {
  std::string method;
  std::string path;                           // as sent, without the query, still escaped
  std::map<std::string, std::string> fields;  // of the route's pattern, unescaped
  std::multimap<std::string, std::string> query;
  std::map<std::string, std::string> headers;  // names in lower case; of several, the first
  std::string body;
  std::string remote_address;  // of the peer, which may be a proxy
  bool is_encrypted = false;   // came over TLS that ends here

  // The value of a query parameter, or absent.
  std::optional<std::string> Query(const std::string& name) const;
  const std::string& Field(const std::string& name) const;   // "" where the pattern has none
  const std::string& Header(const std::string& name) const;  // by its name in lower case; "": none
  // The value of a cookie, or "".
  std::string Cookie(std::string_view name) const;
};

// Writes a part of a body that has no length yet; an empty part only asks. False where nobody reads
// any more, or the server ends: then the stream should too.
using HttpWrite = std::function<bool(std::string_view)>;

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  std::vector<std::pair<std::string, std::string>>
      headers{};  // besides those that every answer has
  // Where it is set, it gives the body: called once, on a thread of the server, which it holds
  // until it returns. It should look at `write`'s answer every few seconds at least.
  std::function<void(const HttpWrite& write)> stream{};
};

HttpResponse JsonResponse(const Json& json, int status = 200);

// An error as RFC 7807 describes it: title, status, detail, type.
HttpResponse ProblemResponse(int status, std::string_view title, std::string_view detail);

// kInvalid is 400, kNotFound 404, kConflict 409, kUnavailable 503, kInternal 500.
HttpResponse ErrorResponse(const Error& error);

// "%2F" as "/"; '+' stays. Absent where an escape is broken.
std::optional<std::string> UnescapeSegment(std::string_view text);

}  // namespace beeflow
