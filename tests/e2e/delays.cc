// Loaded before the program by a test: makes what is quick as a rule take as long as a busy machine
// may let it take. BEEFLOW_TEST_SYNC_MS is for each sync of a file, BEEFLOW_TEST_WATCH_MS for the
// first watch of a folder.
#include <poll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace {

void Delay(const char* name) {
  if (const char* milliseconds = std::getenv(name)) poll(nullptr, 0, std::atoi(milliseconds));
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
