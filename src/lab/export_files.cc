#include "lab/export_files.h"

#include <fstream>

#include "dag/dag.h"
#include "lab/csv.h"
#include "lab/temporary_file.h"

namespace beeflow {
namespace {

// "2021-01-31_15-04"
std::string Minute(Time time) {
  std::string text = FormatSql(time).substr(0, 16);
  text[10] = '_';
  text[13] = '-';
  return text;
}

// Part of a path, and of a key. Unlike an id it may have colons: "serverless_tasks:20".
Status CheckSystem(const std::string& system) {
  std::string without_colons = system;
  std::erase(without_colons, ':');
  const bool valid = CheckId("", without_colons).ok() && system[0] != '.';
  if (valid) return Ok();
  return Invalid("--system '" + system +
                 "' is not valid; use letters, digits, '-', '_', '.' and ':', at most 250 "
                 "characters, no '.' in front");
}

Status WriteTable(ExportSource* source, const std::string& table, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  const auto failed = [&] {
    return Unavailable("export: the temporary file " + path +
                       " cannot be written; make space, or set TMPDIR to a folder that has some");
  };
  BEEFLOW_RETURN_IF_ERROR(source->Export(table, [&](const ExportSource::Row& row) -> Status {
    WriteCsvRow(row, file);
    return file ? Ok() : failed();
  }));
  file.close();
  return file ? Ok() : Status(failed());
}

}  // namespace

Status WriteExport(ExportSource* source, BlobStore* store, const std::string& system, Time now,
                   const std::function<void(const std::string& address)>& stored) {
  BEEFLOW_RETURN_IF_ERROR(CheckSystem(system));
  for (const std::string table : {"dagrun", "taskinstance", "taskfail", "attempt", "dagtask"}) {
    const TemporaryFile file;
    BEEFLOW_RETURN_IF_ERROR(WriteTable(source, table, file.path()));
    const std::string key =
        system + "/export/" + table + "/dt=" + Minute(now) + "/" + table + ".csv";
    BEEFLOW_RETURN_IF_ERROR(store->Put(key, file.path()));
    stored(store->Address(key));
  }
  return Ok();
}

}  // namespace beeflow
