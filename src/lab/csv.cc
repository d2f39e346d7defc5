#include "lab/csv.h"

#include <string_view>

namespace beeflow {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 16;
// A quote that is never closed must not draw a whole file into memory.
constexpr size_t kRowBytesMax = size_t{1} << 24;
constexpr size_t kCellBytes = 64;  // what a cell takes besides its text

void WriteCell(const std::string& text, std::ostream& out) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) {
    out << text;
    return;
  }
  out << '"';
  for (const char c : text) {
    if (c == '"') out << '"';
    out << c;
  }
  out << '"';
}

bool EndsCell(int c) { return c == ',' || c == '\n' || c == '\r' || c < 0; }

}  // namespace

void WriteCsvRow(const CsvRow& row, std::ostream& out) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out << ',';
    if (row[i]) WriteCell(*row[i], out);
  }
  out << "\r\n";
}

CsvReader::CsvReader(std::istream* in, std::string name)
    : in_(*in), name_(std::move(name)), buffer_(kBufferBytes) {}

Result<bool> CsvReader::Next(CsvRow* row) {
  if (row_line_ == 0) {
    Peek();  // fills the buffer
    if (std::string_view(buffer_.data(), filled_).starts_with("\xEF\xBB\xBF")) position_ = 3;
  }
  while (TakeLineEnd()) {
  }
  row_line_ = line_;
  row_bytes_ = 0;
  size_t cells = 0;
  while (Peek() != kEnd || cells > 0) {
    if (row->size() == cells) row->emplace_back();
    std::optional<std::string>& cell = (*row)[cells++];
    BEEFLOW_RETURN_IF_ERROR(ReadCell(&cell));
    row_bytes_ += kCellBytes + (cell ? cell->size() : 0);
    BEEFLOW_RETURN_IF_ERROR(CheckLength(0));
    if (Peek() != ',') break;
    Take();
  }
  if (in_.bad()) return Unavailable(name_ + ": cannot be read; check the file system");
  row->resize(cells);
  TakeLineEnd();
  return cells > 0;
}

int CsvReader::Peek() {
  if (position_ == filled_) {
    in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    filled_ = static_cast<size_t>(in_.gcount());
    position_ = 0;
    if (filled_ == 0) return kEnd;
  }
  return static_cast<unsigned char>(buffer_[position_]);
}

int CsvReader::Take() {
  const int c = Peek();
  if (c != kEnd) ++position_;
  return c;
}

bool CsvReader::TakeLineEnd() {
  const int c = Peek();
  if (c != '\r' && c != '\n') return false;
  Take();
  if (c == '\r' && Peek() == '\n') Take();
  ++line_;
  return true;
}

Status CsvReader::ReadCell(std::optional<std::string>* cell) {
  std::string& text = cell->emplace();
  if (Peek() == '"') return ReadQuoted(&text);
  while (!EndsCell(Peek())) {
    text += static_cast<char>(Take());
    BEEFLOW_RETURN_IF_ERROR(CheckLength(text.size()));
  }
  if (text.empty()) cell->reset();
  return Ok();
}

Status CsvReader::ReadQuoted(std::string* text) {
  Take();
  while (true) {
    const int c = Take();
    if (c == kEnd) return Wrong("a quoted cell does not end; close its quote");
    if (c == '"') {
      if (Peek() != '"') break;
      Take();
    } else if (c == '\n') {
      ++line_;
    }
    *text += static_cast<char>(c);
    BEEFLOW_RETURN_IF_ERROR(CheckLength(text->size()));
  }
  if (EndsCell(Peek())) return Ok();
  return Wrong("text follows the quote that closes a cell; write a quote within a cell as \"\"");
}

Status CsvReader::CheckLength(size_t cell_bytes) const {
  if (row_bytes_ + cell_bytes <= kRowBytesMax) return Ok();
  return Wrong("a row is longer than 16 MiB; a closing quote may be missing");
}

Error CsvReader::Wrong(const std::string& what) const {
  return Invalid(name_ + ":" + std::to_string(row_line_) + ": " + what);
}

}  // namespace beeflow
