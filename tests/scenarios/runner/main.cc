// scenario_runner [OPTIONS] FILE|FOLDER...: plays scenarios on the real scheduler, router and
// control loop, in memory and on SQLite unless --store says otherwise, as they are written and with
// a restart before each step.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "player.h"
#include "script.h"
#include "world.h"

namespace beeflow::scenario {
namespace {

constexpr const char* kUsage =
    "Usage: scenario_runner [--store memory|sqlite|postgres] [--restarts with|without|all]\n"
    "                       [--only TEXT] [--results FILE] FILE|FOLDER...\n";

struct Options {
  std::vector<std::string> stores = {"memory", "sqlite"};
  std::vector<bool> restarts = {false, true};
  std::string only;     // part of the name of a scenario
  std::string results;  // JUnit XML
  std::vector<std::string> paths;
};

struct Outcome {
  std::string name;
  std::string failure;  // "" where it passed
};

bool ReadOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.rfind("--", 0) != 0) {
      options->paths.push_back(word);
      continue;
    }
    if (++i == argc) return false;
    const std::string value = argv[i];
    if (word == "--store") {
      options->stores = {value};
    } else if (word == "--restarts") {
      if (value != "all") options->restarts = {value == "with"};
    } else if (word == "--only") {
      options->only = value;
    } else if (word == "--results") {
      options->results = value;
    } else {
      return false;
    }
  }
  return !options->paths.empty();
}

std::vector<std::string> FilesIn(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.path().extension() == ".scenario") files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Status PlayOnce(const Scenario& scenario, const std::string& store, bool restarts) {
  std::unique_ptr<Database> database;
  if (store == "sqlite") {
    BEEFLOW_ASSIGN_OR_RETURN(database, NewSqliteDatabase());
  } else if (store == "postgres") {
    database = NewPostgresDatabase();
  } else {
    database = NewMemoryDatabase();
  }
  ControlOptions options;
  options.dags_are_paused_at_creation = false;
  World world(std::move(database), options);
  world.SetClock(*ParseTime("2021-01-01"));
  return Player(&world, restarts).Play(scenario);
}

void PlayFile(const std::string& path, const Options& options, std::vector<Outcome>* outcomes) {
  const auto script = ReadScript(path);
  if (!script.ok()) {
    outcomes->push_back({path, script.error().message});
    return;
  }
  const std::string stem = std::filesystem::path(path).stem().string();
  for (const Scenario& scenario : script->scenarios) {
    if (scenario.name.find(options.only) == std::string::npos) continue;
    for (const std::string& store : options.stores) {
      for (const bool restarts : options.restarts) {
        const std::string name =
            stem + ": " + scenario.name + " [" + store + (restarts ? ", restarts]" : "]");
        const auto status = PlayOnce(scenario, store, restarts);
        outcomes->push_back({name, status.ok() ? "" : path + ":" + status.error().message});
      }
    }
  }
}

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

void WriteResults(const std::string& path, const std::vector<Outcome>& outcomes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream out(path);
  out << "<testsuite name=\"scenarios\">\n";
  for (const Outcome& outcome : outcomes) {
    out << "<testcase name=\"" << Escaped(outcome.name) << "\">";
    if (!outcome.failure.empty()) out << "<failure>" << Escaped(outcome.failure) << "</failure>";
    out << "</testcase>\n";
  }
  out << "</testsuite>\n";
}

int Main(int argc, char** argv) {
  Options options;
  if (!ReadOptions(argc, argv, &options)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  std::vector<Outcome> outcomes;
  for (const std::string& file : FilesIn(options.paths)) PlayFile(file, options, &outcomes);
  if (!options.results.empty()) WriteResults(options.results, outcomes);
  size_t failed = 0;
  for (const Outcome& outcome : outcomes) {
    if (outcome.failure.empty()) continue;
    ++failed;
    std::printf("FAILED %s\n  %s\n", outcome.name.c_str(), outcome.failure.c_str());
  }
  std::printf("%zu passed, %zu failed\n", outcomes.size() - failed, failed);
  return failed > 0 || outcomes.empty() ? 1 : 0;
}

}  // namespace
}  // namespace beeflow::scenario

int main(int argc, char** argv) { return beeflow::scenario::Main(argc, argv); }
