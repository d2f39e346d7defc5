// Hands committed changes to everyone who listens. One thread reads each of them once, for all, and
// there is one only while somebody listens.
//
// Threads: all of it may be called from any thread. Close before the server stops, so that streams
// end at once; listeners must not outlive the hub.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

#include "api/event_text.h"
#include "api/store_pool.h"
#include "base/time.h"
#include "http/elastic_threads.h"
#include "ports/change_history.h"

namespace beeflow {

class EventHub {
 public:
  // One who listens, on one thread.
  class Listener {
   public:
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // The next events as they are to be sent. Waits for them, at most for `quiet`: then it is a
    // beat. Nothing once the hub is closed. One who comes too rarely loses events, and is told so
    // by a reset.
    std::optional<std::string> Next(Duration quiet);
    // Up to which Next has passed all changes.
    int64_t position() const { return position_; }

   private:
    friend class EventHub;
    Listener(EventHub* hub, EventFilter filter) : hub_(hub), filter_(std::move(filter)) {}

    // Reads on from the history; "" where nothing of it is wanted.
    std::string CatchUp();

    EventHub* const hub_;
    const EventFilter filter_;
    int64_t position_ = 0;
    int64_t read_to_ = 0;                      // of the history
    StorePool<ChangeHistory>::Lease history_;  // while it has to catch up
    // The rest is guarded by the hub's mutex.
    std::condition_variable wake_;
    std::deque<std::shared_ptr<const EventBatch>> queue_;
    size_t queued_bytes_ = 0;
    bool lost_ = false;  // events that it should have had
  };

  explicit EventHub(StorePool<ChangeHistory>::Open open) : histories_(std::move(open)) {}
  ~EventHub() { BEEFLOW_CHECK(listeners_.empty()); }
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  // Something may have been committed. Costs nothing while nobody listens, and little otherwise.
  void Notify();
  // Ends all listening, for good.
  void Close();

  // From what comes next, or from what comes behind the change `after`: where that is no longer
  // known, the first event is a reset.
  Result<std::unique_ptr<Listener>> Listen(std::optional<int64_t> after, EventFilter filter);

 private:
  void Leave(Listener* listener);
  void Serve();
  // One look at the history; false at its end.
  Result<bool> ReadOn(ChangeHistory* history);
  void Deliver(const LoggedChanges& read);
  void LoseAll(int64_t settled);

  StorePool<ChangeHistory> histories_;
  std::mutex coming_and_going_;             // taken before the other
  std::unique_ptr<ElasticThreads> reader_;  // one thread, while there are listeners
  std::atomic<uint32_t> commits_{0};
  std::atomic<bool> is_heard_{false};  // there are listeners

  std::mutex mutex_;
  std::unordered_set<Listener*> listeners_;
  int64_t position_ = 0;  // of the reader
  int64_t settled_ = 0;   // see LoggedChanges
  bool closed_ = false;
};

}  // namespace beeflow
