#include "main/lab_clock.h"

#include <csignal>

#include "os/system_clock.h"

namespace beeflow {

LabClock::LabClock() : signals_(io_, SIGINT, SIGTERM), timer_(io_) {
  signals_.async_wait([this](const std::error_code& failed, int) {
    if (!failed) interrupted_ = true;
  });
}

Time LabClock::Now() { return SystemClock().Now(); }

void LabClock::WaitUntil(Time moment) {
  bool due = false;
  timer_.Arm(moment, [&due] { due = true; });
  io_.restart();
  while (!due && !interrupted_ && io_.run_one() > 0) {
  }
  timer_.Disarm();
  io_.poll();  // a signal that came while something else was done
}

}  // namespace beeflow
