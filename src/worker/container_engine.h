// The program that runs containers, and how it is to be called: from a plan to its arguments.
// podman knows images; crun and runc run a root file system in a folder, told by a config.json.
//
// Nothing here starts a process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "worker/container_plan.h"

namespace beeflow {

struct ContainerEngine {
  enum class Kind { kPodman, kOciRuntime };
  Kind kind = Kind::kPodman;
  std::string path;     // of the program
  std::string runtime;  // kPodman: path of the OCI runtime to use; "": podman's own choice
  // What a container may have: podman's own defaults are refused where ours are lower.
  uint64_t open_files_soft = 1024, open_files_hard = 1024;
  uint64_t processes_max = 0;  // 0: no limit
};

// Settings of the worker that concern containers.
struct ContainerOptions {
  std::string queue = "container";  // its tasks run in a container
  std::string engine = "auto";      // or podman, crun, runc
  std::string runtime = "auto";     // of podman: name or path; auto: podman's, if it works here
  Json defaults = Json::object();   // for what executor_config does not say; its keys
  std::string folder;               // the worker's own: a folder in it for each container
};

// Finds the engine on PATH. kUnavailable where there is none.
Result<ContainerEngine> FindContainerEngine(const ContainerOptions& options);

// One container to be.
struct ContainerIdentity {
  std::string name;
  std::string folder;        // of this container alone: absolute
  int passed_fds = 0;        // descriptors from 3 on that the container inherits
  std::string parent_group;  // the control group above its own; "": the engine's choice
  std::string PidFile() const { return folder + "/pid"; }
};

// What the engine is called with to run the container and wait for its end. For crun and runc,
// OciConfig must be in config.json in the folder.
std::vector<std::string> RunArguments(const ContainerEngine& engine, const ContainerPlan& plan,
                                      const ContainerIdentity& identity);

// The engine's own environment: "NAME=value".
std::vector<std::string> EngineEnvironment(const ContainerEngine& engine, const ContainerPlan& plan,
                                           const std::vector<std::string>& inherited);

// Ends the container if it runs, and removes it; one that is not there is no error to podman.
std::vector<std::string> RemoveArguments(const ContainerEngine& engine, const std::string& name);

// The configuration of the OCI runtime specification. kInvalid for what needs podman.
Result<Json> OciConfig(const ContainerEngine& engine, const ContainerPlan& plan,
                       const ContainerIdentity& identity);

// Whether the image is the root file system in a folder.
inline bool IsFolderImage(const std::string& image) { return image.starts_with("/"); }

}  // namespace beeflow
