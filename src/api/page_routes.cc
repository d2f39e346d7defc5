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

std::string HashOf(std::string_view content) {
  return std::to_string(std::hash<std::string_view>()(content));
}

// A browser asks each time whether its copy is still good, which costs no transfer.
constexpr const char* kAsk = "no-cache";
// Under an address that is this version's alone: a browser keeps the file, and asks no more.
// Seventy questions, one for each file, would take longer than all else that a page loads.
constexpr const char* kKeep = "public, max-age=31536000, immutable";

HttpHandler ServeFile(const WebFile& file, const char* caching) {
  const std::string hash = HashOf(file.content);
  return [file, hash, caching](const HttpRequest& request) {
    const bool is_short = AcceptsGzip(request);
    const std::string tag = "\"" + hash + (is_short ? "-gzip" : "") + "\"";
    HttpResponse response;
    response.content_type = ContentType(file.path);
    response.headers = {{"ETag", tag}, {"Cache-Control", caching}, {"Vary", "Accept-Encoding"}};
    if (request.Header("if-none-match") == tag) {
      response.status = 304;
    } else {
      if (is_short) response.headers.emplace_back("Content-Encoding", "gzip");
      response.body = is_short ? file.gzip : file.content;
    }
    return response;
  };
}

// Of all files, as part of a path.
std::string VersionOf(const std::vector<WebFile>& files) {
  std::string all;
  for (const WebFile& file : files) all += std::string(file.path) + HashOf(file.content) + "\n";
  return "v" + HashOf(all);
}

// The page itself is asked for each time, and leads to the files of its version, so that a new
// version of the program never meets parts of an old page.
HttpHandler ServePage(std::string_view content, const std::string& version) {
  std::string page(content);
  const std::string from = "\"/ui/";
  const std::string to = from + version + "/";
  for (size_t at = page.find(from); at != std::string::npos; at = page.find(from, at + to.size())) {
    page.replace(at, from.size(), to);
  }
  return [page = std::move(page), tag = "\"" + version + "\""](const HttpRequest& request) {
    HttpResponse response{200, "text/html; charset=utf-8"};
    response.headers = {{"ETag", tag}, {"Cache-Control", kAsk}};
    if (request.Header("if-none-match") == tag) {
      response.status = 304;
    } else {
      response.body = page;
    }
    return response;
  };
}

}  // namespace

void AddPageRoutes(HttpRouter* router) {
  const std::string version = VersionOf(WebFiles());
  for (const WebFile& file : WebFiles()) {
    const std::string path(file.path);
    if (path == "/ui/index.html") {
      router->Add("GET", path, ServePage(file.content, version));
      router->Add("GET", "/", ServePage(file.content, version));
      continue;
    }
    router->Add("GET", path, ServeFile(file, kAsk));
    constexpr size_t kPrefix = std::string_view("/ui/").size();
    router->Add("GET", "/ui/" + version + "/" + path.substr(kPrefix), ServeFile(file, kKeep));
  }
}

}  // namespace beeflow
