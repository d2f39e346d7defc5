// The runs of some DAGs on an Airflow, read over its REST API, as the tables of an export.
#pragma once

#include <string>
#include <vector>

#include "lab/airflow_api.h"
#include "ports/catalog.h"

namespace beeflow {

class AirflowExport : public ExportSource {
 public:
  // `runs` are as /dagRuns lists them. `api` outlives it.
  AirflowExport(AirflowApi* api, std::vector<std::string> dag_ids, std::vector<Json> runs)
      : api_(*api), dag_ids_(std::move(dag_ids)), runs_(std::move(runs)) {}

  Status Export(const std::string& table, const std::function<Status(const Row&)>& visit) override;

 private:
  using Visit = std::function<Status(const Row&)>;
  Status ExportInstances(const Visit& visit);
  Status ExportFails(const Visit& visit);
  Status ExportTasks(const Visit& visit);
  Result<Json> Instances(const RunKey& run);

  AirflowApi& api_;
  const std::vector<std::string> dag_ids_;
  const std::vector<Json> runs_;
};

}  // namespace beeflow
