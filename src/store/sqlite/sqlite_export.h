// The ExportSource on an SQLite file: Airflow's columns, in one consistent view per table.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ports/catalog.h"
#include "store/sqlite/database.h"

namespace beeflow {

class SqliteExport : public ExportSource {
 public:
  // kNotFound where there is no database.
  static Result<std::unique_ptr<SqliteExport>> Open(const std::string& path);

  Status Export(const std::string& table, const std::function<Status(const Row&)>& visit) override;

 private:
  explicit SqliteExport(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)) {}

  std::unique_ptr<sqlite::Database> database_;
};

}  // namespace beeflow
