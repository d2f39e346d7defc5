#include "os/file_change_signal.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "os/inotify.h"

namespace beeflow {
namespace {
// The folder is watched rather than the file, whose inode may come and go.
constexpr uint32_t kMask = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;
}  // namespace

FileChangeSignal::FileChangeSignal(asio::io_context& io, std::string name,
                                   std::function<void()> callback)
    : name_(std::move(name)),
      callback_(std::move(callback)),
      inotify_(std::make_unique<Inotify>(io, [this](const std::vector<InotifyEvent>& events) {
        const bool ours = std::any_of(events.begin(), events.end(), [this](const auto& event) {
          return event.name == name_ || (event.mask & IN_Q_OVERFLOW) != 0;
        });
        if (ours) callback_();
      })) {}

FileChangeSignal::~FileChangeSignal() = default;

Result<std::unique_ptr<FileChangeSignal>> FileChangeSignal::Watch(asio::io_context& io,
                                                                  const std::string& path,
                                                                  std::function<void()> callback) {
  const std::filesystem::path file(path);
  std::unique_ptr<FileChangeSignal> signal(
      new FileChangeSignal(io, file.filename().string(), std::move(callback)));
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  BEEFLOW_RETURN_IF_ERROR(signal->inotify_->Add(folder, kMask | IN_ONLYDIR));
  return signal;
}

}  // namespace beeflow
