#include "lab/export_files.h"

#include <filesystem>
#include <fstream>

#include "dag/dag.h"
#include "lab/csv.h"

namespace beeflow {
namespace {

// "2021-01-31_15-04"
std::string Minute(Time time) {
  std::string text = FormatSql(time).substr(0, 16);
  text[10] = '_';
  text[13] = '-';
  return text;
}

Status WriteTableFile(ExportSource* source, const std::string& table, const std::string& path) {
  const std::string temporary = path + ".part";
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  const auto failed = [&] {
    return Unavailable("export: " + temporary + " cannot be written; check --to and free space");
  };
  if (!file) return failed();
  const Status status = source->Export(table, [&](const ExportSource::Row& row) -> Status {
    WriteCsvRow(row, file);
    return file ? Ok() : failed();
  });
  file.close();
  if (status.ok() && file) {
    std::filesystem::rename(temporary, path, error);
    return error ? Status(failed()) : Ok();
  }
  std::filesystem::remove(temporary, error);
  return status.ok() ? Status(failed()) : status;
}

}  // namespace

Result<std::vector<std::string>> WriteExport(ExportSource* source, const std::string& folder,
                                             const std::string& system, Time now) {
  BEEFLOW_RETURN_IF_ERROR(CheckId("--system", system));
  std::vector<std::string> files;
  for (const std::string table : {"dagrun", "taskinstance", "taskfail", "attempt", "dagtask"}) {
    const std::string path =
        folder + "/" + system + "/export/" + table + "/dt=" + Minute(now) + "/" + table + ".csv";
    BEEFLOW_RETURN_IF_ERROR(WriteTableFile(source, table, path));
    files.push_back(path);
  }
  return files;
}

}  // namespace beeflow
