// Database connections that requests borrow: each belongs to one thread at a time, and there are no
// more of them than requests at once.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/result.h"

namespace beeflow {

// T is Catalog, SecretStore, ... Thread-safe. Leases must not outlive the pool.
template <typename T>
class StorePool {
 public:
  using Open = std::function<Result<std::unique_ptr<T>>()>;
  static constexpr size_t kKept = 4;  // that nobody uses

  class Lease {
   public:
    Lease() = default;
    Lease(StorePool* pool, std::unique_ptr<T> store) : pool_(pool), store_(std::move(store)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(store_, other.store_);
      return *this;
    }
    ~Lease() {
      if (store_) pool_->Return(std::move(store_));
    }
    T* get() const { return store_.get(); }
    T* operator->() const { return store_.get(); }
    explicit operator bool() const { return store_ != nullptr; }

   private:
    StorePool* pool_ = nullptr;
    std::unique_ptr<T> store_;
  };

  explicit StorePool(Open open) : open_(std::move(open)) {}

  Result<Lease> Borrow() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        Lease lease(this, std::move(free_.back()));
        free_.pop_back();
        return lease;
      }
    }
    BEEFLOW_ASSIGN_OR_RETURN(auto store, open_());
    return Lease(this, std::move(store));
  }

 private:
  void Return(std::unique_ptr<T> store) {
    const std::lock_guard lock(mutex_);
    if (free_.size() < kKept) free_.push_back(std::move(store));
  }

  const Open open_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace beeflow
