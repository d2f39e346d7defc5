#include "main/database_watch.h"

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "main/database.h"
#include "os/delay_timer.h"
#include "os/file_change_signal.h"
#include "os/folder_write_signal.h"
#include "store/postgres/connection.h"
#include "store/sqlite/database.h"

namespace beeflow {
namespace {

constexpr Duration kLookAgain = std::chrono::milliseconds(5);

// Waits for whatever tells of a change, or a signal that ends the command.
class WatchLoop : public ChangeWatch {
 public:
  WatchLoop() : signals_(io_, SIGINT, SIGTERM) {
    signals_.async_wait([this](const std::error_code&, int) { interrupted_ = true; });
  }

  Status Wait() override {
    io_.restart();
    while (!changed_ && !interrupted_) io_.run_one();
    changed_ = false;
    if (interrupted_) return Unavailable("interrupted");
    return BeforeLook();
  }

  // A file, which need not exist yet, or a folder with all files below it.
  Status Add(const std::string& path) {
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed)) {
      BEEFLOW_ASSIGN_OR_RETURN(auto folder,
                               FolderWriteSignal::Watch(io_, path, [this] { changed_ = true; }));
      folders_.push_back(std::move(folder));
      return Ok();
    }
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
    BEEFLOW_ASSIGN_OR_RETURN(auto file,
                             FileChangeSignal::Watch(io_, path, [this] { changed_ = true; }));
    files_.push_back(std::move(file));
    return Ok();
  }

 protected:
  // Before the caller looks at the database.
  virtual Status BeforeLook() = 0;

  asio::io_context io_;
  bool changed_ = false;

 private:
  asio::signal_set signals_;
  std::vector<std::unique_ptr<FileChangeSignal>> files_;
  std::vector<std::unique_ptr<FolderWriteSignal>> folders_;
  bool interrupted_ = false;
};

class SqliteWatch : public WatchLoop {
 public:
  SqliteWatch() : look_again_(io_) {}

  Status Open(const std::string& database) {
    BEEFLOW_ASSIGN_OR_RETURN(database_,
                             sqlite::Database::Open(database, sqlite::OpenMode::kExisting));
    BEEFLOW_RETURN_IF_ERROR(Add(database + "-wal"));
    return BeforeLook();
  }

 private:
  // The log file is written before the commit can be read: while someone is still at it, what the
  // caller reads now may be old, so that it is to look again. That holds for a commit too whose
  // writing began before the watch did: of it no event will come.
  Status BeforeLook() override {
    BEEFLOW_ASSIGN_OR_RETURN(const bool writing, database_->IsBeingWritten());
    if (writing) look_again_.Arm(kLookAgain, [this] { changed_ = true; });
    return Ok();
  }

  DelayTimer look_again_;
  std::unique_ptr<sqlite::Database> database_;
};

// Listens to what triggers announce; it is told after the commit.
class PostgresWatch : public WatchLoop {
 public:
  PostgresWatch() : socket_(io_) {}
  ~PostgresWatch() override { socket_.release(); }  // the connection's

  Status Open(const std::string& url) {
    BEEFLOW_ASSIGN_OR_RETURN(connection_, postgres::Connection::Open(url, {}));
    BEEFLOW_RETURN_IF_ERROR(connection_->ExecuteScript("LISTEN beeflow"));
    socket_.assign(PQsocket(connection_->handle()));
    AwaitNews();
    return Ok();
  }

 private:
  void AwaitNews() {
    socket_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const std::error_code&) {
      changed_ = true;
      is_lost_ = PQconsumeInput(connection_->handle()) == 0;
      while (PGnotify* news = PQnotifies(connection_->handle())) PQfreemem(news);
      if (!is_lost_) AwaitNews();
    });
  }

  Status BeforeLook() override { return is_lost_ ? Status(connection_->Failure(nullptr)) : Ok(); }

  std::unique_ptr<postgres::Connection> connection_;
  asio::posix::stream_descriptor socket_;
  bool is_lost_ = false;
};

template <typename Watch>
Result<std::unique_ptr<ChangeWatch>> Open(const std::string& database, const std::string& path) {
  auto watch = std::make_unique<Watch>();
  if (!path.empty()) BEEFLOW_RETURN_IF_ERROR(watch->Add(path));
  BEEFLOW_RETURN_IF_ERROR(watch->Open(database));
  return std::unique_ptr<ChangeWatch>(std::move(watch));
}

}  // namespace

Result<std::unique_ptr<ChangeWatch>> WatchDatabase(const Config& config, const std::string& path) {
  return UsesPostgres(config) ? Open<PostgresWatch>(DirectDatabaseUrl(config), path)
                              : Open<SqliteWatch>(config.Text("database", "path"), path);
}

}  // namespace beeflow
