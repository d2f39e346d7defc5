// The results of trials in a folder or a bucket: <system>/export/... as `beeflow export` writes
// them, and <system>/experiment.json, the record, which is written last.
#pragma once

#include <memory>
#include <string>

#include "lab/lab_run.h"
#include "ports/blob_store.h"

namespace beeflow {

class StoredResults : public LabResults {
 public:
  explicit StoredResults(std::unique_ptr<BlobStore> store) : store_(std::move(store)) {}

  Result<Json> Record(const std::string& system) override;
  Status Save(const std::string& system, ExportSource* tables, const Json& record,
              Time now) override;
  std::string Address(const std::string& system) const override;

 private:
  Status Remove(const std::string& system);

  const std::unique_ptr<BlobStore> store_;
};

}  // namespace beeflow
