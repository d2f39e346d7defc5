// The few connections that a process has to a PostgreSQL database, whatever it does at a time: one
// that writes, and some that read. They are opened when they are first needed; one that broke is
// replaced.
//
// Threads: any. A thread that waits for a connection is given up after kWaitMax.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/postgres/connection.h"

namespace beeflow::postgres {

// A transaction of Beeflow that writes waits for all others that do. The number is "beeflow" in
// ASCII.
inline constexpr const char* kAwaitWriters = "SELECT pg_advisory_xact_lock(27696033902129015)";
inline constexpr const char* kEpoch = "SELECT epoch FROM leader WHERE id = 1";

class ConnectionPool;

// A connection that is lent, and goes back at the end.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease() { GiveBack(); }

  void GiveBack();
  Connection* get() const { return connection_.get(); }
  Connection* operator->() const { return connection_.get(); }
  explicit operator bool() const { return connection_ != nullptr; }

 private:
  friend class ConnectionPool;
  Lease(std::shared_ptr<ConnectionPool> pool, bool is_writer,
        std::unique_ptr<Connection> connection)
      : pool_(std::move(pool)), is_writer_(is_writer), connection_(std::move(connection)) {}

  std::shared_ptr<ConnectionPool> pool_;
  bool is_writer_ = false;
  std::unique_ptr<Connection> connection_;
};

class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
 public:
  static constexpr int kReadersMax = 3;
  static constexpr std::chrono::seconds kWaitMax{30};

  // All users of one database in this process share its pool.
  static std::shared_ptr<ConnectionPool> For(const std::string& url);

  explicit ConnectionPool(std::string url) : url_(std::move(url)) {}

  const std::string& url() const { return url_; }
  // What messages call the database.
  std::string name() const { return WithoutPassword(url_); }

  Result<Lease> Writer() { return Take(true); }
  Result<Lease> Reader() { return Take(false); }

  // From now on whoever writes must hold this epoch of the leader (see leadership.h).
  void SetEpoch(int64_t epoch);
  std::optional<int64_t> epoch() const;

 private:
  friend class Lease;
  struct Kind {
    int max = 1;
    int open = 0;  // lent ones included
    std::vector<std::unique_ptr<Connection>> idle;
  };

  Result<Lease> Take(bool is_writer);
  void Return(bool is_writer, std::unique_ptr<Connection> connection);

  const std::string url_;
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  Kind writers_;
  Kind readers_{kReadersMax, 0, {}};
  std::optional<int64_t> epoch_;
};

}  // namespace beeflow::postgres
