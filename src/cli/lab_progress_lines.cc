#include "cli/lab_progress_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace beeflow {
namespace {

std::string WholeSeconds(Duration span) {
  const auto seconds = static_cast<int64_t>(std::max(0.0, std::round(ToSeconds(span))));
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

}  // namespace

std::string DescribeTrial(const TrialReport& report) {
  switch (report.end) {
    case TrialEnd::kSkipped:
      return "skipped, its results are there";
    case TrialEnd::kInterrupted:
      return "interrupted";
    case TrialEnd::kFailed:
      return "failed: " + report.error.error().message;
    case TrialEnd::kFinished:
      break;
  }
  std::string text = fmt::format("{} {}", report.runs, report.runs == 1 ? "run" : "runs");
  if (report.runs < report.runs_expected) text += fmt::format(" of {}", report.runs_expected);
  if (report.runs_failed > 0) text += fmt::format(" ({} failed)", report.runs_failed);
  return text + " in " + WholeSeconds(report.took);
}

void LabProgressLines::Update(const LabStatus& status) {
  const std::string step =
      fmt::format("[{}/{}] {}: {}", status.number, status.count, status.system, status.doing);
  const std::string line = step + ", " + WholeSeconds(status.remaining) + " left";
  const std::string& news = is_terminal_ ? line : step;
  if (news == told_) return;
  told_ = news;
  Erase();
  err_ << line;
  if (!is_terminal_) err_ << '\n';
  err_ << std::flush;
  drawn_ = is_terminal_;
}

void LabProgressLines::Ended(const TrialReport& report) {
  Erase();
  err_ << report.system << ": " << DescribeTrial(report) << '\n' << std::flush;
}

void LabProgressLines::Erase() {
  if (drawn_) err_ << "\r\033[K";
  drawn_ = false;
}

}  // namespace beeflow
