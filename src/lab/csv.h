// CSV as RFC 4180 wants it: CRLF, quotes only where a cell needs them, nothing for NULL.
#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace beeflow {

using CsvRow = std::vector<std::optional<std::string>>;

// An absent cell is empty; an empty text is "" in quotes, so that the two stay apart.
void WriteCsvRow(const CsvRow& row, std::ostream& out);

// Reads rows one by one, in memory for one row. Lines may end with CRLF, LF or CR, the last one
// with nothing; a byte order mark is skipped, and so are empty lines. A quote within an unquoted
// cell stands for itself.
class CsvReader {
 public:
  // `in` outlives the reader; `name` names it in messages.
  CsvReader(std::istream* in, std::string name);
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // Replaces `row` by the next one; false at the end. kInvalid, with the line, where a quoted cell
  // does not end or goes on after its quote; kUnavailable where `in` cannot be read.
  Result<bool> Next(CsvRow* row);

  const std::string& name() const { return name_; }
  size_t line() const { return row_line_; }  // on which the last row began, from 1

 private:
  static constexpr int kEnd = -1;

  int Peek();
  int Take();
  bool TakeLineEnd();
  // Reads one cell, and leaves what ends it.
  Status ReadCell(std::optional<std::string>* cell);
  Status ReadQuoted(std::string* text);
  Status CheckLength(size_t cell_bytes) const;
  Error Wrong(const std::string& what) const;

  std::istream& in_;
  const std::string name_;
  std::vector<char> buffer_;
  size_t position_ = 0;
  size_t filled_ = 0;
  size_t line_ = 1;
  size_t row_line_ = 0;
  size_t row_bytes_ = 0;  // of the cells that are complete
};

}  // namespace beeflow
