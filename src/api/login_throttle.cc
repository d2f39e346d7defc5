#include "api/login_throttle.h"

#include <algorithm>

namespace beeflow {
namespace {

// A blank can stand in no address, so keys of different kinds never meet.
std::string KeyOf(const std::string& user, const std::string& address) {
  return "both " + address + " " + user;
}
std::string KeyOfAddress(const std::string& address) { return "address " + address; }
std::string KeyOfUser(const std::string& user) { return "user " + user; }

}  // namespace

Duration LoginThrottle::WaitOf(const std::string& key, int limit, Time now) const {
  const auto it = windows_.find(key);
  if (it == windows_.end() || it->second.end <= now || it->second.failures < limit) return {};
  return it->second.end - now;
}

Duration LoginThrottle::Wait(const std::string& user, const std::string& address, Time now) {
  const std::lock_guard lock(mutex_);
  return std::max({WaitOf(KeyOf(user, address), kOfUserAtAddress, now),
                   WaitOf(KeyOfAddress(address), kOfAddress, now),
                   WaitOf(KeyOfUser(user), kOfUser, now)});
}

void LoginThrottle::MakeRoom(Time now) {
  if (windows_.size() < kKept) return;
  std::erase_if(windows_, [now](const auto& window) { return window.second.end <= now; });
  if (windows_.size() < kKept) return;
  windows_.erase(
      std::min_element(windows_.begin(), windows_.end(),
                       [](const auto& a, const auto& b) { return a.second.end < b.second.end; }));
}

void LoginThrottle::Count(const std::string& key, Time now) {
  MakeRoom(now);
  Window& window = windows_[key];
  if (window.end <= now) window = {0, now + kWindow};
  ++window.failures;
}

void LoginThrottle::NoteFailure(const std::string& user, const std::string& address, Time now) {
  const std::lock_guard lock(mutex_);
  Count(KeyOf(user, address), now);
  Count(KeyOfAddress(address), now);
  Count(KeyOfUser(user), now);
}

void LoginThrottle::Forget(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  windows_.erase(KeyOf(user, address));
}

}  // namespace beeflow
