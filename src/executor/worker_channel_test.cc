// The attempt channel with processes that end at awkward moments.
#include "executor/worker_channel.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "os/event_loop_for_test.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

// Says hello, sends COUNT messages, more than are read at once, and is gone.
constexpr const char* kShortLivedWorker = R"(
import json, socket, struct, sys
channel = socket.socket(socket.AF_UNIX)
channel.connect(sys.argv[1])
def pack(frame):
    body = json.dumps(frame).encode()
    return struct.pack(">I", len(body)) + body
channel.sendall(pack({"op": "hello", "protocol": 1, "worker": "w", "pid": 1, "attempts": []}))
channel.sendall(b"".join(pack({"op": "report", "report": n}) for n in range(int(sys.argv[2]))))
)";

// In whatever order the end of the process and its last words come in.
TEST(WorkerChannelTest, AllThatAWorkerSentIsReadBeforeItIsGone) {
  const TempFolder temp;
  asio::io_context io;
  WorkerChannelOptions options;
  options.socket_path = temp / "attempts.sock";
  options.lock_path = temp / "worker.lock";
  options.worker_argv = {"/usr/bin/python3", "-c", kShortLivedWorker, options.socket_path, "2500"};
  int messages = 0;
  std::optional<int> messages_at_end;
  WorkerChannel::Callbacks callbacks;
  callbacks.on_hello = [](const Json&) {
    siginfo_t info;
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);  // its end is known before its last words are read
  };
  callbacks.on_message = [&](const Json&) { ++messages; };
  callbacks.on_gone = [&] { messages_at_end = messages; };
  callbacks.on_unavailable = [](const std::string& reason) { ADD_FAILURE() << reason; };
  WorkerChannel channel(io, options, callbacks);
  ASSERT_TRUE(channel.Listen().ok());
  channel.Want();
  ASSERT_TRUE(RunUntil(io, [&] { return messages_at_end.has_value(); }));
  EXPECT_EQ(messages_at_end, 2500);
}

}  // namespace
}  // namespace beeflow
