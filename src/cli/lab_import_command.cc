// lab import-alibaba: DAG files from the public cluster trace
#include <filesystem>
#include <fstream>

#include "cli/commands.h"
#include "lab/alibaba_trace.h"

namespace beeflow {
namespace {

struct ImportOptions {
  std::string file;
  std::string folder;
  TraceOptions trace;
};

void Tell(Session& session, const TraceCounts& counts, size_t written, size_t wanted) {
  session.err() << "read " << counts.rows << " rows, of which " << counts.wrong_rows
                << " are wrong; sampled " << counts.kept_jobs << " jobs: " << counts.eligible_jobs
                << " eligible, " << counts.unfinished_jobs << " with unfinished tasks, "
                << counts.cyclic_jobs << " with cycles; left out " << counts.dangling_edges
                << " dependencies on missing tasks\n";
  if (!counts.first_wrong_row.empty()) {
    session.err() << "the first wrong row: " << counts.first_wrong_row << '\n';
  }
  if (written < wanted) {
    session.err() << "only " << written << " of " << wanted << " jobs were found\n";
  }
}

Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return Ok();
  return Unavailable("lab import-alibaba: " + path +
                     " cannot be written; check --to and free space");
}

Status Import(Session& session, const ImportOptions& options) {
  std::ifstream file;
  if (options.file != "-") file.open(options.file, std::ios::binary);
  if (!file) return NotFound(options.file + ": cannot be opened; give batch_task.csv of the trace");
  std::istream& in = options.file == "-" ? *session.environment().in : file;
  TraceCounts counts;
  const std::string name = options.file == "-" ? "standard input" : options.file;
  BEEFLOW_ASSIGN_OR_RETURN(const auto jobs, SampleTrace(&in, name, options.trace, &counts));
  Tell(session, counts, jobs.size(), options.trace.jobs);
  if (jobs.empty()) {
    return NotFound(name + ": has no job of at least " + std::to_string(options.trace.tasks_min) +
                    " tasks, one of which depends on two others; is it batch_task.csv?");
  }
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  for (const TraceJob& job : jobs) {
    const std::string path = options.folder + "/alibaba_" + job.name + ".py";
    BEEFLOW_RETURN_IF_ERROR(WriteFile(path, DagFileOf(job)));
    session.out() << path << '\n';
  }
  return Ok();
}

}  // namespace

void AddLabImport(CLI::App* lab, Commands* commands) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* verb = lab->add_subcommand(
      "import-alibaba", "Write DAG files from jobs of the Alibaba cluster trace of 2018");
  verb->add_option("batch_task.csv", options->file, "The trace's table batch_task, or - for stdin")
      ->required();
  verb->add_option("--jobs", options->trace.jobs, "How many jobs to sample")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  verb->add_option("--seed", options->trace.seed, "Chooses the sample; the same gives the same")
      ->capture_default_str();
  verb->add_option("--to", options->folder, "Folder to write to")->required();
  commands->On(verb, [options](Session& session) { return Import(session, *options); });
}

}  // namespace beeflow
