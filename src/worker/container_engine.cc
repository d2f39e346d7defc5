#include "worker/container_engine.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string_view>

#include "os/process.h"

namespace beeflow {
namespace {

constexpr int64_t kCpuPeriodUs = 100'000;
constexpr double kBytesPerMib = 1024 * 1024;

// crun refuses to work where control groups v1 are in use and some controllers are with v2.
bool IsHybridHierarchy() {
  std::ifstream file("/sys/fs/cgroup/unified/cgroup.controllers");
  std::string controller;
  return static_cast<bool>(file >> controller);
}

Error NoEngine(const ContainerOptions& options) {
  if (options.engine != "auto") {
    return Unavailable(
        fmt::format("the container engine {} of [container] engine is not on PATH; "
                    "install it, or set another one",
                    options.engine));
  }
  return Unavailable(
      "no container engine is on PATH; install podman (or crun or runc, for root file systems in "
      "folders)");
}

void ReadLimits(ContainerEngine* engine) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    engine->open_files_hard = limit.rlim_max;
    engine->open_files_soft = std::min<uint64_t>(1024, limit.rlim_max);
  }
  // Where podman may not raise its own limits, it lowers that of processes to that of files.
  if (getrlimit(RLIMIT_NPROC, &limit) == 0) {
    engine->processes_max = std::min<uint64_t>(limit.rlim_max, engine->open_files_hard);
  }
}

int64_t MemoryBytes(const ContainerPlan& plan) {
  return static_cast<int64_t>(std::llround(plan.memory_mb * kBytesPerMib));
}

std::string MountArgument(const ContainerMount& mount) {
  std::string text = fmt::format("type={},target={}", mount.type, mount.target);
  if (!mount.source.empty()) text += ",source=" + mount.source;
  if (mount.read_only) text += mount.type == "tmpfs" ? ",ro=true" : ",readonly";
  return text;
}

// Whether podman, or what it calls, may itself heed a variable of that name.
bool IsHeededByPodman(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"PATH", "HOME", "USER", "TMPDIR"};
  constexpr std::array<std::string_view, 9> kPrefixes = {
      "LD_", "XDG_", "CONTAINER", "PODMAN", "STORAGE_", "REGISTRY_", "GO", "DBUS_", "_"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

class PodmanArguments {
 public:
  PodmanArguments(const ContainerEngine& engine, const ContainerPlan& plan,
                  const ContainerIdentity& identity)
      : engine_(engine), plan_(plan), identity_(identity) {}

  std::vector<std::string> Make() {
    arguments_ = {engine_.path};
    if (!engine_.runtime.empty())
      arguments_.insert(arguments_.end(), {"--runtime", engine_.runtime});
    // Where systemd makes the groups they can only be below slices.
    if (!identity_.parent_group.empty()) Add("--cgroup-manager", "cgroupfs");
    AddProcess();
    AddLimits();
    AddPlan();
    AddImage();
    return std::move(arguments_);
  }

 private:
  void Add(const std::string& option, const std::string& value) {
    if (!value.empty()) arguments_.push_back(option + "=" + value);
  }

  void AddProcess() {
    arguments_.insert(arguments_.end(), {"run", "--rm"});
    Add("--name", identity_.name);
    Add("--pidfile", identity_.PidFile());
    Add("--cgroup-parent", identity_.parent_group);
    // The container writes into our pipe itself.
    Add("--log-driver", "passthrough");
    if (identity_.passed_fds > 0) Add("--preserve-fds", std::to_string(identity_.passed_fds));
    for (const auto& [name, value] : plan_.labels) {
      arguments_.push_back(fmt::format("--label={}={}", name, value));
    }
  }

  void AddLimits() {
    Add("--ulimit", fmt::format("nofile={}:{}", engine_.open_files_soft, engine_.open_files_hard));
    if (engine_.processes_max > 0)
      Add("--ulimit", fmt::format("nproc={0}:{0}", engine_.processes_max));
    if (plan_.cpus > 0) Add("--cpus", fmt::format("{}", plan_.cpus));
    if (plan_.memory_mb > 0) Add("--memory", fmt::format("{}b", MemoryBytes(plan_)));
  }

  void AddPlan() {
    for (const auto& [name, value] : plan_.env) {
      arguments_.push_back(fmt::format("--env={}={}", name, value));
    }
    for (const auto& [name, value] : plan_.private_env) {
      // The value comes from podman's own environment, where it does no harm there.
      const bool heeded = IsHeededByPodman(name);
      arguments_.push_back("--env=" + name + (heeded ? "=" + value : ""));
    }
    for (const ContainerMount& mount : plan_.mounts) Add("--mount", MountArgument(mount));
    Add("--user", plan_.user);
    Add("--network", plan_.network);
    Add("--workdir", plan_.workdir);
    Add("--hostname", plan_.hostname);
    if (plan_.privileged) arguments_.emplace_back("--privileged");
    if (!plan_.entrypoint.empty()) Add("--entrypoint", DumpJson(plan_.entrypoint));
  }

  void AddImage() {
    if (IsFolderImage(plan_.image)) {
      // An overlay, so that containers do not see each other's writes.
      arguments_.insert(arguments_.end(), {"--rootfs", plan_.image + ":O"});
    } else {
      Add("--pull", plan_.pull);
      arguments_.push_back(plan_.image);
    }
    arguments_.insert(arguments_.end(), plan_.command.begin(), plan_.command.end());
  }

  const ContainerEngine& engine_;
  const ContainerPlan& plan_;
  const ContainerIdentity& identity_;
  std::vector<std::string> arguments_;
};

Result<Json> OciUser(const std::string& user) {
  if (user.empty()) return Json{{"uid", 0}, {"gid", 0}};
  const size_t colon = user.find(':');
  const std::string uid_text = user.substr(0, colon);
  const std::string gid_text = colon == std::string::npos ? "0" : user.substr(colon + 1);
  uint32_t uid = 0, gid = 0;
  const auto read = [](const std::string& text, uint32_t* id) {
    const char* last = text.data() + text.size();
    return std::from_chars(text.data(), last, *id).ptr == last && !text.empty();
  };
  if (!read(uid_text, &uid) || !read(gid_text, &gid)) {
    return Invalid(
        fmt::format("the user '{}' has a name, which only podman can look up; write "
                    "numbers, as in 1000:1000",
                    user));
  }
  return Json{{"uid", uid}, {"gid", gid}};
}

Json OciMounts(const ContainerPlan& plan) {
  const auto mount = [](const char* target, const char* type, std::vector<std::string> options) {
    return Json{{"destination", target}, {"type", type}, {"source", type}, {"options", options}};
  };
  Json mounts = {
      mount("/proc", "proc", {}),
      mount("/dev", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      mount("/dev/pts", "devpts",
            {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}),
      mount("/dev/shm", "tmpfs", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
      mount("/tmp", "tmpfs", {"nosuid", "nodev", "mode=1777"}),
  };
  for (const ContainerMount& given : plan.mounts) {
    std::vector<std::string> options;
    if (given.type == "bind") options.emplace_back("rbind");
    options.emplace_back(given.read_only ? "ro" : "rw");
    const std::string source = given.type == "tmpfs" ? "tmpfs" : given.source;
    mounts.push_back({{"destination", given.target},
                      {"type", given.type},
                      {"source", source},
                      {"options", options}});
  }
  return mounts;
}

Json OciProcess(const ContainerEngine& engine, const ContainerPlan& plan, Json user) {
  std::map<std::string, std::string> variables = {
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, {"HOME", "/tmp"}};
  for (const auto* given : {&plan.env, &plan.private_env}) {
    for (const auto& [name, value] : *given) variables[name] = value;
  }
  Json env = Json::array();
  for (const auto& [name, value] : variables) env.push_back(fmt::format("{}={}", name, value));
  std::vector<std::string> words = plan.entrypoint;
  words.insert(words.end(), plan.command.begin(), plan.command.end());
  // What container engines leave to root by default.
  const Json capabilities = {"CAP_CHOWN",  "CAP_DAC_OVERRIDE",     "CAP_FOWNER",    "CAP_FSETID",
                             "CAP_KILL",   "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",   "CAP_SETGID",
                             "CAP_SETUID", "CAP_SETPCAP",          "CAP_SYS_CHROOT"};
  return {{"terminal", false},
          {"user", std::move(user)},
          {"args", words},
          {"env", std::move(env)},
          {"cwd", plan.workdir.empty() ? "/" : plan.workdir},
          {"noNewPrivileges", true},
          {"capabilities",
           {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}},
          {"rlimits",
           {{{"type", "RLIMIT_NOFILE"},
             {"soft", engine.open_files_soft},
             {"hard", engine.open_files_hard}}}}};
}

Json OciLinux(const ContainerPlan& plan, const ContainerIdentity& identity) {
  Json namespaces = {{{"type", "pid"}}, {{"type", "ipc"}}, {{"type", "uts"}}, {{"type", "mount"}}};
  if (plan.network == "none") namespaces.push_back({{"type", "network"}});
  Json resources = {{"devices", {{{"allow", false}, {"access", "rwm"}}}}};
  if (plan.memory_mb > 0) resources["memory"] = {{"limit", MemoryBytes(plan)}};
  if (plan.cpus > 0) {
    resources["cpu"] = {{"quota", std::llround(plan.cpus * static_cast<double>(kCpuPeriodUs))},
                        {"period", kCpuPeriodUs}};
  }
  Json config = {
      {"namespaces", std::move(namespaces)},
      {"resources", std::move(resources)},
      {"maskedPaths", {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug"}},
      {"readonlyPaths",
       {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}}};
  if (!identity.parent_group.empty()) {
    config["cgroupsPath"] = identity.parent_group + "/" + identity.name;
  }
  return config;
}

// What a runtime alone cannot do.
Status CheckForRuntime(const ContainerEngine& engine, const ContainerPlan& plan) {
  const auto fail = [&engine](const std::string& what) {
    return Invalid(fmt::format("{} cannot {}; install podman", engine.path, what));
  };
  if (!IsFolderImage(plan.image)) {
    return fail(
        fmt::format("fetch the image '{}': it runs root file systems in folders only", plan.image));
  }
  if (plan.entrypoint.empty() && plan.command.empty()) {
    return Invalid(fmt::format("the root file system {} does not say what to run; give a command",
                               plan.image));
  }
  if (!plan.network.empty() && plan.network != "host" && plan.network != "none") {
    return fail(fmt::format("connect the network '{}', but only 'host' and 'none'", plan.network));
  }
  if (plan.privileged) return fail("run privileged containers");
  if (geteuid() != 0) return fail("run as another user than root");
  const auto& mounts = plan.mounts;
  const auto volume = std::find_if(mounts.begin(), mounts.end(),
                                   [](const auto& mount) { return mount.type == "volume"; });
  if (volume != mounts.end()) return fail(fmt::format("mount the volume '{}'", volume->source));
  return Ok();
}

}  // namespace

Result<ContainerEngine> FindContainerEngine(const ContainerOptions& options) {
  ContainerEngine engine;
  ReadLimits(&engine);
  const bool any = options.engine == "auto";
  const bool hybrid = IsHybridHierarchy();
  if (any || options.engine == "podman") engine.path = FindOnPath("podman", "");
  if (!engine.path.empty()) {
    if (options.runtime != "auto") {
      engine.runtime = options.runtime;
    } else if (hybrid) {
      engine.runtime = FindOnPath("runc", "");
    }
    return engine;
  }
  engine.kind = ContainerEngine::Kind::kOciRuntime;
  if (options.engine == "crun" || (any && !hybrid)) engine.path = FindOnPath("crun", "");
  if (engine.path.empty() && (any || options.engine == "runc")) {
    engine.path = FindOnPath("runc", "");
  }
  if (engine.path.empty() && any) engine.path = FindOnPath("crun", "");
  if (engine.path.empty()) return NoEngine(options);
  return engine;
}

std::vector<std::string> RunArguments(const ContainerEngine& engine, const ContainerPlan& plan,
                                      const ContainerIdentity& identity) {
  if (engine.kind == ContainerEngine::Kind::kPodman) {
    return PodmanArguments(engine, plan, identity).Make();
  }
  std::vector<std::string> arguments = {engine.path,     "run",        "--bundle",
                                        identity.folder, "--pid-file", identity.PidFile()};
  if (identity.passed_fds > 0) {
    arguments.insert(arguments.end(), {"--preserve-fds", std::to_string(identity.passed_fds)});
  }
  arguments.push_back(identity.name);
  return arguments;
}

std::vector<std::string> EngineEnvironment(const ContainerEngine& engine, const ContainerPlan& plan,
                                           const std::vector<std::string>& inherited) {
  std::vector<std::string> environment = inherited;
  if (engine.kind != ContainerEngine::Kind::kPodman) return environment;
  for (const auto& [name, value] : plan.private_env) {
    if (IsHeededByPodman(name)) continue;
    const std::string start = name + "=";
    std::erase_if(environment,
                  [&start](const std::string& entry) { return entry.starts_with(start); });
    environment.push_back(start + value);
  }
  return environment;
}

std::vector<std::string> RemoveArguments(const ContainerEngine& engine, const std::string& name) {
  if (engine.kind == ContainerEngine::Kind::kOciRuntime) {
    return {engine.path, "delete", "--force", name};
  }
  std::vector<std::string> arguments = {engine.path};
  if (!engine.runtime.empty()) arguments.insert(arguments.end(), {"--runtime", engine.runtime});
  arguments.insert(arguments.end(), {"rm", "--force", "--ignore", "--time=0", name});
  return arguments;
}

Result<Json> OciConfig(const ContainerEngine& engine, const ContainerPlan& plan,
                       const ContainerIdentity& identity) {
  BEEFLOW_RETURN_IF_ERROR(CheckForRuntime(engine, plan));
  BEEFLOW_ASSIGN_OR_RETURN(Json user, OciUser(plan.user));
  return Json{{"ociVersion", "1.0.2"},
              {"process", OciProcess(engine, plan, std::move(user))},
              // Others may use the same folder at the same time.
              {"root", {{"path", plan.image}, {"readonly", true}}},
              {"hostname", plan.hostname.empty() ? "container" : plan.hostname},
              {"mounts", OciMounts(plan)},
              {"linux", OciLinux(plan, identity)}};
}

}  // namespace beeflow
