// Logical replication: the change feed of PostgreSQL, and the lock of the leader.
//
// A slot hands out the committed inserts of the table change_log, in the order of their commits, to
// one consumer at a time, by the protocol of pgoutput
// (https://www.postgresql.org/docs/15/protocol-logicalrep-message-formats.html). It keeps what was
// not acknowledged: after a crash the changes come again.
//
// Threads: Await and Follow on one thread; the others any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "os/unique_fd.h"
#include "store/postgres/connection.h"

namespace beeflow::postgres {

// A position in the write-ahead log.
using Lsn = uint64_t;

// A row of the change log that is of interest to a Store. Absent values are empty.
struct LogEntry {
  int64_t sequence = 0;
  std::string table;
  std::string dag_id;
  std::string run_id;
  std::string task_id;
  std::optional<int> map_index;
  std::string pool;
};

// A committed transaction of the feed.
struct LoggedTransaction {
  uint32_t id = 0;
  Lsn end = 0;  // to acknowledge
  std::vector<LogEntry> entries;
};

// Turns messages of pgoutput, version 1, into transactions. kInvalid for what it cannot read.
class LogDecoder {
 public:
  // The transaction that the message completes, if it does.
  Result<std::optional<LoggedTransaction>> Decode(std::string_view message);

 private:
  Status ReadRelation(std::string_view message);
  Status ReadInsert(std::string_view message);

  std::vector<std::string> columns_;  // of the change log
  LoggedTransaction open_;
};

struct SlotHealth {
  std::string name;
  bool is_active = false;
  // Of the log that the server keeps for the slot, in bytes; absent where the slot is lost.
  std::optional<int64_t> lag_bytes;
  std::string wal_status;  // as in pg_replication_slots: reserved, extended, unreserved, lost
};

// The slot of the database; kNotFound where there is none.
Result<SlotHealth> ReadSlot(Connection* connection);

// What the server and the role must have for logical replication. kInvalid with the statement that
// an administrator has to run.
Status CheckServer(Connection* connection);
// The same; and makes the slot where it is missing or lost.
Status EnsureSlot(Connection* connection);

class Replication {
 public:
  // `url` reaches the server itself, not a pooler.
  explicit Replication(std::string url);
  Replication(const Replication&) = delete;
  Replication& operator=(const Replication&) = delete;
  ~Replication();

  // Waits until this process is the leader, however long: others hold the lock, or the server is
  // down. `on_waiting` is told, once, for what it waits. False where Stop was called.
  Result<bool> Await(const std::function<void(const std::string& reason)>& on_waiting);
  // A moment before trying again. False where Stop was called.
  bool Pause();
  // Any thread, and from signal handlers.
  void Stop();

  // Once it leads: starts the thread that reads the feed. `on_arrival` is called on that thread
  // after each transaction, whether it brought something to take or not; `on_lost` once, when the
  // feed has ended and another may lead.
  Status Follow(std::function<void()> on_arrival, std::function<void(const Error&)> on_lost);

  // At most about `max` entries: whole transactions, in order. They stay unacknowledged.
  std::vector<LoggedTransaction> Take(size_t max);
  bool has_changes() const;
  // All transactions that end before it have arrived.
  Lsn seen() const;
  // All that was taken so far has had its effect, durably.
  void Acknowledge();
  // What was taken and is not acknowledged comes again: all of it, or the last `count`
  // transactions.
  void PutBack();
  void PutBack(size_t count);

  // The transaction `id` of this process is about to commit, and has seen its own entries up to
  // `last_sequence`: they need not come again.
  void Expect(uint32_t id, int64_t last_sequence);

 private:
  Status Connect();
  Result<bool> AwaitLock(const std::function<void(const std::string&)>& on_waiting);
  bool Sleep(int milliseconds);
  void Run();
  Status ReadMessages();
  Status OnMessage(std::string_view message);
  void OnTransaction(LoggedTransaction transaction);
  Status SendStatus();
  void PutBackLast(size_t count);  // with the mutex held

  const std::string url_;
  UniqueFd wake_;  // an eventfd
  std::atomic<bool> stopped_ = false;
  std::unique_ptr<Connection> connection_;
  LogDecoder decoder_;
  std::function<void()> on_arrival_;
  std::function<void(const Error&)> on_lost_;
  std::thread thread_;

  mutable std::mutex mutex_;
  std::vector<LoggedTransaction> ready_;
  std::vector<LoggedTransaction> taken_;
  std::unordered_map<uint32_t, int64_t> expected_;
  Lsn seen_ = 0;          // the end of the last transaction, or of what held none
  Lsn acknowledged_ = 0;  // to be told to the server
  Lsn told_ = 0;
  bool wants_status_ = false;  // the server asked whether we are alive
};

}  // namespace beeflow::postgres
