#include "os/thread_pause.h"

#include <thread>

namespace beeflow {

void ThreadPause::For(Duration span) { std::this_thread::sleep_for(span); }

}  // namespace beeflow
