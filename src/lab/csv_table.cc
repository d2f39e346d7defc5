#include "lab/csv_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace beeflow {
namespace {

constexpr std::array<std::string_view, 7> kNulls = {"None", "NaT",  "nan", "NaN",
                                                    "NULL", "null", "\\N"};

std::optional<double> ReadNumber(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

Result<std::unique_ptr<CsvTable>> CsvTable::Open(const std::string& path) {
  std::unique_ptr<CsvTable> table(new CsvTable(path));
  if (!table->file_) return NotFound(path + ": cannot be opened; check that it may be read");
  BEEFLOW_ASSIGN_OR_RETURN(const bool header, table->in_.Next(&table->header_));
  if (!header) return Invalid(path + ": is empty; a CSV file begins with the names of its columns");
  return table;
}

CsvTable::Column CsvTable::Find(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    const auto at = std::find(header_.begin(), header_.end(), name);
    if (at != header_.end()) return static_cast<size_t>(at - header_.begin());
  }
  return std::nullopt;
}

Result<CsvTable::Column> CsvTable::Require(std::initializer_list<std::string_view> names) const {
  if (const Column column = Find(names)) return column;
  std::string words;
  for (const std::string_view name : names) {
    words += (words.empty() ? "'" : " or '") + std::string(name) + "'";
  }
  return Invalid(in_.name() + ":1: there is no column " + words +
                 "; export the whole table, with the names of its columns in the first line");
}

Result<bool> CsvTable::Next() {
  status_ = Ok();
  BEEFLOW_ASSIGN_OR_RETURN(const bool found, in_.Next(&row_));
  if (!found || row_.size() == header_.size()) return found;
  return Invalid(Place() + ": has " + std::to_string(row_.size()) + " cells where the header has " +
                 std::to_string(header_.size()) +
                 " columns; quote cells that hold commas or line ends");
}

std::string CsvTable::Id(Column column) {
  std::string id = column ? row_[*column].value_or("") : "";
  if (id.empty()) Fail(column, "an id");
  return id;
}

std::string CsvTable::Text(Column column) const {
  const std::string* text = Find(column);
  return text == nullptr ? "" : *text;
}

std::optional<Time> CsvTable::OptionalTime(Column column) {
  const std::string* text = Find(column);
  if (text == nullptr) return std::nullopt;
  const auto time = ParseTime(*text);
  if (time.ok()) return *time;
  Fail(column, "a time; write it as 2021-01-31 15:00:00.000000+00:00");
  return std::nullopt;
}

std::optional<double> CsvTable::OptionalNumber(Column column) {
  const std::string* text = Find(column);
  if (text == nullptr) return std::nullopt;
  const auto value = ReadNumber(*text);
  if (!value) Fail(column, "a number");
  return value;
}

std::optional<int64_t> CsvTable::OptionalInteger(Column column) {
  constexpr double kMax = 9007199254740992;  // 2^53
  const std::string* text = Find(column);
  if (text == nullptr) return std::nullopt;
  const auto value = ReadNumber(*text);
  if (value && *value == std::floor(*value) && std::abs(*value) <= kMax) {
    return static_cast<int64_t>(*value);
  }
  Fail(column, "a whole number");
  return std::nullopt;
}

void CsvTable::Fail(Column column, std::string_view expected) {
  if (!status_.ok()) return;
  const std::string name = column ? header_[*column].value_or("") : "";
  const std::string text = column ? row_[*column].value_or("") : "";
  status_ = Invalid(Place() + ": column " + name + ": '" + text.substr(0, 80) + "' is not " +
                    std::string(expected));
}

std::string CsvTable::Place() const { return in_.name() + ":" + std::to_string(in_.line()); }

const std::string* CsvTable::Find(Column column) const {
  if (!column || !row_[*column]) return nullptr;
  const std::string& text = *row_[*column];
  const bool null = text.empty() || std::find(kNulls.begin(), kNulls.end(), text) != kNulls.end();
  return null ? nullptr : &text;
}

}  // namespace beeflow
