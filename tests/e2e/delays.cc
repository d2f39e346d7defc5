// Loaded before the program by a test: makes what is quick as a rule take as long as a busy machine
// may let it take. BEEFLOW_TEST_SYNC_MS is for each sync of a file, BEEFLOW_TEST_WATCH_MS for the
// first watch of a folder. BEEFLOW_TEST_CLOCK_SECONDS is how far the clock goes ahead.
#include <poll.h>
#include <pthread.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

void Delay(const char* name) {
  if (const char* milliseconds = std::getenv(name)) poll(nullptr, 0, std::atoi(milliseconds));
}

time_t Ahead() {
  const char* const seconds = std::getenv("BEEFLOW_TEST_CLOCK_SECONDS");
  return seconds ? std::atoi(seconds) : 0;
}

}  // namespace

extern "C" int fdatasync(int descriptor) {
  Delay("BEEFLOW_TEST_SYNC_MS");
  return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}

extern "C" int inotify_add_watch(int descriptor, const char* path, uint32_t mask) {
  static bool is_first = true;
  if (is_first) Delay("BEEFLOW_TEST_WATCH_MS");
  is_first = false;
  return static_cast<int>(syscall(SYS_inotify_add_watch, descriptor, path, mask));
}

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += Ahead();
  return result;
}

extern "C" int gettimeofday(timeval* now, void* /*zone*/) noexcept {
  timespec exact{};
  clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

extern "C" time_t time(time_t* now) noexcept {
  timespec exact{};
  clock_gettime(CLOCK_REALTIME, &exact);
  if (now) *now = exact.tv_sec;
  return exact.tv_sec;
}

extern "C" int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                      const timespec* until) {
  timespec moved = *until;
  moved.tv_sec -= Ahead();
  return pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, &moved);
}

// Only a timer of the clock that may be set has this flag.
extern "C" int timerfd_settime(int timer, int flags, const itimerspec* at,
                               itimerspec* before) noexcept {
  itimerspec moved = *at;
  if ((flags & TFD_TIMER_CANCEL_ON_SET) != 0) moved.it_value.tv_sec -= Ahead();
  return static_cast<int>(syscall(SYS_timerfd_settime, timer, flags, &moved, before));
}
