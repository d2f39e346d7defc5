#include "cli/log_tail.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "ports/log_path.h"

namespace beeflow {

bool LogTail::Exists() const {
  std::error_code error;
  return std::filesystem::exists(path_, error);
}

Status LogTail::CopyTo(std::ostream& out) {
  std::ifstream file(path_, std::ios::binary);
  if (!file) {
    if (!Exists()) return Ok();
    return Unavailable("log " + path_ + " cannot be read; check its permissions");
  }
  if (HasShrunk(file)) FindPlace(file);
  file.clear();
  file.seekg(position_);
  std::array<char, 65536> buffer{};
  while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0) {
    position_ += file.gcount();
    std::string_view text(buffer.data(), static_cast<size_t>(file.gcount()));
    for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      out << prefix_ << partial_ << text.substr(0, end + 1);
      partial_.clear();
      text.remove_prefix(end + 1);
    }
    partial_ += text;
  }
  out.flush();
  return Ok();
}

bool LogTail::HasShrunk(std::ifstream& file) const {
  file.seekg(0, std::ios::end);
  return file.tellg() < position_;
}

// A log that reached its limit has lost its middle: goes on with the first line that was not shown,
// or, where that is among the lost, with the line that tells of it.
void LogTail::FindPlace(std::ifstream& file) {
  const std::streamoff shown = position_ + left_out_ - mark_bytes_;
  position_ = left_out_ = mark_bytes_ = 0;
  partial_.clear();
  file.clear();
  file.seekg(0);
  std::streamoff mark = 0;
  for (std::string line; std::getline(file, line); mark += std::streamoff(line.size()) + 1) {
    const auto left_out = LeftOutBytes(line);
    if (!left_out) continue;
    left_out_ = *left_out;
    mark_bytes_ = std::streamoff(line.size()) + 1;
    position_ = std::max(shown - left_out_ + mark_bytes_, mark);
    return;
  }
}

Status LogTail::Finish(std::ostream& out) {
  BEEFLOW_RETURN_IF_ERROR(CopyTo(out));
  if (partial_.empty()) return Ok();
  out << prefix_ << partial_ << '\n' << std::flush;
  partial_.clear();
  return Ok();
}

}  // namespace beeflow
