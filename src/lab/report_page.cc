#include "lab/report_page.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace beeflow {
namespace {

constexpr const char* kPlotly = "node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js";

Result<std::string> ReadFile(const std::string& path, const char* remedy) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) return NotFound("a part of the report page is missing: " + path + "; " + remedy);
  return std::move(text).str();
}

// For a URL: everything but letters, digits and a few signs as %XX.
std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~!*(),;/?:@&=+$";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

// The modules name each other "#report/x.js"; this maps the names to the modules themselves.
Result<std::string> ImportMap(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".js") names.push_back(entry.path().filename().string());
  }
  if (names.empty()) {
    return NotFound("the modules of the report page are missing: " + folder +
                    "; install Beeflow again with: make install");
  }
  std::sort(names.begin(), names.end());
  Json imports = Json::object();
  for (const std::string& name : names) {
    BEEFLOW_ASSIGN_OR_RETURN(
        const std::string source,
        ReadFile(std::filesystem::path(folder) / name, "install it again with: make install"));
    imports["#report/" + name] = "data:text/javascript;charset=utf-8," + PercentEncoded(source);
  }
  return ScriptJson({{"imports", imports}});
}

// What <script> must not hold is written another way that means the same inside JavaScript's
// literals; Plotly has it nowhere else.
std::string InScript(std::string source) {
  for (const auto& [from, to] : {std::pair{"</script", "<\\/script"}, {"<!--", "<\\!--"}}) {
    const std::string_view pattern = from;
    for (size_t at = source.find(pattern); at != std::string::npos;
         at = source.find(pattern, at + 1)) {
      source.replace(at, pattern.size(), to);
    }
  }
  return source;
}

// Each "{{name}}" of the template is replaced once; what is put in is not looked at again.
Result<std::string> Fill(const std::string& text,
                         const std::vector<std::pair<std::string, std::string>>& values) {
  std::string filled;
  size_t done = 0;
  for (const auto& [name, value] : values) {
    const std::string mark = "{{" + name + "}}";
    const size_t at = text.find(mark, done);
    if (at == std::string::npos) {
      return Invalid("report.html has no " + mark + " where it belongs; install Beeflow again");
    }
    filled.append(text, done, at - done).append(value);
    done = at + mark.size();
  }
  return filled.append(text, done);
}

std::optional<std::string> DecodeBase64Text(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return {};
    bits = (bits << 6 | static_cast<uint32_t>(digit)) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

bool IsPlainName(const std::string& name) {
  return !name.empty() && name.front() != '.' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos;
}

}  // namespace

std::string ScriptJson(const Json& json) {
  std::string text;
  for (const char c : DumpJson(json)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

Result<std::string> RenderReportPage(const std::string& web_folder, const Json& document) {
  const char* again = "install Beeflow again with: make install";
  const std::string folder = web_folder + "/report";
  BEEFLOW_ASSIGN_OR_RETURN(const std::string html, ReadFile(folder + "/report.html", again));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string css, ReadFile(folder + "/report.css", again));
  BEEFLOW_ASSIGN_OR_RETURN(
      std::string plotly,
      ReadFile(web_folder + "/" + kPlotly, "in a source tree, `make` fetches it with npm"));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string modules, ImportMap(folder));
  return Fill(html, {{"styles", css},
                     {"modules", modules},
                     {"plotly", InScript(std::move(plotly))},
                     {"document", ScriptJson(document)}});
}

Result<std::vector<ReportImage>> ReadImages(const std::string& dom) {
  const std::string open = "<pre id=\"images\">";
  const size_t start = dom.find(open);
  const size_t end = start == std::string::npos ? start : dom.find("</pre>", start);
  if (end == std::string::npos) return Invalid("the browser printed no images");
  auto json =
      ParseJson(std::string_view(dom).substr(start + open.size(), end - start - open.size()));
  if (!json.ok() || !json->is_array()) return Invalid("the browser printed no list of images");
  std::vector<ReportImage> images;
  for (const Json& item : *json) {
    JsonReader reader(item, "image");
    const std::string file = reader.String("file");
    auto bytes = DecodeBase64Text(reader.String("base64"));
    BEEFLOW_RETURN_IF_ERROR(reader.status());
    if (!bytes || bytes->empty() || !IsPlainName(file)) {
      return Invalid("the browser printed an image that cannot be read: '" + file + "'");
    }
    images.push_back({file, *std::move(bytes)});
  }
  return images;
}

}  // namespace beeflow
