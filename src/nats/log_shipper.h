// Sends the logs of attempts to control while they are written: each from the byte on that control
// has told, one piece at a time, so that what is written meanwhile goes along with the next one.
// The files here are a buffer, and are removed when control has them as a whole.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/json.h"
#include "os/delay_timer.h"

namespace beeflow {

class LogShipper {
 public:
  // `send` takes a `log` message of docs/formats/nats.md, and its body.
  using Send = std::function<void(const Json& message, const std::string& body)>;

  LogShipper(asio::io_context& io, std::string log_folder, Send send);

  // Before the attempt writes: its log is `log` below the log folder, and what it will write
  // belongs at `offset` of control's file.
  void Begin(const std::string& attempt_id, const std::string& log, int64_t offset);
  void OnWritten(const std::string& attempt_id);
  // The log is complete; `done` is called once control has all of it. Not from within.
  void Finish(const std::string& attempt_id, std::function<void()> done);
  // Control's answer.
  void OnAck(const Json& message);
  // What is not acknowledged may be lost, and is sent again.
  void SendAgain();
  // The same for what has waited for a second or two.
  void OnBeat();
  bool empty() const { return logs_.empty(); }

 private:
  struct Log {
    std::string path;
    int64_t begin = 0;         // of the attempt's text in our file
    int64_t offset = 0;        // of the same in control's
    int64_t acknowledged = 0;  // so many bytes
    int64_t sent = 0;          // up to there in the piece that is under way
    bool is_under_way = false;
    bool shrank = false;  // control is to cut its file
    int beats = 0;        // since the piece was sent
    std::function<void()> done;
  };

  void Ship(const std::string& attempt_id, Log* log);
  void ShipAll();
  void End(std::map<std::string, Log>::iterator it);

  asio::io_context& io_;
  const std::string log_folder_;
  const Send send_;
  std::map<std::string, Log> logs_;  // by attempt id
  DelayTimer soon_;
};

}  // namespace beeflow
