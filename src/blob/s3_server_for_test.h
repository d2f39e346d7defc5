// A real S3 server for tests: tests/s3/server.js in a process of its own, on loopback.
#pragma once

#include <string>
#include <vector>

#include "blob/s3_client.h"
#include "os/process.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {

// Counts what it is asked to wait, and does not.
class CountedPause : public Pause {
 public:
  void For(Duration span) override { pauses.push_back(span); }
  std::vector<Duration> pauses;
};

class S3Server {
 public:
  // One for the whole test program, started by the first call.
  static S3Server& Get();
  ~S3Server();

  std::string url() const { return "http://127.0.0.1:" + port_; }
  // The server's bucket `lab` with credentials that it accepts, and three tries.
  S3Options Options(Pause* pause) const;

  // What happens to the next requests, as a list in JSON; see server.js. Lists come in pages of
  // `page` keys. Returns the requests since the last call: "METHOD URL STATUS".
  std::vector<std::string> Arrange(const std::string& faults = "[]", int page = 1000);

 private:
  S3Server();
  std::string ReadLine();

  TempFolder folder_;
  UniqueFd to_;
  UniqueFd from_;
  pid_t pid_ = 0;
  std::string port_;
};

}  // namespace beeflow
