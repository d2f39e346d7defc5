#include "cli/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json.h"

namespace beeflow {
namespace {

std::string TextOf(const Cell& cell) { return cell ? *cell : "None"; }

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  size_t start = 0;
  while (true) {
    const size_t end = text.find('\n', start);
    lines.push_back(text.substr(start, end - start));
    if (end == std::string::npos) return lines;
    start = end + 1;
  }
}

// Columns on a terminal, close enough: one for each UTF-8 code point.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<size_t> ColumnWidths(const Table& table) {
  std::vector<size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(Width(column));
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      for (const std::string& line : Lines(TextOf(row[i]))) {
        widths[i] = std::max(widths[i], Width(line));
      }
    }
  }
  return widths;
}

// One row, as many lines high as its highest cell; blanks at the end of a line are left out.
void WriteRow(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
              std::string_view separator, std::ostream& out) {
  std::vector<std::vector<std::string>> columns;
  size_t height = 1;
  for (const std::string& cell : cells) {
    columns.push_back(Lines(cell));
    height = std::max(height, columns.back().size());
  }
  for (size_t line = 0; line < height; ++line) {
    std::string text;
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string piece = line < columns[i].size() ? columns[i][line] : "";
      text += (i > 0 ? separator : "");
      text += piece + std::string(widths[i] - Width(piece), ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  }
}

void WriteText(const Table& table, bool ruled, std::ostream& out) {
  if (table.rows.empty()) {
    out << "No data found\n";
    return;
  }
  const std::vector<size_t> widths = ColumnWidths(table);
  const std::string_view separator = ruled ? " | " : "  ";
  WriteRow(table.columns, widths, separator, out);
  if (ruled) {
    std::string rule;
    for (size_t i = 0; i < widths.size(); ++i) {
      rule += (i > 0 ? "=+=" : "") + std::string(widths[i], '=');
    }
    out << rule << '\n';
  }
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (const Cell& cell : row) cells.push_back(TextOf(cell));
    WriteRow(cells, widths, separator, out);
  }
}

void WriteJson(const Table& table, std::ostream& out) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& row : table.rows) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (size_t i = 0; i < row.size(); ++i) {
      object[table.columns[i]] =
          row[i] ? nlohmann::ordered_json(*row[i]) : nlohmann::ordered_json(nullptr);
    }
    list.push_back(std::move(object));
  }
  out << list.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

// A plain scalar where no reader can take it for anything but this text; else in double quotes, for
// JSON strings are YAML.
std::string YamlText(const Cell& cell) {
  if (!cell) return "null";
  constexpr std::string_view kReserved[] = {"true", "false", "null", "yes", "no", "on",
                                            "off",  "nan",   "inf",  "y",   "n"};
  std::string lower(*cell);
  for (char& c : lower) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '/'; };
  const auto plain = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  const bool safe =
      !lower.empty() && letter(lower[0]) && std::all_of(lower.begin(), lower.end(), plain) &&
      std::find(std::begin(kReserved), std::end(kReserved), lower) == std::end(kReserved);
  return safe ? *cell : DumpJson(Json(*cell));
}

void WriteYaml(const Table& table, std::ostream& out) {
  if (table.rows.empty()) out << "[]\n";
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      out << (i == 0 ? "- " : "  ") << table.columns[i] << ": " << YamlText(row[i]) << '\n';
    }
  }
}

}  // namespace

void WriteTable(const Table& table, OutputFormat format, std::ostream& out) {
  switch (format) {
    case OutputFormat::kTable:
      return WriteText(table, true, out);
    case OutputFormat::kPlain:
      return WriteText(table, false, out);
    case OutputFormat::kJson:
      return WriteJson(table, out);
    case OutputFormat::kYaml:
      return WriteYaml(table, out);
  }
}

Cell BooleanCell(bool value) { return value ? "True" : "False"; }

Cell TimeCell(const std::optional<Time>& time) { return time ? FormatIso(*time) : ""; }

std::string FormatSeconds(double seconds) {
  if (seconds < 60) return fmt::format("{:.3f} s", seconds);
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

}  // namespace beeflow
