// The files of the web UI, which are part of the program: web/ui, and what npm has fetched for it.
#pragma once

#include <string_view>
#include <vector>

namespace beeflow {

struct WebFile {
  std::string_view path;  // "/ui/main.js"
  std::string_view content;
  std::string_view gzip;  // the content, compressed
};

// All of them, valid as long as the program.
const std::vector<WebFile>& WebFiles();

}  // namespace beeflow
