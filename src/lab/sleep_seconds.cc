#include "lab/sleep_seconds.h"

#include <cctype>
#include <charconv>
#include <string_view>

#include "lab/run_metrics.h"

namespace beeflow {
namespace {

constexpr std::string_view kSleep = "sleep";

bool IsOfWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The number at the beginning of `text`, after at least one space.
std::optional<double> NumberAfterSpace(std::string_view text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == 0 || begin == std::string_view::npos) return std::nullopt;
  if (std::isdigit(static_cast<unsigned char>(text[begin])) == 0) return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(text.data() + begin, text.data() + text.size(), value);
  return read.ec == std::errc() ? std::optional<double>(value) : std::nullopt;
}

}  // namespace

std::optional<double> SleepSeconds(const Task& task) {
  const std::string_view plan = task.run;
  std::optional<double> sum;
  for (size_t at = plan.find(kSleep); at != std::string_view::npos;
       at = plan.find(kSleep, at + kSleep.size())) {
    if (at > 0 && IsOfWord(plan[at - 1])) continue;
    const auto seconds = NumberAfterSpace(plan.substr(at + kSleep.size()));
    if (seconds) sum = sum.value_or(0) + *seconds;
  }
  return sum;
}

double IdealSeconds(std::vector<TaskInfo> tasks, const Dag& dag) {
  for (TaskInfo& task : tasks) {
    const auto index = dag.Find(task.record.task_id);
    if (!index) continue;
    task.record.start_date = Time{};
    task.record.end_date = Time{} + Seconds(SleepSeconds(dag.tasks[*index]).value_or(0));
  }
  return MeasureRun(RunRecord(), tasks, dag).ideal;
}

}  // namespace beeflow
