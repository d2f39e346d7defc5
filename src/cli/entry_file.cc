#include "cli/entry_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

namespace beeflow {
namespace {

constexpr int kIndent = 4;
constexpr mode_t kOwnerOnly = 0600;

Result<std::string> ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return NotFound(path + " cannot be read; name a .json, .yaml or .env file");
  return text;
}

// The messages of the JSON library quote what they stumble over, which may be a secret.
Result<OrderedJson> ParseOrderedJson(const std::string& text) {
  try {
    return OrderedJson::parse(text);
  } catch (const OrderedJson::parse_error& error) {
    return Invalid("not valid JSON at byte " + std::to_string(error.byte));
  }
}

Result<OrderedJson> ParseEnv(const std::string& text) {
  OrderedJson entries = OrderedJson::object();
  int number = 0;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = std::string_view(text).substr(start, end - start);
    start = end + 1;
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') continue;
    line.remove_prefix(first);
    const size_t equals = line.find('=');
    const std::string place = "line " + std::to_string(number);
    if (equals == std::string_view::npos) return Invalid(place + " has no '='; write NAME=value");
    std::string_view name = line.substr(0, equals);
    name = name.substr(0, name.find_last_not_of(" \t") + 1);
    if (name.empty()) return Invalid(place + " has no name before '='; write NAME=value");
    if (entries.contains(name)) {
      return Invalid(place + ": " + std::string(name) + " is given twice; leave one of them out");
    }
    entries[std::string(name)] = std::string(line.substr(equals + 1));
  }
  return entries;
}

Result<OrderedJson> Parse(const std::string& text, EntryFormat format) {
  switch (format) {
    case EntryFormat::kJson:
      return ParseOrderedJson(text);
    case EntryFormat::kYaml:
      return ParseYaml(text);
    case EntryFormat::kEnv:
      break;
  }
  return ParseEnv(text);
}

Result<std::string> FormatEnv(const OrderedJson& entries) {
  std::string text;
  for (const auto& [name, value] : entries.items()) {
    if (!value.is_string()) return Invalid(name + " is no text, which an env file cannot hold");
    const auto line = value.get<std::string>();
    if (line.find_first_of("\r\n") != std::string::npos ||
        name.find_first_of("=\r\n") != std::string::npos) {
      return Invalid("'" + name +
                     "' has several lines, which an env file cannot hold; use a .json or .yaml");
    }
    text += name + "=" + line + "\n";
  }
  return text;
}

}  // namespace

Result<EntryFormat> FormatOfFile(const std::string& path) {
  std::string extension = path.substr(path.rfind('.') == std::string::npos ? 0 : path.rfind('.'));
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (extension == ".json") return EntryFormat::kJson;
  if (extension == ".yaml" || extension == ".yml") return EntryFormat::kYaml;
  if (extension == ".env") return EntryFormat::kEnv;
  return Invalid(path + ": the name must end with .json, .yaml, .yml or .env");
}

Result<OrderedJson> ReadEntries(const std::string& path) {
  BEEFLOW_ASSIGN_OR_RETURN(const EntryFormat format, FormatOfFile(path));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  auto entries = Parse(text, format);
  if (!entries.ok()) return Invalid(path + ": " + entries.error().message);
  if (!entries->is_object()) return Invalid(path + ": must hold an object of names and values");
  return entries;
}

Result<std::string> FormatEntries(const OrderedJson& entries, EntryFormat format) {
  if (format == EntryFormat::kEnv) return FormatEnv(entries);
  if (format == EntryFormat::kYaml) return FormatYaml(entries);
  return entries.dump(kIndent, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

Status WriteSecretFile(const std::string& path, const std::string& text, std::ostream& out) {
  if (path == "-") {
    out << text;
    return Ok();
  }
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly);
  size_t written = 0;
  while (file >= 0 && written < text.size()) {
    const ssize_t count = write(file, text.data() + written, text.size() - written);
    if (count < 0) break;
    written += static_cast<size_t>(count);
  }
  const int code = errno;
  const bool closed = file >= 0 && close(file) == 0;
  if (closed && written == text.size()) return Ok();
  return Unavailable(path + " cannot be written: " + std::strerror(code));
}

}  // namespace beeflow
