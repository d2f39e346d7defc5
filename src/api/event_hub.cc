#include "api/event_hub.h"

#include <algorithm>
#include <utility>

namespace beeflow {
namespace {

constexpr size_t kBatchMax = 500;                    // changes that are read and sent together
constexpr size_t kQueuedBytesMax = size_t{1} << 20;  // that wait for one listener

bool HasGap(const LoggedChanges& read, int64_t after) {
  return read.oldest > after + 1 || read.newest < after;
}

}  // namespace

EventHub::Listener::~Listener() { hub_->Leave(this); }

std::string EventHub::Listener::CatchUp() {
  const auto read = history_->Read(read_to_, kBatchMax);
  if (!read.ok() || HasGap(*read, read_to_)) {
    history_ = {};
    const std::lock_guard lock(hub_->mutex_);
    lost_ = true;
    return "";
  }
  if (read->changes.size() < kBatchMax) history_ = {};
  read_to_ = read->last;
  if (read->changes.empty()) return "";
  position_ = read->settled;
  return EventTextFor(MakeEventBatch(*read), filter_, 0);
}

std::optional<std::string> EventHub::Listener::Next(Duration quiet) {
  while (history_) {
    if (std::string text = CatchUp(); !text.empty()) return text;
  }
  std::unique_lock lock(hub_->mutex_);
  const auto has_news = [this] { return hub_->closed_ || lost_ || !queue_.empty(); };
  if (!wake_.wait_for(lock, quiet, has_news)) return BeatEvent(position_);
  if (hub_->closed_) return std::nullopt;
  const auto batches = std::exchange(queue_, {});
  queued_bytes_ = 0;
  if (std::exchange(lost_, false)) {
    position_ = hub_->settled_;
    return ResetEvent(position_);
  }
  lock.unlock();
  std::string text;
  for (const auto& batch : batches) {
    text += EventTextFor(*batch, filter_, position_);
    position_ = std::max(position_, batch->settled);
  }
  return text;
}

void EventHub::Notify() {
  if (!is_heard_.load()) return;
  ++commits_;
  commits_.notify_one();
}

void EventHub::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Listener* listener : listeners_) listener->wake_.notify_one();
}

Result<std::unique_ptr<EventHub::Listener>> EventHub::Listen(std::optional<int64_t> after,
                                                             EventFilter filter) {
  std::unique_ptr<Listener> listener(new Listener(this, std::move(filter)));
  BEEFLOW_ASSIGN_OR_RETURN(auto history, histories_.Borrow());
  const std::lock_guard lifetime(coming_and_going_);
  BEEFLOW_ASSIGN_OR_RETURN(const LoggedChanges end, history->End());
  const std::lock_guard lock(mutex_);
  const bool is_first = listeners_.empty();
  if (is_first) position_ = settled_ = end.settled;
  listener->position_ = after.value_or(settled_);
  listener->read_to_ = listener->position_;
  listener->lost_ = after && HasGap(end, *after);
  const bool is_behind = after && *after < position_;
  if (is_behind && !listener->lost_) listener->history_ = std::move(history);
  listeners_.insert(listener.get());
  if (is_first) {
    is_heard_ = true;
    reader_ = std::make_unique<ElasticThreads>(1, Duration(0));
    reader_->Run([this] { Serve(); });
  }
  return listener;
}

void EventHub::Leave(Listener* listener) {
  const std::lock_guard lifetime(coming_and_going_);
  {
    const std::lock_guard lock(mutex_);
    if (listeners_.erase(listener) == 0 || !listeners_.empty()) return;
    is_heard_ = false;
  }
  ++commits_;
  commits_.notify_one();
  reader_.reset();
}

void EventHub::Serve() {
  StorePool<ChangeHistory>::Lease history;
  while (true) {
    const uint32_t seen = commits_;
    if (!is_heard_) return;
    if (!history) {
      auto borrowed = histories_.Borrow();
      if (borrowed.ok()) history = std::move(*borrowed);
    }
    Result<bool> more = history ? Result<bool>(true) : Result<bool>(false);
    while (more.ok() && *more) more = ReadOn(history.get());
    commits_.wait(seen);
  }
}

Result<bool> EventHub::ReadOn(ChangeHistory* history) {
  // Only this thread moves the position while there is one.
  BEEFLOW_ASSIGN_OR_RETURN(const LoggedChanges read, history->Read(position_, kBatchMax));
  if (HasGap(read, position_)) {
    BEEFLOW_ASSIGN_OR_RETURN(const LoggedChanges end, history->End());
    LoseAll(end.settled);
    return true;
  }
  if (read.changes.empty()) return false;
  Deliver(read);
  return read.changes.size() >= kBatchMax;
}

void EventHub::Deliver(const LoggedChanges& read) {
  const auto batch = std::make_shared<const EventBatch>(MakeEventBatch(read));
  const std::lock_guard lock(mutex_);
  position_ = read.last;
  settled_ = read.settled;
  for (Listener* listener : listeners_) {
    if (listener->lost_) continue;
    listener->queue_.push_back(batch);
    listener->queued_bytes_ += batch->text.size();
    if (listener->queued_bytes_ > kQueuedBytesMax) {
      listener->lost_ = true;
      listener->queue_.clear();
    }
    listener->wake_.notify_one();
  }
}

void EventHub::LoseAll(int64_t settled) {
  const std::lock_guard lock(mutex_);
  position_ = settled_ = settled;
  for (Listener* listener : listeners_) {
    listener->lost_ = true;
    listener->queue_.clear();
    listener->wake_.notify_one();
  }
}

}  // namespace beeflow
