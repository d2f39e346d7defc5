#include "lab/csv.h"

namespace beeflow {
namespace {

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

}  // namespace

void WriteCsvRow(const std::vector<std::optional<std::string>>& row, std::ostream& out) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out << ',';
    if (row[i]) WriteCell(*row[i], out);
  }
  out << "\r\n";
}

}  // namespace beeflow
