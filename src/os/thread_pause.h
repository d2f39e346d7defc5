// Pauses that block the calling thread, for commands that have nothing else to do. What runs on an
// event loop arms a delay_timer.h instead.
#pragma once

#include "ports/pause.h"

namespace beeflow {

class ThreadPause : public Pause {
 public:
  void For(Duration span) override;
};

}  // namespace beeflow
