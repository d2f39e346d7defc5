// A system of the lab on this machine: `beeflow standalone` as a child, in a home of its own that
// goes away with it. Its database is read and edited as the command line does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "lab/experiment.h"
#include "lab/lab_system.h"
#include "main/lab_clock.h"
#include "main/temporary_folder.h"
#include "os/child_watch.h"
#include "os/unique_fd.h"

namespace beeflow {

class LocalSystem : public LabSystem {
 public:
  // `clock` outlives it; `variables` are those of our environment, of which settings of the user's
  // own installation are not handed on.
  LocalSystem(const Controller& controller, const Experiment& experiment, Variables variables,
              LabClock* clock);
  ~LocalSystem() override;

  Status Start() override;
  Status Publish() override;
  Result<std::vector<std::string>> MissingDags() override;
  Status SetPoolSlots(int slots) override;
  Status SetPaused(const std::string& dag_id, bool paused) override;
  Status Trigger(const RunKey& key) override;
  Result<std::vector<RunRecord>> Runs() override;
  // Beeflow itself: the worker, and so every environment, has ended. The model of managed Airflow:
  // it is started anew, with its least number of workers.
  Result<bool> BecomeCold() override;
  Result<std::unique_ptr<ExportSource>> Export() override;
  Status Delete() override;
  Duration poll_interval() const override;
  std::string version() const override;

 private:
  Result<Config> MakeConfig() const;
  std::map<std::string, std::string> Settings() const;
  Status StartServer();
  Status StopServer();
  void AwaitServerEnd();
  Status CheckServer() const;
  std::string LogEnd() const;

  const Controller controller_;
  const Experiment experiment_;
  const Variables variables_;
  LabClock& clock_;
  std::unique_ptr<TemporaryFolder> home_;
  std::optional<Config> config_;
  std::unique_ptr<Catalog> catalog_;
  pid_t server_ = 0;
  UniqueFd server_input_;  // the server ends when it is closed
  std::optional<ChildWatch> server_watch_;
  std::optional<int> server_status_;  // once it has ended
  bool restarted_ = false;            // since the last run was triggered
};

}  // namespace beeflow
