#include "os/control_groups.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "os/unique_fd.h"

namespace beeflow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRoot = "/sys/fs/cgroup";
constexpr std::string_view kPrefix = "beeflow.";
constexpr int64_t kQuotaPeriodUs = 100'000;
constexpr double kSharesOfACore = 1024;  // version 1
constexpr double kWeightOfACore = 100;   // version 2

std::string ReadText(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(4096, '\0');
  const ssize_t size = fd ? read(fd.get(), text.data(), text.size()) : 0;
  text.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

Status WriteText(const std::string& path, const std::string& text) {
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (fd && write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) {
    return Ok();
  }
  return Unavailable(fmt::format("cannot write {} to {}: {}", text, path, strerror(errno)));
}

// The path of this process behind ":NAME:" in /proc/self/cgroup.
std::string OwnPath(std::string_view name) {
  const std::string text = ReadText("/proc/self/cgroup");
  const std::string mark = fmt::format(":{}:", name);
  const size_t at = text.find(mark);
  if (at == std::string::npos) return "";
  const size_t begin = at + mark.size();
  const std::string path = text.substr(begin, text.find('\n', begin) - begin);
  return path == "/" ? "" : path;
}

bool HasWord(const std::string& text, std::string_view word) {
  const std::string padded = " " + text.substr(0, text.find('\n')) + " ";
  return padded.find(fmt::format(" {} ", word)) != std::string::npos;
}

// The groups of workers that are gone. What is still in use stays.
void RemoveStale(const std::string& base) {
  std::error_code error;
  for (fs::directory_iterator it(base, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    int pid = 0;
    if (!name.starts_with(kPrefix)) continue;
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), pid);
    if (pid > 1 && kill(pid, 0) != 0 && errno == ESRCH) rmdir(it->path().c_str());
  }
}

// Side by side, not below a group of ours: the CPU shares compare with those of other processes.
std::string GroupFolder(const std::string& base, uint64_t number) {
  return fmt::format("{}/{}{}.{}", base, kPrefix, getpid(), number);
}

// Why no groups can be made there; "" where they can.
std::string TryFolder(const std::string& base) {
  const std::string folder = GroupFolder(base, 0);
  if (mkdir(folder.c_str(), 0755) != 0) return fmt::format("{}: {}", folder, strerror(errno));
  rmdir(folder.c_str());
  return "";
}

}  // namespace

ControlGroup::~ControlGroup() { owner_->RemoveLater(std::move(folders_)); }

std::vector<std::string> ControlGroup::EntryFiles() const {
  std::vector<std::string> files;
  for (const std::string& folder : folders_) files.push_back(folder + "/cgroup.procs");
  return files;
}

// A shell does it: entering may take milliseconds, in which that process waits, not we.
std::vector<std::string> ControlGroup::Entering(const std::vector<std::string>& argv) const {
  constexpr const char* kEnter =
      "n=$1; shift; while [ $n -gt 0 ]; do echo 0 >\"$1\" || exit 125; shift; n=$((n - 1)); done; "
      "exec \"$@\"";
  const std::vector<std::string> files = EntryFiles();
  std::vector<std::string> result = {"/bin/sh", "-c", kEnter, "sh", std::to_string(files.size())};
  result.insert(result.end(), files.begin(), files.end());
  result.insert(result.end(), argv.begin(), argv.end());
  return result;
}

int64_t ControlGroup::OutOfMemoryKills() const {
  constexpr std::string_view kName = "oom_kill ";
  const bool is_second = owner_->version_ == 2;
  const std::string text =
      ReadText(folders_[0] + (is_second ? "/memory.events" : "/memory.oom_control"));
  const size_t at = text.find(kName);
  int64_t kills = 0;
  if (at != std::string::npos) {
    std::from_chars(text.data() + at + kName.size(), text.data() + text.size(), kills);
  }
  return kills;
}

ControlGroups::ControlGroups() {
  const std::string second = TryVersion2();
  if (second.empty()) return;
  const std::string first = TryVersion1();
  if (first.empty()) return;
  description_ = fmt::format("no control groups (version 2: {}; version 1: {})", second, first);
}

ControlGroups::~ControlGroups() { RemoveEmpty(); }

// Each returns why it cannot be used, "" where it can.
std::string ControlGroups::TryVersion2() {
  const bool is_alone = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
  const std::string base = std::string(kRoot) + (is_alone ? "" : "/unified") + OwnPath("");
  const std::string controllers = ReadText(base + "/cgroup.controllers");
  if (controllers.empty()) return "not mounted, or without controllers";
  if (!HasWord(controllers, "memory") || !HasWord(controllers, "cpu")) {
    return "without the memory or the cpu controller";
  }
  RemoveStale(base);
  // Refused by the kernel where other processes share our group: it must be delegated to us, and
  // we in a group below it.
  const Status enabled = WriteText(base + "/cgroup.subtree_control", "+memory +cpu");
  if (!enabled.ok()) return enabled.error().message;
  if (std::string problem = TryFolder(base); !problem.empty()) return problem;
  version_ = 2;
  parents_ = {base};
  description_ = fmt::format("control groups, version 2, in {}", base);
  return "";
}

std::string ControlGroups::TryVersion1() {
  std::vector<std::string> bases;
  for (const char* controller : {"memory", "cpu"}) {
    const std::string mount = fmt::format("{}/{}", kRoot, controller);
    std::string base = mount + OwnPath(controller);
    // In a container the path may be that of the host.
    if (access(base.c_str(), F_OK) != 0) base = mount;
    if (access((base + "/cgroup.procs").c_str(), F_OK) != 0) {
      return fmt::format("the {} controller is not mounted", controller);
    }
    RemoveStale(base);
    if (std::string problem = TryFolder(base); !problem.empty()) return problem;
    bases.push_back(std::move(base));
  }
  version_ = 1;
  description_ = fmt::format("control groups, version 1, in {} and {}", bases[0], bases[1]);
  parents_ = std::move(bases);
  return "";
}

Result<std::unique_ptr<ControlGroup>> ControlGroups::Make(const GroupLimits& limits) {
  RemoveEmpty();
  ++last_number_;
  std::vector<std::string> folders;
  for (const std::string& parent : parents_) {
    folders.push_back(GroupFolder(parent, last_number_));
    if (mkdir(folders.back().c_str(), 0755) == 0) continue;
    const std::string message = fmt::format("{}: {}", folders.back(), strerror(errno));
    folders.pop_back();
    RemoveLater(std::move(folders));
    return Unavailable("cannot make a control group: " + message);
  }
  if (const Status set = SetLimits(folders, limits); !set.ok()) {
    RemoveLater(std::move(folders));
    return set.error();
  }
  return std::unique_ptr<ControlGroup>(new ControlGroup(this, std::move(folders)));
}

Status ControlGroups::SetLimits(const std::vector<std::string>& folders,
                                const GroupLimits& limits) const {
  const std::string memory = std::to_string(limits.memory_bytes);
  const auto quota = static_cast<int64_t>(limits.cpu_share * kQuotaPeriodUs);
  if (version_ == 2) {
    const std::string& folder = folders[0];
    if (limits.memory_bytes > 0) {
      BEEFLOW_RETURN_IF_ERROR(WriteText(folder + "/memory.max", memory));
      // Absent where the kernel has no swap.
      const Status ignored = WriteText(folder + "/memory.swap.max", "0");
      static_cast<void>(ignored);
    }
    const auto weight = static_cast<int64_t>(limits.cpu_share * kWeightOfACore);
    BEEFLOW_RETURN_IF_ERROR(
        WriteText(folder + "/cpu.weight", std::to_string(std::clamp<int64_t>(weight, 1, 10'000))));
    if (!limits.cpu_quota) return Ok();
    return WriteText(folder + "/cpu.max", fmt::format("{} {}", quota, kQuotaPeriodUs));
  }
  if (limits.memory_bytes > 0) {
    BEEFLOW_RETURN_IF_ERROR(WriteText(folders[0] + "/memory.limit_in_bytes", memory));
    const Status ignored = WriteText(folders[0] + "/memory.memsw.limit_in_bytes", memory);
    static_cast<void>(ignored);
  }
  const auto shares = static_cast<int64_t>(limits.cpu_share * kSharesOfACore);
  BEEFLOW_RETURN_IF_ERROR(WriteText(folders[1] + "/cpu.shares",
                                    std::to_string(std::clamp<int64_t>(shares, 2, 262'144))));
  if (!limits.cpu_quota) return Ok();
  return WriteText(folders[1] + "/cpu.cfs_quota_us", std::to_string(quota));
}

void ControlGroups::RemoveLater(std::vector<std::string> folders) {
  for (std::string& folder : folders) leftovers_.push_back(std::move(folder));
  RemoveEmpty();
}

// The kernel refuses where processes are still in it.
void ControlGroups::RemoveEmpty() {
  std::erase_if(leftovers_, [](const std::string& folder) {
    return rmdir(folder.c_str()) == 0 || errno == ENOENT;
  });
}

}  // namespace beeflow
