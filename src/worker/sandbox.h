// The sandbox of an attempt, made by bubblewrap: process, mount, IPC and host name spaces of its
// own, and, when asked, a network of its own that leads nowhere. It sees the system's programs, the
// DAG folder, the authoring API and what the settings name, all read-only, and a private /tmp;
// nothing of Beeflow's database, configuration, logs, or other attempts. Where the worker runs as
// root, what is inside runs as nobody.
//
// Pure: command lines are made here, and executed elsewhere.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace beeflow {

// What a queue's settings say ([worker:QUEUE] sandbox, sandbox_network, sandbox_paths).
struct SandboxPolicy {
  bool required = true;                // otherwise only where the machine offers it
  bool network = true;                 // the host's; otherwise none but a loopback of its own
  std::vector<std::string> read_only;  // absolute paths
  std::vector<std::string> writable;   // absolute paths
  // Folders that stay hidden although they may be below the system's: absolute, without links.
  std::vector<std::string> hidden;

  // A comparison with 0 in the generated code.
  auto operator<=>(const SandboxPolicy&) const = default;  // NOLINT(modernize-use-nullptr)
};

Json SandboxPolicyToJson(const SandboxPolicy& policy);
SandboxPolicy ReadSandboxPolicy(const Json& policy);

// Adds what the setting sandbox_paths says: absolute paths separated by commas, with ":rw" behind
// those that tasks may write to.
void AddSandboxPaths(const std::string& paths, SandboxPolicy* policy);

struct SandboxedCommand {
  std::vector<std::string> argv;
  std::string cwd;                     // must be visible inside
  std::vector<std::string> read_only;  // what it needs besides the policy's: DAG folder, API
  std::vector<std::string> writable;   // its temporary folder
  bool drop_root = false;              // the worker is root: go on as nobody
};

// The user and group that sandboxed attempts of a worker run by root belong to.
inline constexpr int kNobody = 65534;

// The command line that runs the command in a sandbox. SIGTERM to its process group reaches the
// command, and not the sandbox's own processes; when the command ends, or the sandbox is killed,
// nothing that it started lives on.
std::vector<std::string> SandboxArgv(const SandboxPolicy& policy, const SandboxedCommand& command);

// Tries a sandbox out, which blocks for some milliseconds. Returns why there is none, "" if it
// works.
std::string WhyNoSandbox();

}  // namespace beeflow
