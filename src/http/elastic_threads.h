// Threads that come with the work and go without it: a server that nobody asks holds none, and
// answers that stay open (events, logs) keep nobody else waiting.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

#include "base/time.h"

namespace beeflow {

class ElasticThreads {
 public:
  // At most `most` threads; what comes while all are busy waits for one. A thread without work ends
  // after `idle`.
  ElasticThreads(size_t most, Duration idle) : most_(most), idle_(idle) {}
  ~ElasticThreads() { Stop(); }
  ElasticThreads(const ElasticThreads&) = delete;
  ElasticThreads& operator=(const ElasticThreads&) = delete;

  // From any thread. Runs `work` on a thread of its own or on one that is free; on the caller's
  // where the system has no threads left.
  void Run(std::function<void()> work);
  // Waits until all that was handed over is done and the threads have ended. Not from one of them.
  void Stop();

 private:
  bool StartThread();  // false where the system has none to give
  void Serve();

  const size_t most_;
  const Duration idle_;
  std::mutex mutex_;
  std::condition_variable work_;   // there is some, or it ends
  std::condition_variable ended_;  // a thread has
  std::deque<std::function<void()>> waiting_;
  size_t threads_ = 0;
  size_t free_ = 0;
  bool stopping_ = false;
};

}  // namespace beeflow
