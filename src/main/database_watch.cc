#include "main/database_watch.h"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <utility>

#include "os/delay_timer.h"
#include "os/file_change_signal.h"
#include "os/folder_write_signal.h"
#include "store/sqlite/database.h"

namespace beeflow {
namespace {

constexpr Duration kLookAgain = std::chrono::milliseconds(5);

class InotifyWatch : public ChangeWatch {
 public:
  static Result<std::unique_ptr<ChangeWatch>> Make(const std::string& database,
                                                   const std::string& path) {
    auto watch = std::make_unique<InotifyWatch>();
    BEEFLOW_ASSIGN_OR_RETURN(watch->database_,
                             sqlite::Database::Open(database, sqlite::OpenMode::kExisting));
    BEEFLOW_RETURN_IF_ERROR(watch->Add(database + "-wal"));
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed)) {
      BEEFLOW_ASSIGN_OR_RETURN(
          watch->folder_,
          FolderWriteSignal::Watch(watch->io_, path, [w = watch.get()] { w->changed_ = true; }));
    } else if (!path.empty()) {
      BEEFLOW_RETURN_IF_ERROR(watch->Add(path));
    }
    BEEFLOW_RETURN_IF_ERROR(watch->LookAgainWhileWritten());
    return std::unique_ptr<ChangeWatch>(std::move(watch));
  }

  InotifyWatch() : signals_(io_, SIGINT, SIGTERM), look_again_(io_) {
    signals_.async_wait([this](const std::error_code&, int) { interrupted_ = true; });
  }

  Status Wait() override {
    io_.restart();
    while (!changed_ && !interrupted_) io_.run_one();
    changed_ = false;
    if (interrupted_) return Unavailable("interrupted");
    return LookAgainWhileWritten();
  }

 private:
  // The log file is written before the commit can be read: while someone is still at it, what the
  // caller reads now may be old, so that it is to look again. That holds for a commit too whose
  // writing began before the watch did: of it no event will come.
  Status LookAgainWhileWritten() {
    BEEFLOW_ASSIGN_OR_RETURN(const bool writing, database_->IsBeingWritten());
    if (writing) look_again_.Arm(kLookAgain, [this] { changed_ = true; });
    return Ok();
  }

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
  DelayTimer look_again_;
  std::unique_ptr<sqlite::Database> database_;
  std::vector<std::unique_ptr<FileChangeSignal>> watched_;
  std::unique_ptr<FolderWriteSignal> folder_;
  bool changed_ = false;
  bool interrupted_ = false;
};

}  // namespace

Result<std::unique_ptr<ChangeWatch>> WatchDatabase(const Config& config, const std::string& path) {
  return InotifyWatch::Make(config.Text("database", "path"), path);
}

}  // namespace beeflow
