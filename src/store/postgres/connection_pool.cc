#include "store/postgres/connection_pool.h"

#include <map>
#include <utility>

namespace beeflow::postgres {

Lease& Lease::operator=(Lease&& other) noexcept {
  GiveBack();
  pool_ = std::move(other.pool_);
  is_writer_ = other.is_writer_;
  connection_ = std::move(other.connection_);
  return *this;
}

void Lease::GiveBack() {
  if (connection_) pool_->Return(is_writer_, std::move(connection_));
  pool_.reset();
}

std::shared_ptr<ConnectionPool> ConnectionPool::For(const std::string& url) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<ConnectionPool>> pools;
  const std::lock_guard lock(mutex);
  std::shared_ptr<ConnectionPool>& pool = pools[url];
  if (!pool) pool = std::make_shared<ConnectionPool>(url);
  return pool;
}

void ConnectionPool::SetEpoch(int64_t epoch) {
  const std::lock_guard lock(mutex_);
  epoch_ = epoch;
}

std::optional<int64_t> ConnectionPool::epoch() const {
  const std::lock_guard lock(mutex_);
  return epoch_;
}

Result<Lease> ConnectionPool::Take(bool is_writer) {
  Kind& kind = is_writer ? writers_ : readers_;
  std::unique_ptr<Connection> connection;
  {
    std::unique_lock lock(mutex_);
    const bool is_free = returned_.wait_for(
        lock, kWaitMax, [&] { return !kind.idle.empty() || kind.open < kind.max; });
    if (!is_free) {
      return Unavailable("database " + name() + ": all connections of this process are in use");
    }
    if (kind.idle.empty()) {
      ++kind.open;
    } else {
      connection = std::move(kind.idle.back());
      kind.idle.pop_back();
    }
  }
  // The server may have closed it meanwhile, which reading tells.
  if (connection && PQconsumeInput(connection->handle()) != 1) connection.reset();
  if (!connection) {
    auto opened = Connection::Open(url_, {});
    if (!opened.ok()) {
      Return(is_writer, nullptr);
      return opened.error();
    }
    connection = std::move(*opened);
  }
  return Lease(shared_from_this(), is_writer, std::move(connection));
}

void ConnectionPool::Return(bool is_writer, std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    Kind& kind = is_writer ? writers_ : readers_;
    const bool is_good = connection && !connection->is_broken() &&
                         PQtransactionStatus(connection->handle()) == PQTRANS_IDLE;
    if (is_good) {
      kind.idle.push_back(std::move(connection));
    } else {
      --kind.open;
    }
  }
  returned_.notify_all();
}

}  // namespace beeflow::postgres
