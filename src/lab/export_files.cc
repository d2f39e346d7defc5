#include "lab/export_files.h"

#include <stdlib.h>
#include <unistd.h>

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

// A file of ours that goes away with its owner.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::error_code error;
    path_ = (std::filesystem::temp_directory_path(error) / "beeflow-export-XXXXXX").string();
    const int fd = mkstemp(path_.data());
    made_ = fd >= 0;
    if (made_) close(fd);
  }
  ~TemporaryFile() {
    if (made_) unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

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
  BEEFLOW_RETURN_IF_ERROR(CheckId("--system", system));
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
