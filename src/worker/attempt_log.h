// The log file of one attempt: the lines that the task writes, each with a leading time stamp, and
// the worker's own lines. Every call writes to the file at once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "worker/bounded_file.h"
#include "worker/secret_mask.h"

namespace beeflow {

enum class StampLines {
  kAll,
  kUnstamped,  // lines that start with a time stamp, as Python's logging writes them, stay so
};

class AttemptLog {
 public:
  // Longer lines are cut into pieces of about this size. Bytes that are no text are replaced.
  static constexpr size_t kLineBytesMax = 64 * 1024;

  // Creates the folders on the way; appends where the file exists. Of more than `bytes_max` bytes
  // the middle is left out (0: no limit).
  static Result<AttemptLog> Open(const std::string& path, StampLines stamp, int64_t bytes_max = 0);

  // Called after each write to the file.
  void OnWritten(std::function<void()> written) { written_ = std::move(written); }

  // Hides these secrets, too, in all lines from now on; last_line() keeps them.
  void Hide(const SecretMask& secrets) { secrets_.Add(secrets); }

  // A line of the worker's own.
  void Info(Time now, std::string_view text) { Own(now, "INFO", text); }
  void Error(Time now, std::string_view text) { Own(now, "ERROR", text); }

  // Output of the task, in pieces of any size; the start of a line is kept until its end comes.
  void Output(Time now, std::string_view bytes);
  // No more output comes: writes the line that has no end.
  void FlushOutput(Time now);

  // The last line of the output, without white space at its end; "" where there was none. Of a line
  // longer than kLineBytesMax it is the last piece.
  const std::string& last_line() const { return last_line_; }

  // From now on, keeps the lines of the output, up to so many bytes.
  void KeepLines(size_t bytes_max);
  // What was kept since; absent where it was more.
  const std::optional<std::vector<std::string>>& lines() const { return lines_; }

 private:
  AttemptLog(BoundedFile file, StampLines stamp) : file_(std::move(file)), stamp_(stamp) {}
  void Own(Time now, std::string_view level, std::string_view text);
  void AppendLine(std::string_view stamp, std::string_view line, std::string* out) const;
  void EmitPartial(std::string_view stamp, size_t bytes, std::string* out);
  void KeepLine();
  void Append(std::string_view text, std::string_view stamp);

  BoundedFile file_;
  std::function<void()> written_;
  StampLines stamp_;
  SecretMask secrets_;
  std::string partial_;
  std::string last_line_;
  std::optional<std::vector<std::string>> lines_;
  size_t line_bytes_left_ = 0;
};

// "[2026-01-01T00:00:00.000+0000] "
std::string LogStamp(Time now);

}  // namespace beeflow
