#include "ports/parsed_file.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include "timetable/timetable.h"

namespace beeflow {
namespace {

uint64_t Fnv1a(const std::string& text, uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

std::optional<ImportError> ErrorFromJson(const Json& error) {
  if (error.is_null()) return std::nullopt;
  JsonReader in(error, "import error");
  ImportError out;
  out.message = in.String("message", "the import failed without a message");
  out.traceback = in.String("traceback");
  if (const auto line = in.OptionalInteger("line", 1, 1'000'000'000)) {
    out.line = static_cast<int>(*line);
  }
  return out;
}

}  // namespace

std::string HashText(const std::string& text) {
  std::array<char, 40> out{};
  const auto a = static_cast<unsigned long long>(Fnv1a(text, 0xcbf29ce484222325u));
  const auto b = static_cast<unsigned long long>(Fnv1a(text, 0x84222325cbf29ce4u));
  std::snprintf(out.data(), out.size(), "%016llx%016llx", a, b);
  return out.data();
}

ParsedFile ParsedFileFromJson(const std::string& path, const Json& result) {
  ParsedFile file;
  file.path = path;
  JsonReader in(result, path);
  file.error = ErrorFromJson(in.Raw("error"));
  file.warnings = in.Strings("warnings");
  file.code = in.String("code");
  if (in.Raw("seconds").is_number()) file.seconds = in.Raw("seconds").get<double>();
  const Json& dags = in.Raw("dags");
  if (!file.error && !in.status().ok())
    file.error = ImportError{in.status().error().message, {}, ""};
  for (const Json& json : dags.is_array() ? dags : Json::array()) {
    auto dag = DagFromJson(json);
    if (!dag.ok()) {
      if (!file.error) file.error = ImportError{dag.error().message, {}, ""};
      continue;
    }
    if (const auto timetable = Timetable::FromJson((*dag)->schedule); !timetable.ok()) {
      const std::string message = "DAG " + (*dag)->id + ": " + timetable.error().message;
      if (!file.error) file.error = ImportError{message, {}, ""};
      continue;
    }
    ParsedDag parsed;
    parsed.dag = *dag;
    parsed.data = DumpJson(json);
    parsed.hash = HashText(parsed.data);
    parsed.display_name = JsonReader(json, path).String("display_name");
    file.dags.push_back(std::move(parsed));
  }
  if (file.error) file.dags.clear();
  return file;
}

}  // namespace beeflow
