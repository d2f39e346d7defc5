// Lists on the terminal: Airflow's four formats (-o table, json, yaml, plain).
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace beeflow {

enum class OutputFormat { kTable, kJson, kYaml, kPlain };

using Cell = std::optional<std::string>;  // absent: None in text, null in JSON and YAML

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;  // each as wide as `columns`
};

// An empty table is "No data found" in the text formats and an empty list in the others, as in
// Airflow.
void WriteTable(const Table& table, OutputFormat format, std::ostream& out);

// Cells in Python's words: "True", ISO 8601; an absent time is "".
Cell BooleanCell(bool value);
Cell TimeCell(const std::optional<Time>& time);

// "0.123 s", "1 min 5 s": for people.
std::string FormatSeconds(double seconds);

}  // namespace beeflow
