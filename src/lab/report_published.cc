#include "lab/report_published.h"

#include <fmt/format.h>

#include <array>

namespace beeflow {
namespace {

constexpr std::array<const char*, 2> kSystems = {"serverless", "mwaa"};

// One list of the file, and the runs that it is about.
struct PublishedList {
  const char* key;
  const char* size_key;
  Shape shape;
  const char* start;
};
constexpr std::array<PublishedList, 4> kLists = {{
    {"chain_warm", "n", Shape::kChain, "warm"},
    {"parallel_warm", "n", Shape::kParallel, "warm"},
    {"parallel_cold", "n", Shape::kParallel, "cold"},
    {"forest_n8", "k", Shape::kForest, "warm"},
}};

bool InContainers(const ReportCase& experiment) {
  return experiment.variant.find("container") != std::string::npos;
}

std::optional<double> NumberAt(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return {};
  return found->get<double>();
}

// Adds the figures of one entry, {"serverless": {"makespan": ...}, "mwaa": {...}, "from": ...}.
void AddEntry(const Json& entry, PublishedFigure figure, LabReport* report) {
  figure.from = entry.value("from", "");
  for (const char* system : kSystems) {
    const auto found = entry.find(system);
    if (found == entry.end() || !found->is_object()) continue;
    figure.system = system;
    figure.makespan = NumberAt(*found, "makespan");
    figure.task_duration = NumberAt(*found, "task_duration");
    figure.task_wait = NumberAt(*found, "task_wait");
    report->published.push_back(figure);
  }
}

std::string SizeLabel(Shape shape, size_t size) {
  const char* unit = shape == Shape::kForest ? "DAG" : "task";
  return fmt::format("{} {}{}", size, unit, size == 1 ? "" : "s");
}

void AddList(const Json& published, const PublishedList& list, size_t group, LabReport* report) {
  const auto entries = published.find(list.key);
  if (entries == published.end() || !entries->is_array()) return;
  for (const Json& entry : *entries) {
    PublishedFigure figure;
    figure.group = group;
    figure.size = static_cast<size_t>(NumberAt(entry, list.size_key).value_or(0));
    figure.label = SizeLabel(list.shape, figure.size);
    AddEntry(entry, figure, report);
  }
}

// 32 tasks in containers: serverless, and mwaa with its workers cold.
void AddContainers(const Json& published, size_t group, LabReport* report) {
  const auto found = published.find("container_parallel_32");
  if (found == published.end() || !found->is_object()) return;
  Json entry = *found;
  if (entry.contains("mwaa_cold")) entry["mwaa"] = entry["mwaa_cold"];
  PublishedFigure figure;
  figure.group = group;
  figure.size = 32;
  figure.label = SizeLabel(Shape::kParallel, 32);
  AddEntry(entry, figure, report);
}

// Single DAGs are found by the name of their job.
void AddJobs(const Json& published, size_t group, LabReport* report) {
  const auto jobs = published.find("alibaba");
  if (jobs == published.end() || !jobs->is_array()) return;
  std::vector<PublishedFigure> found;
  for (const Json& entry : *jobs) {
    const std::string job = entry.value("job", "");
    for (const ReportSeries& series : report->series) {
      if (series.group != group || job.empty() || series.label.find(job) == std::string::npos) {
        continue;
      }
      PublishedFigure figure;
      figure.group = group;
      figure.size = series.size;
      figure.label = series.label;
      AddEntry(entry, figure, report);
      break;
    }
  }
}

void AddToGroup(const Json& published, size_t group, double task_seconds, LabReport* report) {
  const ReportCase like = report->groups[group].like;
  if (like.shape == Shape::kOther) return AddJobs(published, group, report);
  if (like.task_seconds && *like.task_seconds != task_seconds) return;
  if (InContainers(like)) {
    if (like.shape == Shape::kParallel) AddContainers(published, group, report);
    return;
  }
  for (const PublishedList& list : kLists) {
    if (list.shape == like.shape && list.start == like.start) {
      AddList(published, list, group, report);
    }
  }
}

}  // namespace

Status AddPublished(const Json& published, LabReport* report) {
  if (published.is_null()) return Ok();
  const std::optional<double> seconds =
      published.is_object() ? NumberAt(published, "task_seconds") : std::nullopt;
  if (!seconds || !published.contains("source") || !published["source"].is_string()) {
    return Invalid("the published figures need a text 'source' and a number 'task_seconds'");
  }
  report->published_source = published["source"].get<std::string>();
  for (size_t group = 0; group < report->groups.size(); ++group) {
    AddToGroup(published, group, *seconds, report);
  }
  return Ok();
}

}  // namespace beeflow
