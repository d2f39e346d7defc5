#include "main/database_watch.h"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <utility>

#include "os/file_change_signal.h"

namespace beeflow {
namespace {

class InotifyWatch : public ChangeWatch {
 public:
  static Result<std::unique_ptr<ChangeWatch>> Make(const std::string& database,
                                                   const std::string& path) {
    auto watch = std::make_unique<InotifyWatch>();
    BEEFLOW_RETURN_IF_ERROR(watch->Add(database + "-wal"));
    if (!path.empty()) BEEFLOW_RETURN_IF_ERROR(watch->Add(path));
    return std::unique_ptr<ChangeWatch>(std::move(watch));
  }

  InotifyWatch() : signals_(io_, SIGINT, SIGTERM) {
    signals_.async_wait([this](const std::error_code&, int) { interrupted_ = true; });
  }

  Status Wait() override {
    io_.restart();
    while (!changed_ && !interrupted_) io_.run_one();
    changed_ = false;
    if (interrupted_) return Unavailable("interrupted");
    return Ok();
  }

 private:
  Status Add(const std::string& path) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    BEEFLOW_ASSIGN_OR_RETURN(auto signal,
                             FileChangeSignal::Watch(io_, path, [this] { changed_ = true; }));
    watched_.push_back(std::move(signal));
    return Ok();
  }

  asio::io_context io_;
  asio::signal_set signals_;
  std::vector<std::unique_ptr<FileChangeSignal>> watched_;
  bool changed_ = false;
  bool interrupted_ = false;
};

}  // namespace

Result<std::unique_ptr<ChangeWatch>> WatchDatabase(const Config& config, const std::string& path) {
  return InotifyWatch::Make(config.Text("database", "path"), path);
}

}  // namespace beeflow
