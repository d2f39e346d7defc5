// lab run: experiments on one or more systems
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "cli/lab_progress_lines.h"
#include "config/nearest_name.h"
#include "lab/experiment.h"

namespace beeflow {
namespace {

struct LabRunOptions {
  std::string file;
  bool quick = false;
  std::vector<std::string> experiments;
  std::vector<std::string> controllers;
  LabRequest request;
};

std::vector<std::string> ShippedNames(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A path, or the name of an experiment that comes with the program.
Result<std::string> FindExperiment(Session& session, const std::string& name) {
  std::error_code failed;
  if (std::filesystem::is_regular_file(name, failed)) return name;
  const auto folder = session.environment().find_resource("examples/experiments");
  if (!folder.ok()) return NotFound(name + ": there is no such file");
  const std::string shipped = *folder + "/" + name + ".json";
  if (std::filesystem::exists(shipped, failed)) return shipped;
  return NotFound(
      fmt::format("{}: there is no such file, and no experiment of that name; there are "
                  "{}",
                  name, fmt::join(ShippedNames(*folder), ", ")));
}

// Keeps the items whose ids were given; all where none was.
template <typename Item>
Status Choose(const std::string& option, const std::vector<std::string>& ids,
              std::vector<Item>* items) {
  std::vector<std::string> known;
  for (const Item& item : *items) known.push_back(item.id);
  for (const std::string& id : ids) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    return NotFound(
        fmt::format("{}: the file has no '{}'; it has {}", option, id, fmt::join(known, ", ")));
  }
  if (ids.empty()) return Ok();
  std::erase_if(*items, [&](const Item& item) {
    return std::find(ids.begin(), ids.end(), item.id) == ids.end();
  });
  return Ok();
}

Status CheckPlaces(const ExperimentFile& file, const LabRequest& request) {
  for (const Controller& controller : file.controllers) {
    if (!request.out.url.empty() || !controller.export_to.empty()) continue;
    return Invalid("where are the results of '" + controller.id +
                   "' to go? Give --out DIR, or core.export_to in the file");
  }
  return Ok();
}

void PrintSummary(Session& session, const std::vector<TrialReport>& reports) {
  Table table;
  table.columns = {"system", "outcome", "results"};
  for (const TrialReport& report : reports) {
    const bool there = report.end == TrialEnd::kFinished || report.end == TrialEnd::kSkipped;
    table.rows.push_back(
        {report.system, DescribeTrial(report), there ? Cell(report.address) : Cell("")});
  }
  session.Print(table, OutputFormat::kTable);
}

Status Verdict(const std::vector<TrialReport>& reports, size_t count) {
  const auto with = [&](TrialEnd end) {
    return std::count_if(reports.begin(), reports.end(),
                         [end](const TrialReport& report) { return report.end == end; });
  };
  const auto done = with(TrialEnd::kFinished) + with(TrialEnd::kSkipped);
  if (with(TrialEnd::kInterrupted) > 0 || reports.size() < count) {
    return Unavailable(
        fmt::format("interrupted; {} of {} are done, the same command goes on with "
                    "the rest",
                    done, count));
  }
  if (with(TrialEnd::kFailed) == 0) return Ok();
  return Conflict(fmt::format("{} of {} failed; the same command tries them again",
                              with(TrialEnd::kFailed), count));
}

Status Run(Session& session, LabRunOptions options) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::string path, FindExperiment(session, options.file));
  BEEFLOW_ASSIGN_OR_RETURN(ExperimentFile file, ReadExperiments(path, options.quick));
  BEEFLOW_RETURN_IF_ERROR(Choose("--controller", options.controllers, &file.controllers));
  BEEFLOW_RETURN_IF_ERROR(Choose("--experiment", options.experiments, &file.experiments));
  BEEFLOW_RETURN_IF_ERROR(CheckPlaces(file, options.request));
  LabProgressLines progress(&session.err(), session.environment().err_is_terminal);
  options.request.progress = &progress;
  options.request.variables = session.environment().variables;
  options.request.open_blob_store = session.environment().open_blob_store;
  BEEFLOW_ASSIGN_OR_RETURN(const auto reports,
                           session.environment().run_lab(file, options.request));
  PrintSummary(session, reports);
  return Verdict(reports, file.controllers.size() * file.experiments.size());
}

}  // namespace

void AddLabRun(CLI::App* lab, Commands* commands) {
  CLI::App* verb = lab->add_subcommand("run", "Run experiments, and leave what they recorded");
  auto options = std::make_shared<LabRunOptions>();
  verb->add_option("file", options->file,
                   "A file, or the name of an experiment that comes along, such as warm-parallel")
      ->required();
  verb->add_option("--out", options->request.out.url,
                   "Where results go, a folder or s3://bucket/prefix; default: what the file says");
  verb->add_option("--endpoint-url", options->request.out.endpoint_url,
                   "Server to use instead of AWS, such as http://host:9000");
  verb->add_option("--region", options->request.out.region, "Region of the bucket");
  verb->add_flag("--quick", options->quick, "The quick variant of each experiment");
  verb->add_option("--experiment", options->experiments, "Only these, by id; may be repeated");
  verb->add_option("--controller", options->controllers, "Only these systems, by id");
  verb->add_flag("--again", options->request.again,
                 "Also what has finished; its results are replaced");
  commands->On(verb, [options](Session& session) { return Run(session, *options); });
}

}  // namespace beeflow
