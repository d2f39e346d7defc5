// The result of parsing one DAG file (docs/formats/serialized-dag.md).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "dag/dag.h"

namespace beeflow {

struct ParsedDag {
  std::shared_ptr<const Dag> dag;
  std::string data;               // the serialized DAG as JSON text
  std::string hash;               // of `data`
  std::string display_name = {};  // "": the id
};

struct ImportError {
  std::string message;
  std::optional<int> line;
  std::string traceback;
};

struct ParsedFile {
  std::string path;  // absolute
  std::string code;  // the source that was parsed; "" where it could not be read
  std::vector<ParsedDag> dags;
  std::optional<ImportError> error;
  std::vector<std::string> warnings;
  double seconds = 0;  // time the import took
};

// Reads a parser's answer. A DAG that is not valid makes an import error of the file, as Airflow
// does, instead of a failure here.
ParsedFile ParsedFileFromJson(const std::string& path, const Json& result);

// 32 hexadecimal digits; stable between versions of the program.
std::string HashText(const std::string& text);

}  // namespace beeflow
