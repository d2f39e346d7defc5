#include "nats/dag_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "nats/content_hash.h"
#include "os/unique_fd.h"

namespace beeflow {
namespace {

constexpr Duration kLook = std::chrono::seconds(1);
constexpr int kDepthMax = 32;  // links may lead in circles
constexpr size_t kReadBytes = 256 * 1024;

bool IsLeftOut(const std::string& name) { return name.starts_with('.') || name == "__pycache__"; }

std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  DIR* const open = opendir(folder.c_str());
  if (!open) return names;
  while (const dirent* entry = readdir(open)) {
    if (!IsLeftOut(entry->d_name)) names.emplace_back(entry->d_name);
  }
  closedir(open);
  std::sort(names.begin(), names.end());
  return names;
}

// "" where it cannot be read.
std::string HashFile(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return "";
  ContentHash hash;
  std::string buffer(kReadBytes, '\0');
  for (;;) {
    const ssize_t size = read(file.get(), buffer.data(), buffer.size());
    if (size < 0) return "";
    if (size == 0) return hash.Hex();
    hash.Add({buffer.data(), static_cast<size_t>(size)});
  }
}

int64_t Nanoseconds(const timespec& time) {
  constexpr int64_t kPerSecond = 1'000'000'000;
  return time.tv_sec * kPerSecond + time.tv_nsec;
}

}  // namespace

DagFolder::DagFolder(Clock& clock, std::string dags_folder, std::vector<std::string> plugin_folders)
    : clock_(clock),
      dags_folder_(std::move(dags_folder)),
      plugin_folders_(std::move(plugin_folders)) {}

void DagFolder::Walk(const std::string& folder, const std::string& name, int depth,
                     Files* found) const {
  for (const std::string& entry : NamesIn(folder)) {
    const std::string path = folder + "/" + entry;
    const std::string below = name + "/" + entry;
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) continue;
    if (S_ISDIR(info.st_mode)) {
      if (depth < kDepthMax) Walk(path, below, depth + 1, found);
    } else if (S_ISREG(info.st_mode)) {
      AddFile(path, below, found);
    }
  }
}

void DagFolder::AddFile(const std::string& path, const std::string& name, Files* found) const {
  struct stat info {};
  if (found->contains(name) || stat(path.c_str(), &info) != 0) return;
  File file{
      path, info.st_size, Nanoseconds(info.st_mtim), info.st_ino, (info.st_mode & S_IXUSR) != 0,
      ""};
  const auto known = files_.find(name);
  const bool is_same =
      known != files_.end() && known->second.path == path && known->second.size == file.size &&
      known->second.modified_ns == file.modified_ns && known->second.inode == file.inode;
  file.hash = is_same ? known->second.hash : HashFile(path);
  if (!file.hash.empty()) found->emplace(name, std::move(file));
}

void DagFolder::Look() {
  const Time now = clock_.Now();
  if (looked_at_ && now - *looked_at_ < kLook && now >= *looked_at_) return;
  looked_at_ = now;
  Files found;
  Walk(dags_folder_, "dags", 0, &found);
  for (const std::string& folder : plugin_folders_) Walk(folder, "plugins", 0, &found);
  files_ = std::move(found);
  ContentHash hash;
  for (const auto& [name, file] : files_) {
    hash.Add(fmt::format("{}\n{}\n{}\n", name, file.hash, file.is_executable ? "x" : "-"));
  }
  version_ = hash.Hex();
}

const std::string& DagFolder::Version() {
  Look();
  return version_;
}

Json DagFolder::Manifest() {
  Look();
  Json files = Json::array();
  for (const auto& [name, file] : files_) {
    files.push_back({{"path", name},
                     {"size", file.size},
                     {"hash", file.hash},
                     {"executable", file.is_executable}});
  }
  return {{"version", version_}, {"files", std::move(files)}};
}

std::optional<DagFolder::Part> DagFolder::Read(const std::string& hash, int64_t offset,
                                               size_t bytes_max) {
  const auto it = std::find_if(files_.begin(), files_.end(),
                               [&](const auto& file) { return file.second.hash == hash; });
  struct stat info {};
  if (it == files_.end() || stat(it->second.path.c_str(), &info) != 0 ||
      Nanoseconds(info.st_mtim) != it->second.modified_ns || info.st_size != it->second.size) {
    looked_at_.reset();  // it has changed: the next one who asks gets what there is now
    return std::nullopt;
  }
  const UniqueFd file(open(it->second.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  Part part{std::string(bytes_max, '\0'), it->second.size};
  const ssize_t size = file ? pread(file.get(), part.bytes.data(), bytes_max, offset) : -1;
  if (size < 0) return std::nullopt;
  part.bytes.resize(static_cast<size_t>(size));
  return part;
}

}  // namespace beeflow
