#include "http/router.h"

namespace beeflow {
namespace {

std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  // "/dags/" is "/dags".
  while (!segments.empty() && segments.back().empty()) segments.pop_back();
  return segments;
}

bool IsField(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// The fields, or absent where the path does not fit the pattern.
std::optional<std::map<std::string, std::string>> Match(const std::vector<std::string>& pattern,
                                                        const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::map<std::string, std::string> fields;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const auto text = UnescapeSegment(path[i]);
    if (!text) return std::nullopt;
    if (IsField(pattern[i])) {
      fields[pattern[i].substr(1, pattern[i].size() - 2)] = *text;
    } else if (pattern[i] != *text) {
      return std::nullopt;
    }
  }
  return fields;
}

}  // namespace

void HttpRouter::Add(const std::string& method, const std::string& pattern, HttpHandler handler) {
  routes_.push_back({method, Segments(pattern), std::move(handler)});
}

HttpResponse HttpRouter::Dispatch(HttpRequest* request) const {
  const std::vector<std::string> path = Segments(request->path);
  bool other_method = false;
  for (const Route& route : routes_) {
    auto fields = Match(route.segments, path);
    if (!fields) continue;
    if (route.method != request->method) {
      other_method = true;
      continue;
    }
    request->fields = std::move(*fields);
    return route.handler(*request);
  }
  if (other_method) {
    return ProblemResponse(405, "Method Not Allowed",
                           request->method + " is not possible on " + request->path);
  }
  return ProblemResponse(404, "Not Found", "there is nothing at " + request->path);
}

}  // namespace beeflow
