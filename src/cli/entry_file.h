// Files of named entries that people import and export: JSON, YAML, or lines NAME=value (env). They
// hold secrets, so messages name the file and the place in it, never a value.
#pragma once

#include <ostream>
#include <string>

#include "base/result.h"
#include "cli/yaml.h"

namespace beeflow {

enum class EntryFormat { kJson, kYaml, kEnv };

// By its extension: .json, .yaml, .yml, .env.
Result<EntryFormat> FormatOfFile(const std::string& path);

// An object of the entries, in the order of the file; those of an env file are texts.
Result<OrderedJson> ReadEntries(const std::string& path);

// The text of a file. The values of an env file must be texts of one line.
Result<std::string> FormatEntries(const OrderedJson& entries, EntryFormat format);

// Writes `text` to `out` where the path is "-", else to a file, which only its owner may read if it
// is new.
Status WriteSecretFile(const std::string& path, const std::string& text, std::ostream& out);

}  // namespace beeflow
