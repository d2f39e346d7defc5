// What runs in a container, and how. Settings, the executor_config of a task, and the plan of an
// operator that names an image all say it with the same keys, see docs/containers.md; what is read
// later counts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {

struct ContainerMount {
  std::string type = "bind";  // or "volume", "tmpfs"
  std::string source;         // a path of the host, or a volume's name; "" for tmpfs
  std::string target;         // a path in the container
  bool read_only = false;

  bool operator==(const ContainerMount&) const = default;
};

// What of a container is the value of its task.
enum class ContainerOutput { kNone, kLastLine, kAllLines, kFile };

struct ContainerPlan {
  std::string image;                    // a name, or the absolute path of a root file system
  std::vector<std::string> entrypoint;  // empty: the image's own
  std::vector<std::string> command;     // empty: the image's own
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> private_env;  // appears on no command line
  std::map<std::string, std::string> labels;
  std::vector<ContainerMount> mounts;
  double cpus = 0;                               // 0: no limit
  double memory_mb = 0;                          // MiB; 0: no limit
  std::string user, network, workdir, hostname;  // "": the engine's choice
  std::string pull = "missing";
  bool privileged = false;
  ContainerOutput output = ContainerOutput::kLastLine;
  std::string result_path;   // kFile: where the container writes JSON
  std::string result_mount;  // folder above it to be mounted; "": the file alone is
  std::vector<int> skip_exit_codes;
  std::string note;  // for the log
};

// Applies the keys that a task's executor_config, or the settings, may hold. `what` names the
// object in errors; an unknown key is one.
Status ApplyContainerConfig(const Json& config, const std::string& what, ContainerPlan* plan);

// Applies the plan of an operator: these keys, and those that only operators have.
Status ApplyContainerRun(const Json& run, const std::string& what, ContainerPlan* plan);

}  // namespace beeflow
