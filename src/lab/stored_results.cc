#include "lab/stored_results.h"

#include <fstream>
#include <iterator>

#include "lab/export_files.h"
#include "lab/temporary_file.h"

namespace beeflow {
namespace {

std::string RecordKey(const std::string& system) { return system + "/experiment.json"; }

}  // namespace

std::string StoredResults::Address(const std::string& system) const {
  return store_->Address(system);
}

Result<Json> StoredResults::Record(const std::string& system) {
  const TemporaryFile file;
  const Status got = store_->Get(RecordKey(system), file.path());
  if (!got.ok())
    return got.error().code == ErrorCode::kNotFound ? Result<Json>(Json()) : got.error();
  std::ifstream in(file.path(), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  auto record = ParseJson(text);
  if (record.ok() && record->is_object()) return record;
  return Invalid(store_->Address(RecordKey(system)) +
                 " is not the record of an experiment; remove it, or use --again");
}

Status StoredResults::Save(const std::string& system, ExportSource* tables, const Json& record,
                           Time now) {
  BEEFLOW_RETURN_IF_ERROR(Remove(system));
  BEEFLOW_RETURN_IF_ERROR(
      WriteExport(tables, store_.get(), system, now, [](const std::string&) {}));
  const TemporaryFile file;
  std::ofstream out(file.path(), std::ios::binary | std::ios::trunc);
  out << record.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  out.close();
  if (!out) return Unavailable("the temporary file " + file.path() + " cannot be written");
  return store_->Put(RecordKey(system), file.path());
}

// The record first: without it the rest does not count.
Status StoredResults::Remove(const std::string& system) {
  BEEFLOW_RETURN_IF_ERROR(store_->Delete(RecordKey(system)));
  BEEFLOW_ASSIGN_OR_RETURN(const auto keys, store_->List(system + "/export/"));
  for (const std::string& key : keys) BEEFLOW_RETURN_IF_ERROR(store_->Delete(key));
  return Ok();
}

}  // namespace beeflow
