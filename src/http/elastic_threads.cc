#include "http/elastic_threads.h"

#include <system_error>
#include <thread>
#include <utility>

namespace beeflow {

void ElasticThreads::Run(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
    if (waiting_.size() > free_ && threads_ < most_ && StartThread()) return;
    if (threads_ > 0) {
      work_.notify_one();
      return;
    }
    // The system has no thread to give, and nobody else would ever do it.
    work = std::move(waiting_.front());
    waiting_.pop_front();
  }
  work();
}

bool ElasticThreads::StartThread() {
  try {
    std::thread([this] { Serve(); }).detach();
  } catch (const std::system_error&) {
    return false;
  }
  ++threads_;
  return true;
}

void ElasticThreads::Serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++free_;
    const bool found =
        work_.wait_for(lock, idle_, [this] { return stopping_ || !waiting_.empty(); });
    --free_;
    if (!found || waiting_.empty()) break;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
  --threads_;
  // Under the lock: whoever waits for it may destroy this object next.
  ended_.notify_all();
}

void ElasticThreads::Stop() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  work_.notify_all();
  ended_.wait(lock, [this] { return threads_ == 0; });
}

}  // namespace beeflow
