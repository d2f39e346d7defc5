// The Inventory on an SQL database (ports/inventory.h has the contract).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/inventory.h"
#include "store/sql/database.h"

namespace beeflow {

class SqlInventory : public Inventory {
 public:
  // With a connection of its own.
  explicit SqlInventory(std::unique_ptr<sql::Database> database) : database_(std::move(database)) {}

  Result<ListPart<DatasetInfo>> Datasets(const DatasetFilter& filter) override;
  Result<DatasetInfo> Dataset(const std::string& uri) override;
  Result<ListPart<RecordedDatasetEvent>> DatasetEvents(const DatasetEventFilter& filter) override;
  Result<RecordedDatasetEvent> AddDatasetEvent(const std::string& uri, const std::string& extra,
                                               Time when) override;
  Result<std::vector<QueuedDatasetEvent>> QueuedEvents(const QueuedEventFilter& filter) override;
  Result<int64_t> DeleteQueuedEvents(const std::vector<QueuedDatasetEvent>& events) override;
  Result<ListPart<AuditLine>> AuditLog(const AuditFilter& filter) override;
  Result<AuditLine> AuditLogEntry(int64_t id) override;
  Result<std::vector<MissingPool>> MissingPools() override;
  Status RenamePool(const std::string& from, const std::string& to) override;

 private:
  Status LoadReferences(DatasetInfo* dataset);
  Status LoadCreatedRuns(RecordedDatasetEvent* event);

  std::unique_ptr<sql::Database> database_;
};

}  // namespace beeflow
