// CSV as RFC 4180 wants it: CRLF, quotes only where a cell needs them, nothing for NULL.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace beeflow {

// An absent cell is empty; an empty text is "" in quotes, so that the two stay apart.
void WriteCsvRow(const std::vector<std::optional<std::string>>& row, std::ostream& out);

}  // namespace beeflow
