#include "os/folder_write_signal.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace beeflow {
namespace {
constexpr uint32_t kMask = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;
}  // namespace

FolderWriteSignal::FolderWriteSignal(asio::io_context& io, std::function<void()> callback)
    : callback_(std::move(callback)),
      inotify_(io, [this](const std::vector<InotifyEvent>& events) { OnEvents(events); }) {}

Result<std::unique_ptr<FolderWriteSignal>> FolderWriteSignal::Watch(
    asio::io_context& io, const std::string& folder, std::function<void()> callback) {
  std::unique_ptr<FolderWriteSignal> signal(new FolderWriteSignal(io, std::move(callback)));
  BEEFLOW_RETURN_IF_ERROR(signal->Add(folder));
  return signal;
}

// The watch comes first: what is made after it is told by an event, what was there before is found
// by looking. A folder that is found by both gives the same watch.
Status FolderWriteSignal::Add(const std::string& folder) {
  BEEFLOW_ASSIGN_OR_RETURN(const int watch, inotify_.Add(folder, kMask));
  folders_[watch] = folder;
  AddBelow(folder);
  return Ok();
}

// A folder that is gone again has nothing to tell.
void FolderWriteSignal::AddBelow(const std::string& folder) {
  std::error_code failed;
  for (std::filesystem::directory_iterator it(folder, failed), end; !failed && it != end;
       it.increment(failed)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) (void)Add(it->path().string());
  }
}

void FolderWriteSignal::OnEvents(const std::vector<InotifyEvent>& events) {
  for (const InotifyEvent& event : events) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      for (const auto& [watch, folder] : std::map(folders_)) AddBelow(folder);
    } else if ((event.mask & IN_IGNORED) != 0) {
      folders_.erase(event.watch);
    } else if ((event.mask & IN_ISDIR) != 0) {
      const auto it = folders_.find(event.watch);
      if (it != folders_.end()) (void)Add(it->second + "/" + event.name);
    }
  }
  callback_();
}

}  // namespace beeflow
