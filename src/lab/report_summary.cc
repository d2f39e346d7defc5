#include <algorithm>
#include <set>

#include "lab/report.h"

namespace beeflow {
namespace {

class Excluded {
 public:
  explicit Excluded(const Exclusions& exclusions)
      : runs_(exclusions.runs.begin(), exclusions.runs.end()),
        tasks_(exclusions.tasks.begin(), exclusions.tasks.end()) {}
  bool Run(const ReportRun& run) const { return runs_.contains(run.run.key.run_id); }
  bool Task(const std::string& id) const { return tasks_.contains(id); }

 private:
  std::set<std::string> runs_;
  std::set<std::string> tasks_;
};

void AddTo(std::vector<double>* samples, const std::optional<double>& value) {
  if (value) samples->push_back(*value);
}

SummaryRow SummarizeSeries(const ReportSeries& series, const Excluded& excluded) {
  SummaryRow row;
  row.series = &series;
  std::vector<double> makespans, overheads, normalized, durations, waits;
  for (const ReportRun& run : series.runs) {
    if (excluded.Run(run)) continue;
    row.failed += run.run.state == RunState::kFailed ? 1 : 0;
    row.unfinished += IsFinished(run.run.state) ? 0 : 1;
    if (run.run.state != RunState::kSuccess) continue;
    ++row.runs;
    row.cold += run.cold;
    row.attempts += run.attempts;
    AddTo(&makespans, run.makespan);
    AddTo(&overheads, run.overhead);
    AddTo(&normalized, run.normalized_overhead);
    for (const ReportTask& task : run.tasks) {
      if (task.state != TaskState::kSuccess) continue;
      if (excluded.Task(series.dags[run.dag].tasks[task.task])) continue;
      AddTo(&durations, task.duration);
      AddTo(&waits, task.wait);
    }
  }
  row.makespan = Distribute(std::move(makespans));
  row.overhead = Distribute(std::move(overheads));
  row.normalized_overhead = Distribute(std::move(normalized));
  row.duration = Distribute(std::move(durations));
  row.wait = Distribute(std::move(waits));
  return row;
}

}  // namespace

std::vector<SummaryRow> Summarize(const LabReport& report, const Exclusions& exclusions) {
  const Excluded excluded(exclusions);
  std::vector<SummaryRow> rows;
  rows.reserve(report.series.size());
  for (const ReportSeries& series : report.series) {
    rows.push_back(SummarizeSeries(series, excluded));
  }
  return rows;
}

}  // namespace beeflow
