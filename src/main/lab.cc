#include "main/lab.h"

#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

#include "lab/airflow_system.h"
#include "lab/stored_results.h"
#include "main/lab_clock.h"
#include "main/local_system.h"

namespace beeflow {
namespace {

std::string ProcessorName() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

// What figures depend on.
Json Surroundings() {
  const auto pages = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES));
  const auto page_bytes = static_cast<int64_t>(sysconf(_SC_PAGE_SIZE));
  return {{"version", BEEFLOW_VERSION},
          {"machine",
           {{"cores", sysconf(_SC_NPROCESSORS_ONLN)},
            {"memory_mb", pages * page_bytes / (1 << 20)},
            {"processor", ProcessorName()}}}};
}

Result<std::unique_ptr<LabSystem>> OpenAirflow(const Controller& controller,
                                               const Experiment& experiment,
                                               const LabRequest& request, LabClock* clock) {
  const AirflowTarget& target = controller.airflow;
  BEEFLOW_ASSIGN_OR_RETURN(auto api,
                           AirflowApi::For(controller.id, target, request.variables, clock));
  std::unique_ptr<BlobStore> files;
  if (!target.publish_to.empty()) {
    BEEFLOW_ASSIGN_OR_RETURN(files,
                             request.open_blob_store({target.publish_to, target.endpoint_url, ""}));
  }
  return std::unique_ptr<LabSystem>(
      std::make_unique<AirflowSystem>(controller, experiment, std::move(api), std::move(files)));
}

Result<std::unique_ptr<LabSystem>> OpenSystem(const Controller& controller,
                                              const Experiment& experiment,
                                              const LabRequest& request, LabClock* clock) {
  if (controller.type == ControllerType::kAirflow) {
    return OpenAirflow(controller, experiment, request, clock);
  }
  return std::unique_ptr<LabSystem>(
      std::make_unique<LocalSystem>(controller, experiment, request.variables, clock));
}

Result<std::unique_ptr<LabResults>> OpenResults(const Controller& controller,
                                                const LabRequest& request) {
  BlobLocation place = request.out;
  if (place.url.empty()) place.url = controller.export_to;
  BEEFLOW_ASSIGN_OR_RETURN(auto store, request.open_blob_store(place));
  return std::unique_ptr<LabResults>(std::make_unique<StoredResults>(std::move(store)));
}

}  // namespace

Result<std::vector<TrialReport>> RunExperiments(const ExperimentFile& file,
                                                const LabRequest& request) {
  LabClock clock;
  LabParts parts;
  parts.time = &clock;
  parts.progress = request.progress;
  parts.surroundings = Surroundings();
  parts.again = request.again;
  parts.open_system = [&](const Controller& controller, const Experiment& experiment) {
    return OpenSystem(controller, experiment, request, &clock);
  };
  parts.open_results = [&](const Controller& controller) {
    return OpenResults(controller, request);
  };
  return RunLab(file, parts);
}

}  // namespace beeflow
