// The ExportSource on an SQL database: Airflow's columns, in one consistent view per table.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ports/catalog.h"
#include "store/sql/database.h"

namespace beeflow {

class SqlExport : public ExportSource {
 public:
  // With a connection of its own.
  explicit SqlExport(std::unique_ptr<sql::Database> database) : database_(std::move(database)) {}

  Status Export(const std::string& table, const std::function<Status(const Row&)>& visit) override;

 private:
  std::unique_ptr<sql::Database> database_;
};

}  // namespace beeflow
