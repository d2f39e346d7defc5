#include "api/page_routes.h"

#include <array>
#include <functional>
#include <string>
#include <utility>

#include "api/web_files.h"
#include "http/compression.h"

namespace beeflow {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kContentTypes = {{
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
}};

std::string ContentType(std::string_view path) {
  for (const auto& [extension, type] : kContentTypes) {
    if (path.ends_with(extension)) return std::string(type);
  }
  return "application/octet-stream";
}

// A browser asks each time whether its copy is still good, which costs no transfer, so that a new
// version of the program never meets parts of an old page.
HttpHandler ServeFile(const WebFile& file) {
  const std::string hash = std::to_string(std::hash<std::string_view>()(file.content));
  return [file, hash](const HttpRequest& request) {
    const bool is_short = AcceptsGzip(request);
    const std::string tag = "\"" + hash + (is_short ? "-gzip" : "") + "\"";
    HttpResponse response;
    response.content_type = ContentType(file.path);
    response.headers = {{"ETag", tag}, {"Cache-Control", "no-cache"}, {"Vary", "Accept-Encoding"}};
    if (request.Header("if-none-match") == tag) {
      response.status = 304;
    } else {
      if (is_short) response.headers.emplace_back("Content-Encoding", "gzip");
      response.body = is_short ? file.gzip : file.content;
    }
    return response;
  };
}

}  // namespace

void AddPageRoutes(HttpRouter* router) {
  for (const WebFile& file : WebFiles()) {
    router->Add("GET", std::string(file.path), ServeFile(file));
    if (file.path == "/ui/index.html") router->Add("GET", "/", ServeFile(file));
  }
}

}  // namespace beeflow
