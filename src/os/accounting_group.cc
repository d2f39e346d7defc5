#include "os/accounting_group.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <string_view>
#include <utility>

#include "os/unique_fd.h"

namespace beeflow {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRoot = "/sys/fs/cgroup";
constexpr std::string_view kName = "beeflow-containers.";
constexpr double kNanosecondsOfASecond = 1e9;
constexpr double kMicrosecondsOfASecond = 1e6;

std::string ReadText(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(4096, '\0');
  const ssize_t size = fd ? read(fd.get(), text.data(), text.size()) : 0;
  text.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

void WriteText(const std::string& path, std::string_view text) {
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return;
  // Where it is refused, what it would give is not told.
  const ssize_t ignored = write(fd.get(), text.data(), text.size());
  static_cast<void>(ignored);
}

std::optional<int64_t> NumberIn(std::string_view text) {
  int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

// The number behind "NAME ", at the start of a line.
std::optional<int64_t> NumberOf(const std::string& text, std::string_view name) {
  const std::string lines = "\n" + text;
  const std::string mark = fmt::format("\n{} ", name);
  const size_t at = lines.find(mark);
  if (at == std::string::npos) return std::nullopt;
  return NumberIn(std::string_view(lines).substr(at + mark.size()));
}

std::string Folder(std::string_view hierarchy, const std::string& path) {
  return fmt::format("{}{}{}", kRoot, hierarchy, path);
}

// What is below a group goes first. False where the kernel refuses, since processes are in it.
bool RemoveTree(const std::string& folder) {
  if (rmdir(folder.c_str()) == 0 || errno == ENOENT) return true;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->is_directory(error)) RemoveTree(it->path());
  }
  return rmdir(folder.c_str()) == 0;
}

bool MakeFolder(const std::string& folder) {
  return mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST;
}

}  // namespace

AccountingGroup::~AccountingGroup() { owner_->RemoveLater(path_); }

GroupUsage AccountingGroup::Usage() const {
  GroupUsage usage;
  if (owner_->version_ == 1) {
    const auto time = NumberIn(ReadText(Folder("/cpuacct", path_ + "/cpuacct.usage")));
    if (time) usage.cpu_seconds = static_cast<double>(*time) / kNanosecondsOfASecond;
    usage.memory_bytes_max =
        NumberIn(ReadText(Folder("/memory", path_ + "/memory.max_usage_in_bytes")));
    return usage;
  }
  const auto time = NumberOf(ReadText(Folder("", path_ + "/cpu.stat")), "usage_usec");
  if (time) usage.cpu_seconds = static_cast<double>(*time) / kMicrosecondsOfASecond;
  // Absent before Linux 5.19.
  usage.memory_bytes_max = NumberIn(ReadText(Folder("", path_ + "/memory.peak")));
  const auto kills = NumberOf(ReadText(Folder("", path_ + "/memory.events")), "oom_kill");
  usage.ran_out_of_memory = kills.value_or(0) > 0;
  return usage;
}

void AccountingGroups::Look() {
  if (geteuid() != 0) return;
  if (access(Folder("", "/cgroup.controllers").c_str(), F_OK) == 0) {
    version_ = 2;
    hierarchies_ = {std::string(kRoot)};
    // The kernel counts memory where it is told to.
    WriteText(Folder("", "/cgroup.subtree_control"), "+memory");
  } else if (access(Folder("/memory", "/cgroup.procs").c_str(), F_OK) == 0) {
    version_ = 1;
    std::error_code error;
    for (fs::directory_iterator it(kRoot, error), end; !error && it != end; it.increment(error)) {
      if (it->is_directory(error)) hierarchies_.push_back(it->path());
    }
  }
  RemoveStale();
}

std::unique_ptr<AccountingGroup> AccountingGroups::Make() {
  if (!std::exchange(has_looked_, true)) Look();
  RemoveEmpty();
  const std::string path = fmt::format("/{}{}.{}", kName, getpid(), ++last_number_);
  const bool is_made = version_ == 2 ? MakeFolder(Folder("", path))
                                     : version_ == 1 && MakeFolder(Folder("/memory", path)) &&
                                           MakeFolder(Folder("/cpuacct", path));
  if (!is_made) return nullptr;
  return std::unique_ptr<AccountingGroup>(new AccountingGroup(this, path));
}

void AccountingGroups::RemoveStale() const {
  for (const std::string& hierarchy : hierarchies_) {
    std::error_code error;
    for (fs::directory_iterator it(hierarchy, error), end; !error && it != end;
         it.increment(error)) {
      const std::string name = it->path().filename();
      if (!name.starts_with(kName)) continue;
      const auto pid = NumberIn(std::string_view(name).substr(kName.size()));
      const bool is_gone = pid && *pid > 1 && kill(static_cast<pid_t>(*pid), 0) != 0;
      if (is_gone && errno == ESRCH) RemoveTree(it->path());
    }
  }
}

void AccountingGroups::RemoveLater(const std::string& path) {
  leftovers_.push_back(path);
  RemoveEmpty();
}

void AccountingGroups::RemoveEmpty() {
  std::erase_if(leftovers_, [this](const std::string& path) {
    bool is_gone = true;
    for (const std::string& hierarchy : hierarchies_) {
      is_gone = RemoveTree(hierarchy + path) && is_gone;
    }
    return is_gone;
  });
}

}  // namespace beeflow
