#include "main/dag_import.h"

#include <unistd.h>

#include <filesystem>
#include <map>

#include "main/database.h"
#include "main/in_process.h"
#include "main/temporary_folder.h"

namespace beeflow {
namespace {

// A configuration of its own, so that neither the user's database nor limits play a part.
Result<Config> ConfigAt(const std::string& home, const std::string& dags) {
  Variables variables = VariablesFrom(environ);
  std::erase_if(variables, [](const auto& variable) {
    return variable.first.starts_with("BEEFLOW__") || variable.first.starts_with("AIRFLOW__");
  });
  variables["BEEFLOW_HOME"] = home;
  BEEFLOW_ASSIGN_OR_RETURN(Config config, Config::Load(variables));
  BEEFLOW_RETURN_IF_ERROR(config.Override("core", "dags_folder", dags, "--dags"));
  return config;
}

// The folder to import: that of a single file is one with a copy of it.
Result<std::string> FolderFor(const std::string& path, const std::string& home) {
  namespace fs = std::filesystem;
  std::error_code failed;
  if (fs::is_directory(path, failed)) return fs::absolute(path).string();
  if (!fs::is_regular_file(path, failed)) {
    return NotFound(path + " is neither a DAG file nor a folder of them");
  }
  const std::string folder = home + "/dags";
  fs::create_directories(folder, failed);
  fs::copy_file(path, fs::path(folder) / fs::path(path).filename(), failed);
  if (failed) return Unavailable("cannot copy " + path + ": " + failed.message());
  return folder;
}

}  // namespace

Result<ImportedDags> ImportDags(const std::string& path) {
  const TemporaryFolder home("beeflow-import");
  if (home.path().empty()) return Unavailable("cannot create a folder for temporary files");
  BEEFLOW_ASSIGN_OR_RETURN(const std::string folder, FolderFor(path, home.path()));
  BEEFLOW_ASSIGN_OR_RETURN(const Config config, ConfigAt(home.path(), folder));
  BEEFLOW_ASSIGN_OR_RETURN(const auto catalog, OpenCatalog(config));
  BEEFLOW_RETURN_IF_ERROR(RefreshDags(config, std::nullopt));
  ImportedDags out;
  BEEFLOW_ASSIGN_OR_RETURN(out.errors, catalog->ImportErrors());
  BEEFLOW_ASSIGN_OR_RETURN(const auto dags, catalog->Dags(true));
  std::map<std::string, ParsedFile> files;
  for (const DagInfo& dag : dags) {
    ParsedFile& file = files[dag.record.file];
    file.path = dag.record.file;
    ParsedDag parsed;
    BEEFLOW_ASSIGN_OR_RETURN(parsed.dag, catalog->Model(dag.record.dag_id));
    BEEFLOW_ASSIGN_OR_RETURN(parsed.data, catalog->SerializedDag(dag.record.dag_id));
    parsed.hash = dag.record.dag_hash;
    file.dags.push_back(std::move(parsed));
  }
  for (auto& [name, file] : files) out.files.push_back(std::move(file));
  return out;
}

}  // namespace beeflow
