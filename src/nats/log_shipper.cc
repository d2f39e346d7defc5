#include "nats/log_shipper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <filesystem>
#include <utility>

#include "os/unique_fd.h"

namespace beeflow {
namespace {

// Lines that come close to each other go together.
constexpr Duration kSoon = std::chrono::milliseconds(20);
constexpr int64_t kPieceBytesMax = 512 * 1024;
constexpr int kBeatsMax = 2;

int64_t SizeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_size : 0;
}

}  // namespace

LogShipper::LogShipper(asio::io_context& io, std::string log_folder, Send send)
    : io_(io), log_folder_(std::move(log_folder)), send_(std::move(send)), soon_(io) {}

void LogShipper::Begin(const std::string& attempt_id, const std::string& log, int64_t offset) {
  Log& made = logs_[attempt_id];
  made.path = fmt::format("{}/{}", log_folder_, log);
  made.begin = SizeOf(made.path);
  made.offset = offset;
}

void LogShipper::OnWritten(const std::string& attempt_id) {
  const auto it = logs_.find(attempt_id);
  if (it == logs_.end()) return;
  Log& log = it->second;
  // It has lost lines in its middle, and so begins anew.
  if (SizeOf(log.path) < log.begin + std::max(log.acknowledged, log.sent)) {
    log.acknowledged = 0;
    log.is_under_way = false;
    log.shrank = true;
  }
  if (!soon_.armed()) soon_.Arm(kSoon, [this] { ShipAll(); });
}

void LogShipper::ShipAll() {
  for (auto& [attempt_id, log] : logs_) Ship(attempt_id, &log);
}

void LogShipper::Ship(const std::string& attempt_id, Log* log) {
  if (log->is_under_way) return;
  const int64_t size = SizeOf(log->path) - log->begin - log->acknowledged;
  if (size <= 0) return;
  const UniqueFd file(open(log->path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string piece(static_cast<size_t>(std::min(size, kPieceBytesMax)), '\0');
  const ssize_t bytes =
      file ? pread(file.get(), piece.data(), piece.size(), log->begin + log->acknowledged) : -1;
  if (bytes <= 0) return;
  piece.resize(static_cast<size_t>(bytes));
  log->is_under_way = true;
  log->beats = 0;
  log->sent = log->acknowledged + bytes;
  send_({{"op", "log"},
         {"attempt_id", attempt_id},
         {"offset", log->offset + log->acknowledged},
         {"cut", log->shrank}},
        piece);
  log->shrank = false;
}

void LogShipper::Finish(const std::string& attempt_id, std::function<void()> done) {
  const auto it = logs_.find(attempt_id);
  if (it == logs_.end()) return asio::post(io_, std::move(done));
  it->second.done = std::move(done);
  Ship(attempt_id, &it->second);
  if (it->second.is_under_way) return;
  End(it);
}

void LogShipper::End(std::map<std::string, Log>::iterator it) {
  const Log log = std::move(it->second);
  logs_.erase(it);
  asio::post(io_, log.done);
  std::error_code ignored;
  std::filesystem::remove(log.path, ignored);
  // Its folders, where they are empty now.
  std::filesystem::path folder = std::filesystem::path(log.path).parent_path();
  while (folder.string().size() > log_folder_.size() && std::filesystem::remove(folder, ignored)) {
    folder = folder.parent_path();
  }
}

void LogShipper::OnAck(const Json& message) {
  JsonReader reader(message, "control's answer to a log");
  const auto it = logs_.find(reader.String("attempt_id"));
  if (it == logs_.end()) return;
  Log& log = it->second;
  if (reader.Boolean("gone", false)) {  // nobody wants the rest
    if (log.done) return End(it);
    logs_.erase(it);
    return;
  }
  const int64_t offset = reader.Integer("offset", -1, -1, INT64_MAX) - log.offset;
  // An answer to a piece from before the file shrank, or that was sent twice.
  if (!log.is_under_way || offset < 0 || offset > log.sent) return;
  log.is_under_way = false;
  log.acknowledged = offset;
  Ship(it->first, &log);
  if (log.done && !log.is_under_way) End(it);
}

void LogShipper::SendAgain() {
  for (auto& [attempt_id, log] : logs_) log.is_under_way = false;
  ShipAll();
}

void LogShipper::OnBeat() {
  for (auto& [attempt_id, log] : logs_) {
    if (!log.is_under_way || ++log.beats <= kBeatsMax) continue;
    log.is_under_way = false;
    Ship(attempt_id, &log);
  }
}

}  // namespace beeflow
