#include "api/log_follow.h"

#include <array>
#include <fstream>

namespace beeflow {
namespace {

// The end of a try changes no file: it is looked for this often.
constexpr Duration kLookForEnd = std::chrono::milliseconds(250);

// Writes what the file has behind `position`, which moves on. False where nobody reads any more.
bool WriteRest(const std::string& path, std::streamoff* position, const HttpWrite& write) {
  std::ifstream file(path, std::ios::binary);
  if (!file || !file.seekg(*position)) return write("");
  std::array<char, 64 << 10> part;
  do {
    file.read(part.data(), part.size());
    const std::streamsize size = file.gcount();
    if (!write({part.data(), static_cast<size_t>(size)})) return false;
    *position += size;
  } while (file);
  return true;
}

}  // namespace

bool HasTryEnded(const TaskRecord& task, int try_number) {
  if (task.try_number > try_number || IsFinished(task.state)) return true;
  if (task.state == TaskState::kUpForRetry) return true;
  return task.state == TaskState::kNone && task.try_number >= try_number;
}

void FollowFile(const std::string& path, FileWait* wait, const std::function<bool()>& has_ended,
                const HttpWrite& write) {
  std::streamoff position = 0;
  while (true) {
    const bool ended = has_ended();  // before what is read next, which is then the last
    if (!WriteRest(path, &position, write) || ended) return;
    wait->For(kLookForEnd);
  }
}

}  // namespace beeflow
