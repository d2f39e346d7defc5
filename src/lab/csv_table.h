// The rows of a CSV file below its header, with cells by the names of their columns: exports of
// Beeflow, of Airflow's own database, and what data frame libraries make of either.
#pragma once

#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "lab/csv.h"

namespace beeflow {

class CsvTable {
 public:
  // A column by its place; absent where the header lacks it, and then all its cells are NULL.
  using Column = std::optional<size_t>;

  // Reads the header. kNotFound where the file cannot be opened, kInvalid where it is empty.
  static Result<std::unique_ptr<CsvTable>> Open(const std::string& path);

  // The column with the first of these names that there is.
  Column Find(std::initializer_list<std::string_view> names) const;
  // The same; kInvalid where there is none of them.
  Result<Column> Require(std::initializer_list<std::string_view> names) const;

  // Goes to the next row; false at the end. kInvalid where it is no row of this table.
  Result<bool> Next();

  // Cells of the current row. NULL is an empty cell, and what Python and the databases write for it
  // (None, NaT, nan, \N). A cell that cannot be read counts as NULL, and as the failure of the row,
  // see status().
  std::string Id(Column column);          // as it stands; it is a failure where it is empty
  std::string Text(Column column) const;  // "" where NULL
  std::optional<Time> OptionalTime(Column column);
  std::optional<double> OptionalNumber(Column column);
  std::optional<int64_t> OptionalInteger(Column column);  // "3.0" is one too
  int64_t Integer(Column column, int64_t fallback) {
    return OptionalInteger(column).value_or(fallback);
  }
  // For cells with a meaning of their own: notes that this one is not `expected`.
  void Fail(Column column, std::string_view expected);

  // The first failure of the current row; its message names file, line and column.
  const Status& status() const { return status_; }
  const std::string& name() const { return in_.name(); }
  std::string Place() const;  // "runs/dagrun.csv:17"

 private:
  explicit CsvTable(const std::string& path) : file_(path, std::ios::binary), in_(&file_, path) {}

  // The cell's text where it is not NULL.
  const std::string* Find(Column column) const;

  std::ifstream file_;
  CsvReader in_;
  CsvRow header_;
  CsvRow row_;
  Status status_;
};

}  // namespace beeflow
