// Counts failed sign-ins, so that guessing a password takes for ever. An address of IPv6 stands for
// its network of 64 bits. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/time.h"

namespace beeflow {

class LoginThrottle {
 public:
  static constexpr Duration kWindow = std::chrono::minutes(5);
  // Failures within a window, after which nobody is heard until it ends: of one user from one
  // address; of one address, which may serve many people; of one user, whom so many addresses can
  // keep out for a while, but not guess.
  static constexpr int kOfUserAtAddress = 5;
  static constexpr int kOfAddress = 20;
  static constexpr int kOfUser = 100;

  // How long until the next attempt is heard; zero: it is now.
  Duration Wait(const std::string& user, const std::string& address, Time now);
  void NoteFailure(const std::string& user, const std::string& address, Time now);
  // After a success.
  void Forget(const std::string& user, const std::string& address);

 private:
  static constexpr size_t kKept = 30'000;  // about 5 MB; 15 where all names are as long as can be

  struct Window {
    int failures = 0;
    Time end{};
  };

  Duration WaitOf(const std::string& key, int limit, Time now) const;
  void Count(const std::string& key, Time now);
  void MakeRoom(Time now);

  std::mutex mutex_;
  std::map<std::string, Window> windows_;
};

}  // namespace beeflow
