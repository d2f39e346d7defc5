#include "api/login_throttle.h"

#include <arpa/inet.h>

#include <algorithm>

namespace beeflow {
namespace {

// Whoever has one address of IPv6 has all of its network, which 64 bits name.
std::string NetworkOf(const std::string& address) {
  in6_addr bytes{};
  if (inet_pton(AF_INET6, address.c_str(), &bytes) != 1) return address.substr(0, INET6_ADDRSTRLEN);
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) return address.substr(address.rfind(':') + 1);
  constexpr size_t kNetworkBytes = 8;
  std::fill(bytes.s6_addr + kNetworkBytes, bytes.s6_addr + sizeof bytes.s6_addr, uint8_t{0});
  std::string text(INET6_ADDRSTRLEN, '\0');
  inet_ntop(AF_INET6, &bytes, text.data(), INET6_ADDRSTRLEN);
  text.resize(text.find('\0'));
  return text;
}

// No name that is longer has a user; what is kept of one is bounded.
std::string NameOf(const std::string& user) {
  constexpr size_t kLongest = 256;
  return user.substr(0, kLongest);
}

// A blank can stand in no address, so keys of different kinds never meet.
std::string KeyOf(const std::string& user, const std::string& address) {
  return "both " + NetworkOf(address) + " " + NameOf(user);
}
std::string KeyOfAddress(const std::string& address) { return "address " + NetworkOf(address); }
std::string KeyOfUser(const std::string& user) { return "user " + NameOf(user); }

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
