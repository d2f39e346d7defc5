#include <cmath>

#include "lab/report.h"

namespace beeflow {
namespace {

// Tenths of a millisecond are enough, and keep the document short.
Json Rounded(const std::optional<double>& seconds) {
  if (!seconds) return nullptr;
  return std::round(*seconds * 1e4) / 1e4;
}

Json TimeJson(const std::optional<Time>& time) {
  if (!time) return nullptr;
  return FormatIso(*time);
}

// One list for each field: the document holds a hundred thousand of these.
Json TasksJson(const std::vector<ReportTask>& tasks) {
  Json json = {{"task", Json::array()},  {"map_index", Json::array()}, {"state", Json::array()},
               {"start", Json::array()}, {"duration", Json::array()},  {"wait", Json::array()},
               {"cold", Json::array()}};
  for (const ReportTask& task : tasks) {
    json["task"].push_back(task.task);
    json["map_index"].push_back(task.map_index);
    json["state"].push_back(std::string(ToString(task.state)));
    json["start"].push_back(Rounded(task.start));
    json["duration"].push_back(Rounded(task.duration));
    json["wait"].push_back(Rounded(task.wait));
    json["cold"].push_back(task.cold ? 1 : 0);
  }
  return json;
}

Json RunJson(const ReportRun& run) {
  return {{"dag", run.dag},
          {"run_id", run.run.key.run_id},
          {"state", std::string(ToString(run.run.state))},
          {"logical_date", FormatIso(run.run.logical_date)},
          {"start_date", TimeJson(run.run.start_date)},
          {"end_date", TimeJson(run.run.end_date)},
          {"makespan", Rounded(run.makespan)},
          {"critical_path", Rounded(run.critical_path)},
          {"overhead", Rounded(run.overhead)},
          {"normalized_overhead", Rounded(run.normalized_overhead)},
          {"cold", run.cold},
          {"attempts", run.attempts},
          {"tasks", TasksJson(run.tasks)}};
}

Json DagJson(const ReportDag& dag) {
  Json json = {{"dag_id", dag.id}, {"tasks", dag.tasks}};
  if (dag.shape) {
    json["shape"] = {{"tasks", dag.shape->tasks},
                     {"longest_path", dag.shape->longest_path},
                     {"parallelism", dag.shape->parallelism}};
  }
  return json;
}

Json SeriesJson(const ReportSeries& series) {
  Json json = {{"group", series.group},
               {"system", series.system},
               {"folder", series.folder},
               {"label", series.label},
               {"size", series.size},
               {"task_seconds", Rounded(series.task_seconds)},
               {"ideal", Rounded(series.ideal)},
               {"dags", Json::array()},
               {"runs", Json::array()}};
  for (const ReportDag& dag : series.dags) json["dags"].push_back(DagJson(dag));
  for (const ReportRun& run : series.runs) json["runs"].push_back(RunJson(run));
  return json;
}

Json PublishedJson(const PublishedFigure& figure) {
  return {{"group", figure.group},
          {"system", figure.system},
          {"label", figure.label},
          {"size", figure.size},
          {"makespan", Rounded(figure.makespan)},
          {"task_duration", Rounded(figure.task_duration)},
          {"task_wait", Rounded(figure.task_wait)},
          {"from", figure.from}};
}

}  // namespace

Json ReportJson(const LabReport& report, const Exclusions& exclusions) {
  Json json = {{"groups", Json::array()},
               {"series", Json::array()},
               {"published", Json::array()},
               {"published_source", report.published_source},
               {"notes", report.notes},
               {"excluded", {{"runs", exclusions.runs}, {"tasks", exclusions.tasks}}}};
  for (const ReportGroup& group : report.groups) {
    json["groups"].push_back({{"title", group.title},
                              {"shape", std::string(ToString(group.like.shape))},
                              {"start", group.like.start},
                              {"variant", group.like.variant},
                              {"task_seconds", Rounded(group.like.task_seconds)}});
  }
  for (const ReportSeries& series : report.series) json["series"].push_back(SeriesJson(series));
  for (const PublishedFigure& figure : report.published) {
    json["published"].push_back(PublishedJson(figure));
  }
  return json;
}

}  // namespace beeflow
