// A system of the lab that is somebody's Airflow 2.x: driven over its REST API. What was there
// stays as it was; only what the lab brought is taken away again.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lab/airflow_api.h"
#include "lab/experiment.h"
#include "lab/lab_system.h"
#include "ports/blob_store.h"

namespace beeflow {

class AirflowSystem : public LabSystem {
 public:
  // `files` is where DAG files are published; null: they are there already.
  AirflowSystem(const Controller& controller, const Experiment& experiment,
                std::unique_ptr<AirflowApi> api, std::unique_ptr<BlobStore> files);

  Status Start() override;
  Status Publish() override;
  Result<std::vector<std::string>> MissingDags() override;
  Status SetPoolSlots(int slots) override;
  Status SetPaused(const std::string& dag_id, bool paused) override;
  Status Trigger(const RunKey& run) override;
  Result<std::vector<RunRecord>> Runs() override;
  // Nobody outside can tell: the experiment's period has to be long enough.
  Result<bool> BecomeCold() override { return true; }
  Result<std::unique_ptr<ExportSource>> Export() override;
  Status Delete() override;
  Duration poll_interval() const override { return controller_.airflow.poll_interval; }
  std::string version() const override { return "Airflow " + version_; }

 private:
  // Newest first, those since Start; all runs of a DAG that was not there then.
  Result<Json> RunsOf(const std::string& dag_id);
  Status NoteFormerRuns(const std::string& dag_id);
  Status CheckIsNew(const std::string& dag_id);
  Status PublishFile(const std::string& path, const std::string& name);
  Result<bool> IsThere(const std::string& dag_id);
  Status DeleteRuns();
  Status DeleteFiles();

  const Controller controller_;
  const Experiment experiment_;
  const std::unique_ptr<AirflowApi> api_;
  const std::unique_ptr<BlobStore> files_;
  const std::string folder_;  // of the published files, below where `files_` is
  std::string version_ = "unknown";
  std::map<std::string, std::set<std::string>> former_runs_;  // the newest at Start, by DAG
  std::vector<std::string> published_;                        // keys
  std::vector<RunKey> triggered_;
  std::map<std::string, bool> were_paused_;  // before we changed it
  std::optional<int> former_slots_;          // the same
};

}  // namespace beeflow
