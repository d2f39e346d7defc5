#include "os/file_watcher.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "os/unique_fd.h"

namespace beeflow {
namespace {

constexpr uint32_t kFolderMask = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                 IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF;
constexpr uint32_t kLinkTargetMask = IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr uint32_t kParentMask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
// Editors and checkouts touch several files in a row, and some a file several times; what a burst
// brings is looked at once.
constexpr Duration kSettleTime = std::chrono::milliseconds(20);
constexpr std::string_view kIgnoreFile = ".airflowignore";
constexpr int64_t kIgnoreFileMax = 1 << 20;

std::string WithoutTrailingSlash(const std::string& path) {
  const std::string absolute = std::filesystem::absolute(path).lexically_normal().string();
  return absolute.size() > 1 && absolute.back() == '/' ? absolute.substr(0, absolute.size() - 1)
                                                       : absolute;
}

// Never holds DAG files, and is written to all the time.
bool IsNoise(std::string_view name) { return name == "__pycache__" || name == ".git"; }

bool IsDagFile(std::string_view path) { return path.ends_with(".py") || path.ends_with(".zip"); }

std::string ReadSmallFile(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info;
  if (!fd || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return "";
  std::string text(static_cast<size_t>(std::min<int64_t>(info.st_size, kIgnoreFileMax)), '\0');
  const ssize_t size = read(fd.get(), text.data(), text.size());
  text.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

std::vector<std::string> EntriesOf(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

struct FileWatcher::Scan {
  Files files;
  std::map<int, std::string> watches;
  // The folders on the way down, so that a link to one of them is not followed in circles.
  std::vector<std::pair<uint64_t, uint64_t>> above;
};

FileWatcher::FileWatcher(asio::io_context& io, const std::string& folder, IgnoreSyntax syntax,
                         Callbacks callbacks)
    : folder_(WithoutTrailingSlash(folder)),
      syntax_(syntax),
      callbacks_(std::move(callbacks)),
      settle_(io),
      inotify_(io, [this](const std::vector<InotifyEvent>& events) { OnEvents(events); }) {}

Result<std::vector<std::string>> FileWatcher::Start() {
  const std::string parent = std::filesystem::path(folder_).parent_path().string();
  BEEFLOW_ASSIGN_OR_RETURN(parent_watch_, inotify_.Add(parent, kParentMask | IN_ONLYDIR));
  files_ = ScanTree();
  std::vector<std::string> paths;
  for (const auto& [path, signature] : files_) paths.push_back(path);
  return paths;
}

FileWatcher::Files FileWatcher::ScanTree() {
  Scan scan;
  ScanFolder(folder_, IgnoreRules(syntax_), &scan);
  for (const auto& [watch, path] : watches_) {
    if (!scan.watches.contains(watch) && watch != parent_watch_) inotify_.Remove(watch);
  }
  watches_ = std::move(scan.watches);
  return std::move(scan.files);
}

void FileWatcher::ScanFolder(const std::string& folder, const IgnoreRules& rules, Scan* scan) {
  struct stat info;
  if (stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return;
  const std::pair<uint64_t, uint64_t> identity(info.st_dev, info.st_ino);
  if (std::find(scan->above.begin(), scan->above.end(), identity) != scan->above.end()) return;
  // Watched before it is listed, so that nothing can appear unseen in between.
  Watch(folder, kFolderMask | IN_ONLYDIR, scan);
  const std::string ignore_text = ReadSmallFile(fmt::format("{}/{}", folder, kIgnoreFile));
  std::vector<std::string> problems;
  const IgnoreRules below =
      ignore_text.empty() ? rules : rules.With(folder, ignore_text, &problems);
  for (const std::string& problem : problems) {
    if (warned_.insert(problem).second) callbacks_.warning(problem);
  }
  scan->above.push_back(identity);
  for (const std::string& name : EntriesOf(folder)) {
    if (!IsNoise(name)) ScanEntry(fmt::format("{}/{}", folder, name), below, scan);
  }
  scan->above.pop_back();
}

void FileWatcher::ScanEntry(const std::string& path, const IgnoreRules& rules, Scan* scan) {
  struct stat info;
  // A link that points nowhere is seen again when its folder changes.
  if (stat(path.c_str(), &info) != 0) return;
  if (S_ISDIR(info.st_mode)) {
    if (!rules.Ignores(path, true)) ScanFolder(path, rules, scan);
    return;
  }
  if (!S_ISREG(info.st_mode) || !IsDagFile(path) || rules.Ignores(path, false)) return;
  struct stat link_info;
  if (lstat(path.c_str(), &link_info) == 0 && S_ISLNK(link_info.st_mode)) {
    Watch(path, kLinkTargetMask, scan);
  }
  const int64_t modified_ns =
      static_cast<int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
  scan->files[path] = {info.st_dev, info.st_ino, info.st_size, modified_ns, info.st_mode};
}

void FileWatcher::Watch(const std::string& path, uint32_t mask, Scan* scan) {
  // IN_MASK_ADD: a folder may be the parent of the DAG folder at the same time, through a link.
  const Result<int> watch = inotify_.Add(path, mask | IN_MASK_ADD);
  if (watch.ok()) {
    scan->watches.emplace(*watch, path);
  } else if (watch.error().code != ErrorCode::kNotFound && warned_.insert(path).second) {
    callbacks_.warning(watch.error().message);
  }
}

bool FileWatcher::Matters(const InotifyEvent& event) const {
  if ((event.mask & IN_Q_OVERFLOW) != 0) return true;
  if ((event.mask & IN_IGNORED) != 0) return false;
  const bool in_tree = watches_.contains(event.watch);
  if (event.watch == parent_watch_ &&
      event.name == std::filesystem::path(folder_).filename().string()) {
    return true;
  }
  if (!in_tree || IsNoise(event.name)) return false;
  if (event.name.empty()) return true;  // a watched folder or link target itself
  if ((event.mask & IN_ISDIR) != 0) return (event.mask & ~(IN_ISDIR | IN_ATTRIB)) != 0;
  if ((event.mask & IN_CREATE) != 0) return !IsBeingWritten(event);
  // What is moved or deleted may have been a link to a folder, whatever its name.
  const bool is_written = (event.mask & (IN_CLOSE_WRITE | IN_ATTRIB)) != 0;
  return !is_written || IsDagFile(event.name) || event.name == kIgnoreFile;
}

// A new file matters when it is closed; other new entries are there at once.
bool FileWatcher::IsBeingWritten(const InotifyEvent& event) const {
  struct stat info;
  const std::string path = fmt::format("{}/{}", watches_.at(event.watch), event.name);
  return lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1;
}

void FileWatcher::OnEvents(const std::vector<InotifyEvent>& events) {
  const bool matters = std::any_of(events.begin(), events.end(),
                                   [this](const InotifyEvent& event) { return Matters(event); });
  if (matters && !settle_.armed()) settle_.Arm(kSettleTime, [this] { Rescan(); });
}

void FileWatcher::Rescan() {
  Files now = ScanTree();
  std::vector<FileChange> changes;
  for (const auto& [path, signature] : now) {
    const auto before = files_.find(path);
    if (before == files_.end() || before->second != signature) changes.push_back({path, false});
  }
  for (const auto& [path, signature] : files_) {
    if (!now.contains(path)) changes.push_back({path, true});
  }
  files_ = std::move(now);
  std::sort(changes.begin(), changes.end(),
            [](const FileChange& a, const FileChange& b) { return a.path < b.path; });
  if (!changes.empty()) callbacks_.changed(changes);
}

}  // namespace beeflow
