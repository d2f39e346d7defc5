#include "lab/cost_usage.h"

#include <algorithm>
#include <cstdlib>

namespace beeflow {
namespace {

constexpr double kSecondsPerDay = 86400;
constexpr double kBytesPerMb = 1024.0 * 1024.0;

bool IsEmptyOperator(const std::string& name) {
  return name == "EmptyOperator" || name == "DummyOperator";
}

size_t ColumnOf(const ExportSource::Row& header, const std::string& name) {
  return static_cast<size_t>(std::find(header.begin(), header.end(), name) - header.begin());
}

std::optional<Time> TimeOf(const std::optional<std::string>& cell) {
  if (!cell) return std::nullopt;
  const auto time = ParseTime(*cell);
  return time.ok() ? std::optional<Time>(*time) : std::nullopt;
}

}  // namespace

void AddExecution(const std::optional<Time>& start, const std::optional<Time>& end,
                  const std::optional<int64_t>& memory_bytes, CostUsage* usage) {
  if (!start || !end || *end < *start) return;
  TaskSpan span{ToSeconds(start->time_since_epoch()), ToSeconds(*end - *start), std::nullopt};
  if (memory_bytes) span.memory_mb = static_cast<double>(*memory_bytes) / kBytesPerMb;
  usage->tasks.push_back(span);
}

void AddRun(const ExportedRun& run, CostUsage* usage) {
  for (const AttemptInfo& attempt : run.attempts) {
    AddExecution(attempt.start_date, attempt.end_date, attempt.usage.memory_bytes, usage);
  }
  if (!run.attempts.empty()) return;
  for (const TaskInfo& task : run.tasks) {
    if (IsEmptyOperator(task.operator_name)) continue;
    AddExecution(task.record.start_date, task.record.end_date, std::nullopt, usage);
  }
}

CostUsage UsageOf(const ResultSet& results) {
  CostUsage usage;
  for (const ExportedRun& run : results.runs) AddRun(run, &usage);
  if (usage.tasks.empty()) return usage;
  double first = usage.tasks.front().start;
  double last = first;
  for (const TaskSpan& task : usage.tasks) {
    first = std::min(first, task.start);
    last = std::max(last, task.start + task.seconds);
  }
  usage.days = std::max(1.0, (last - first) / kSecondsPerDay);
  return usage;
}

Result<CostUsage> ReadHistory(ExportSource* source, Time from, double days) {
  CostUsage usage;
  usage.days = days;
  ExportSource::Row header;
  size_t start = 0;
  size_t end = 0;
  size_t memory = 0;
  BEEFLOW_RETURN_IF_ERROR(source->Export("attempt", [&](const ExportSource::Row& row) -> Status {
    if (header.empty()) {
      header = row;
      start = ColumnOf(header, "start_date");
      end = ColumnOf(header, "end_date");
      memory = ColumnOf(header, "memory_bytes");
      BEEFLOW_CHECK(std::max({start, end, memory}) < header.size());
      return Ok();
    }
    const auto started = TimeOf(row[start]);
    if (!started || *started < from) return Ok();
    std::optional<int64_t> bytes;
    if (row[memory]) bytes = std::strtoll(row[memory]->c_str(), nullptr, 10);
    AddExecution(started, TimeOf(row[end]), bytes, &usage);
    return Ok();
  }));
  return usage;
}

}  // namespace beeflow
