// What the report of experiments tells, computed from exported runs: the JSON document that the
// page draws (docs/lab-report.md), and the rows of the summary on the terminal. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "lab/report_case.h"
#include "lab/result_set.h"
#include "lab/run_metrics.h"

namespace beeflow {

// Runs that are compared with each other: of one kind of DAG, of all sizes, on all systems.
struct ReportGroup {
  ReportCase like;  // the first one; system and size differ
  std::string title;
};

struct ReportDag {
  std::string id;
  std::optional<DagShape> shape;  // absent where the export does not tell the tasks of its DAGs
  std::vector<std::string> tasks;
};

struct ReportTask {
  size_t task = 0;  // in ReportDag::tasks
  int map_index = -1;
  TaskState state = TaskState::kNone;
  std::optional<double> start;  // seconds from the start of the run
  std::optional<double> duration;
  std::optional<double> wait;
  bool cold = false;
};

struct ReportRun {
  size_t dag = 0;  // in ReportSeries::dags
  RunRecord run;
  std::optional<double> makespan;
  std::optional<double> critical_path;
  std::optional<double> overhead;
  std::optional<double> normalized_overhead;
  size_t cold = 0;      // attempts that started cold
  size_t attempts = 0;  // of which the system told how they started
  std::vector<ReportTask> tasks;
};

// The runs of one system in one group, of one size.
struct ReportSeries {
  size_t group = 0;
  std::string system;
  std::string folder;
  std::string label;  // the size in words, or the DAG's id where sizes do not order the DAGs
  size_t size = 0;
  std::optional<double> task_seconds;
  std::optional<double> ideal;  // seconds of a run without any overhead
  std::vector<ReportDag> dags;
  std::vector<ReportRun> runs;
};

// A figure that others have published: for reference, never measured here.
struct PublishedFigure {
  size_t group = 0;
  std::string system;
  std::string label;
  size_t size = 0;
  std::optional<double> makespan, task_duration, task_wait;
  std::string from;
};

struct LabReport {
  std::vector<ReportGroup> groups;
  std::vector<ReportSeries> series;
  std::vector<PublishedFigure> published;
  std::string published_source;
  std::vector<std::string> notes;  // what the reader has to know of the data
};

struct Exclusions {
  std::vector<std::string> runs;   // run ids
  std::vector<std::string> tasks;  // task ids
};

// `published` is data/published_figures.json; null for none. kInvalid where there is no run at all.
Result<LabReport> MakeReport(const std::vector<ResultSet>& results, const Json& published);

// An excluded id that no result has is a mistake of the user's: kNotFound, with the nearest one.
Status CheckExclusions(const LabReport& report, const Exclusions& exclusions);

struct SummaryRow {
  const ReportSeries* series = nullptr;
  size_t runs = 0;    // that count: successful, not excluded
  size_t failed = 0;  // not excluded
  size_t unfinished = 0;
  Distribution makespan, overhead, normalized_overhead, duration, wait;
  size_t cold = 0;
  size_t attempts = 0;
};

// One row for each series. Only successful runs count, and of these only successful tasks.
std::vector<SummaryRow> Summarize(const LabReport& report, const Exclusions& exclusions);

// The page starts with these exclusions; the document holds everything.
Json ReportJson(const LabReport& report, const Exclusions& exclusions);

}  // namespace beeflow
