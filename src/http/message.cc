#include "http/message.h"

#include <algorithm>

namespace beeflow {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> HttpRequest::Query(const std::string& name) const {
  const auto it = query.find(name);
  return it == query.end() ? std::nullopt : std::optional(it->second);
}

const std::string& HttpRequest::Field(const std::string& name) const {
  static const std::string kEmpty;
  const auto it = fields.find(name);
  return it == fields.end() ? kEmpty : it->second;
}

const std::string& HttpRequest::Header(const std::string& name) const {
  static const std::string kEmpty;
  const auto it = headers.find(name);
  return it == headers.end() ? kEmpty : it->second;
}

std::string HttpRequest::Cookie(std::string_view name) const {
  std::string_view rest = Header("cookie");
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(';'), rest.size());
    std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
  }
  return {};
}

HttpResponse JsonResponse(const Json& json, int status) {
  return {status, "application/json", DumpJson(json) + "\n"};
}

HttpResponse ProblemResponse(int status, std::string_view title, std::string_view detail) {
  const Json problem = {
      {"status", status}, {"title", title}, {"detail", detail}, {"type", "about:blank"}};
  return {status, "application/problem+json", DumpJson(problem) + "\n"};
}

HttpResponse ErrorResponse(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalid:
      return ProblemResponse(400, "Bad Request", error.message);
    case ErrorCode::kNotFound:
      return ProblemResponse(404, "Not Found", error.message);
    case ErrorCode::kConflict:
      return ProblemResponse(409, "Conflict", error.message);
    case ErrorCode::kUnavailable:
      return ProblemResponse(503, "Service Unavailable", error.message);
    case ErrorCode::kInternal:
      break;
  }
  return ProblemResponse(500, "Internal Server Error", error.message);
}

std::optional<std::string> UnescapeSegment(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexDigit(text[i + 1]);
    const int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace beeflow
