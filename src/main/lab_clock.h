// The time of `beeflow lab run`: waits on an event loop, which signals of the user end.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include "lab/lab_system.h"
#include "os/wall_timer.h"

namespace beeflow {

class LabClock : public LabTime {
 public:
  LabClock();
  Time Now() override;
  void WaitUntil(Time moment) override;
  bool interrupted() const override { return interrupted_; }

  // Whatever else is to be watched meanwhile; it runs in WaitUntil.
  asio::io_context& io() { return io_; }

 private:
  asio::io_context io_;
  asio::signal_set signals_;
  WallTimer timer_;
  bool interrupted_ = false;
};

}  // namespace beeflow
