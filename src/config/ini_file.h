// Reads the INI text of beeflow.cfg: "[section]", "key = value", "#" and ";" comment lines, values
// continued on indented lines. Knows nothing of which keys exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace beeflow {

struct IniEntry {
  std::string section;  // lower case
  std::string key;      // lower case
  std::string value;    // without surrounding blanks
  int line = 0;         // counted from 1
};

// `name` is the file's, for messages. Errors name file and line: a key outside of a section, a line
// that is neither section, key nor comment, a key given twice.
Result<std::vector<IniEntry>> ParseIni(std::string_view text, const std::string& name);

}  // namespace beeflow
