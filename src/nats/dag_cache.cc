#include "nats/dag_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "nats/content_hash.h"
#include "os/unique_fd.h"

namespace beeflow {

namespace fs = std::filesystem;

namespace {

constexpr size_t kUnusedVersionsMax = 4;
constexpr int kChangesMax = 20;
constexpr mode_t kReadOnly = 0444;
constexpr mode_t kReadOnlyProgram = 0555;

bool IsHash(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// "dags/..." or "plugins/...", and nothing that leads out of there.
bool IsInside(const std::string& path) {
  const fs::path parts(path);
  if (parts.empty() || parts.is_absolute()) return false;
  if (*parts.begin() != "dags" && *parts.begin() != "plugins") return false;
  return std::none_of(parts.begin(), parts.end(),
                      [](const fs::path& part) { return part == ".." || part == "."; });
}

void SetModeBelow(const fs::path& folder, fs::perms mode) {
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored)) {
    if (entry.is_directory(ignored)) fs::permissions(entry.path(), mode, ignored);
  }
}

void RemoveFolder(const fs::path& folder) {
  std::error_code ignored;
  fs::permissions(folder, fs::perms::owner_all, ignored);
  SetModeBelow(folder, fs::perms::owner_all);
  fs::remove_all(folder, ignored);
}

std::string HashOf(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ContentHash hash;
  std::string buffer(256 * 1024, '\0');
  ssize_t size = 0;
  while (file && (size = read(file.get(), buffer.data(), buffer.size())) > 0) {
    hash.Add({buffer.data(), static_cast<size_t>(size)});
  }
  return hash.Hex();
}

}  // namespace

DagCache::DagCache(asio::io_context& io, std::string root, std::function<void(const Json&)> ask)
    : io_(io), root_(std::move(root)), ask_(std::move(ask)) {}

void DagCache::Get(const std::string& version, Done done) {
  waiting_.push_back({version, std::move(done)});
  if (waiting_.size() > 1) return;
  asio::post(io_, [this, alive = alive_] {
    if (*alive) Begin();
  });
}

void DagCache::Begin() {
  while (!waiting_.empty()) {
    changes_ = 0;
    making_.clear();
    const std::string version = waiting_.front().version;
    std::error_code ignored;
    if (!IsHash(version) || !fs::exists(VersionPath(version), ignored)) return AskAgain();
    Finish(version);
  }
}

void DagCache::AskAgain() {
  if (waiting_.empty()) return;
  if (making_.empty()) return ask_({{"op", "manifest"}, {"version", waiting_.front().version}});
  Next();
}

void DagCache::OnManifest(const Json& manifest) {
  if (waiting_.empty() || !making_.empty()) return;
  JsonReader reader(manifest, "the manifest of the DAG folder");
  const std::string version = reader.String("version");
  entries_.clear();
  std::set<std::string> missing;
  std::error_code ignored;
  const Json& files = reader.Raw("files");
  for (const Json& file : files.is_array() ? files : Json::array()) {
    JsonReader in(file, "a file of the DAG folder");
    Entry entry{in.String("path"), in.String("hash"), in.Boolean("executable", false)};
    if (!in.status().ok() || !IsInside(entry.path) || !IsHash(entry.hash)) {
      return Fail("control names a file that cannot be: " + entry.path);
    }
    if (!fs::exists(ContentPath(entry.hash), ignored)) missing.insert(entry.hash);
    entries_.push_back(std::move(entry));
  }
  if (!IsHash(version)) return Fail("control tells no version of the DAG folder");
  making_ = version;
  missing_.assign(missing.begin(), missing.end());
  received_ = 0;
  Next();
}

void DagCache::Next() {
  if (!missing_.empty()) {
    return ask_({{"op", "file"}, {"hash", missing_.back()}, {"offset", received_}});
  }
  std::error_code ignored;
  if (!fs::exists(VersionPath(making_), ignored)) {
    if (const Status built = Build(making_); !built.ok()) return Fail(built.error().message);
  }
  Finish(std::exchange(making_, ""));
  Begin();
}

void DagCache::OnFile(const Json& message, const std::string& bytes) {
  JsonReader reader(message, "a part of a file");
  const std::string hash = reader.String("hash");
  if (making_.empty() || missing_.empty() || hash != missing_.back()) return;
  if (reader.Boolean("gone", false)) {
    if (++changes_ > kChangesMax) return Fail("the DAG folder changes faster than it can be read");
    making_.clear();
    return AskAgain();
  }
  if (reader.Integer("offset", -1, -1, INT64_MAX) != received_) return;
  if (const Status saved = Save(bytes); !saved.ok()) return Fail(saved.error().message);
  const int64_t size = reader.Integer("size", 0, 0, INT64_MAX);
  if (received_ < size && !bytes.empty()) return Next();
  const std::string part = ContentPath(hash) + ".part";
  const bool is_whole = received_ == size && HashOf(part) == hash;
  received_ = 0;
  if (!is_whole || rename(part.c_str(), ContentPath(hash).c_str()) != 0) {
    if (++changes_ > kChangesMax) return Fail("a file of the DAG folder arrives damaged");
    return Next();
  }
  missing_.pop_back();
  Next();
}

Status DagCache::Save(const std::string& bytes) {
  std::error_code failed;
  fs::create_directories(root_ + "/contents", failed);
  const std::string path = ContentPath(missing_.back()) + ".part";
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (received_ == 0 ? O_TRUNC : 0);
  const UniqueFd file(open(path.c_str(), flags, 0644));
  const bool is_written = file && pwrite(file.get(), bytes.data(), bytes.size(), received_) ==
                                      static_cast<ssize_t>(bytes.size());
  if (!is_written) return Unavailable(fmt::format("{}: {}", path, strerror(errno)));
  received_ += static_cast<int64_t>(bytes.size());
  return Ok();
}

// Made aside and then given its name, so that a version is there as a whole or not at all.
Status DagCache::Build(const std::string& version) const {
  const fs::path made = root_ + "/making";
  std::error_code failed;
  RemoveFolder(made);
  fs::create_directories(made / "dags", failed);
  fs::create_directories(root_ + "/versions", failed);
  for (const Entry& entry : entries_) {
    const std::string content = ContentPath(entry.hash);
    const fs::path place = made / entry.path;
    fs::create_directories(place.parent_path(), failed);
    if (entry.is_executable) {  // a link would make other files of the same content programs, too
      fs::copy_file(content, place, failed);
    } else {
      fs::create_hard_link(content, place, failed);
    }
    if (failed) return Unavailable(fmt::format("{}: {}", place.string(), failed.message()));
    chmod(place.c_str(), entry.is_executable ? kReadOnlyProgram : kReadOnly);
  }
  SetModeBelow(made, fs::perms(kReadOnlyProgram));
  fs::rename(made, VersionPath(version), failed);
  if (failed) return Unavailable(fmt::format("{}: {}", made.string(), failed.message()));
  // A folder that nobody may write to could not have been moved.
  fs::permissions(VersionPath(version), fs::perms(kReadOnlyProgram), failed);
  return Ok();
}

void DagCache::Finish(const std::string& version) {
  const Waiting waiting = std::move(waiting_.front());
  waiting_.pop_front();
  ++uses_[version];
  utimensat(AT_FDCWD, VersionPath(version).c_str(), nullptr, 0);  // it was used now
  RemoveOld();
  waiting.done(Folder{version, VersionPath(version)});
}

void DagCache::Fail(const std::string& reason) {
  const Waiting waiting = std::move(waiting_.front());
  waiting_.pop_front();
  waiting.done(Unavailable("the DAG files cannot be fetched: " + reason));
  Begin();
}

void DagCache::Release(const std::string& version) {
  const auto it = uses_.find(version);
  if (it != uses_.end() && --it->second == 0) uses_.erase(it);
}

void DagCache::RemoveOld() {
  std::vector<std::pair<fs::file_time_type, fs::path>> unused;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root_ + "/versions", ignored)) {
    if (uses_.contains(entry.path().filename())) continue;
    unused.emplace_back(entry.last_write_time(ignored), entry.path());
  }
  if (unused.size() <= kUnusedVersionsMax) return;
  std::sort(unused.begin(), unused.end());
  unused.resize(unused.size() - kUnusedVersionsMax);
  for (const auto& [time, path] : unused) RemoveFolder(path);
  RemoveUnusedContents();
}

void DagCache::RemoveUnusedContents() const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root_ + "/contents", ignored)) {
    if (entry.hard_link_count(ignored) == 1) fs::remove(entry.path(), ignored);
  }
}

}  // namespace beeflow
