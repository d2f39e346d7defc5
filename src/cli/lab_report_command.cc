// lab report: results as a page, as images and as a table on the terminal
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "cli/commands.h"
#include "lab/lab_data.h"
#include "lab/report.h"
#include "lab/report_page.h"

namespace beeflow {
namespace {

struct ReportOptions {
  std::vector<std::string> results;
  std::string page = "report.html";
  std::string images;
  Exclusions exclusions;
};

Result<std::vector<ResultSet>> ReadAllResults(const std::vector<std::string>& folders) {
  std::vector<ResultSet> all;
  for (const std::string& folder : folders) {
    BEEFLOW_ASSIGN_OR_RETURN(std::vector<ResultSet> results, ReadResults(folder));
    for (ResultSet& set : results) all.push_back(std::move(set));
  }
  return all;
}

// Appears under its name only when it is complete.
Status WriteFile(const std::string& path, const std::string& content) {
  const std::string temporary = path + ".part";
  std::error_code failed;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  failed.clear();
  if (file) std::filesystem::rename(temporary, path, failed);
  if (file && !failed) return Ok();
  std::filesystem::remove(temporary, failed);
  return Unavailable(path + " cannot be written; check the folder and free space");
}

Cell SecondsCell(size_t count, double seconds) {
  if (count == 0) return "-";
  return fmt::format("{:.{}f}", seconds, seconds < 1 && seconds > -1 ? 3 : 2);
}

std::string RunsText(const SummaryRow& row) {
  std::string text = std::to_string(row.runs);
  if (row.failed > 0) text += fmt::format(" (+{} failed)", row.failed);
  if (row.unfinished > 0) text += fmt::format(" (+{} unfinished)", row.unfinished);
  return text;
}

Table SummaryTable(const LabReport& report, const Exclusions& exclusions) {
  Table table{{"experiment", "size", "system", "runs", "makespan", "ideal", "overhead",
               "task duration", "p95", "task wait", "p95", "cold starts"},
              {}};
  for (const SummaryRow& row : Summarize(report, exclusions)) {
    const ReportSeries& series = *row.series;
    table.rows.push_back({report.groups[series.group].title, series.label, series.system,
                          RunsText(row), SecondsCell(row.makespan.count, row.makespan.median),
                          SecondsCell(series.ideal ? 1 : 0, series.ideal.value_or(0)),
                          SecondsCell(row.overhead.count, row.overhead.median),
                          SecondsCell(row.duration.count, row.duration.median),
                          SecondsCell(row.duration.count, row.duration.p95),
                          SecondsCell(row.wait.count, row.wait.median),
                          SecondsCell(row.wait.count, row.wait.p95),
                          row.attempts == 0 ? "-" : fmt::format("{}/{}", row.cold, row.attempts)});
  }
  return table;
}

Status WriteImages(Session& session, const ReportOptions& options) {
  std::error_code failed;
  const std::string page = std::filesystem::absolute(options.page, failed).string();
  std::string url = "file://";
  for (const char c : page) {
    // The signs that mean something in a URL; a browser takes all others as they are.
    url += c == '%' || c == '#' || c == '?' || c == ' ' ? fmt::format("%{:02X}", int{c})
                                                        : std::string(1, c);
  }
  BEEFLOW_ASSIGN_OR_RETURN(const std::string dom,
                           session.environment().print_page(url + "#export"));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<ReportImage> images, ReadImages(dom));
  for (const ReportImage& image : images) {
    BEEFLOW_RETURN_IF_ERROR(WriteFile(options.images + "/" + image.file, image.bytes));
  }
  session.out() << fmt::format("Images: {} files in {}\n", images.size(), options.images);
  return Ok();
}

Status WriteReport(Session& session, const ReportOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<ResultSet> results, ReadAllResults(options.results));
  BEEFLOW_ASSIGN_OR_RETURN(const Json published, ParseJson(kPublishedFiguresJson));
  BEEFLOW_ASSIGN_OR_RETURN(const LabReport report, MakeReport(results, published));
  BEEFLOW_RETURN_IF_ERROR(CheckExclusions(report, options.exclusions));
  session.out() << "Medians over successful runs, in seconds:\n";
  session.Print(SummaryTable(report, options.exclusions), OutputFormat::kTable);
  for (const std::string& note : report.notes) session.out() << "Note: " << note << '\n';

  Json document = ReportJson(report, options.exclusions);
  document["created"] = FormatIso(session.Now());
  document["version"] = session.environment().version;
  BEEFLOW_ASSIGN_OR_RETURN(const std::string web, session.environment().find_resource("web"));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string page, RenderReportPage(web, document));
  BEEFLOW_RETURN_IF_ERROR(WriteFile(options.page, page));
  session.out() << "Report: " << options.page << '\n';
  return options.images.empty() ? Ok() : WriteImages(session, options);
}

}  // namespace

void AddLabReport(CLI::App* lab, Commands* commands) {
  CLI::App* verb = lab->add_subcommand("report", "Draw and compare exported results on one page");
  auto options = std::make_shared<ReportOptions>();
  verb->add_option("results", options->results,
                   "Folders of exports, such as `beeflow export --to` and `lab run --out` write")
      ->required();
  verb->add_option("-o,--output", options->page, "The page to write")->capture_default_str();
  verb->add_option("--images", options->images,
                   "Also write every chart to DIR as SVG and PNG, by an installed Chromium")
      ->type_name("DIR");
  verb->add_option("--exclude-run", options->exclusions.runs,
                   "Leave this run out of all charts and medians; may be repeated")
      ->type_name("RUN_ID")
      ->allow_extra_args(false);
  verb->add_option("--exclude-task", options->exclusions.tasks,
                   "Leave this task out of the charts and medians of tasks; may be repeated")
      ->type_name("TASK_ID")
      ->allow_extra_args(false);
  commands->On(verb, [options](Session& session) { return WriteReport(session, *options); });
}

}  // namespace beeflow
