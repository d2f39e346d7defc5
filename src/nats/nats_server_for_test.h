// A real nats-server for tests, on loopback, on a port that it keeps over restarts.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <asio/io_context.hpp>
#include <csignal>
#include <filesystem>
#include <string>

#include "base/json.h"
#include "nats/nats_options.h"
#include "os/event_loop_for_test.h"
#include "os/process.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {

class NatsServerForTest {
 public:
  ~NatsServerForTest() { Stop(); }

  // `more` goes into its configuration.
  void Start(asio::io_context& io, const std::string& more = "") {
    temp_.Write("nats-server.conf", "host: 127.0.0.1\nport: " + std::to_string(port_) +
                                        "\njetstream { store_dir: \"" + (temp_ / "data") +
                                        "\" }\nports_file_dir: \"" + temp_.path() +
                                        "\"\nlog_file: \"" + (temp_ / "log") + "\"\n" + more);
    SpawnRequest request;
    request.argv = {FindOnPath("nats-server", "/usr/sbin/nats-server"), "-c",
                    temp_ / "nats-server.conf"};
    Result<SpawnedProcess> process = Spawn(request);
    ASSERT_TRUE(process.ok()) << process.error().message;
    pid_ = process->pid;
    const std::string ports = "nats-server_" + std::to_string(pid_) + ".ports";
    ASSERT_TRUE(RunUntil(io, [&] {
      if (!std::filesystem::exists(temp_ / ports)) return false;
      const Result<Json> told = ParseJson(temp_.Read(ports));
      if (!told.ok()) return false;
      const std::string url = (*told)["nats"][0].get<std::string>();
      port_ = std::stoi(url.substr(url.rfind(':') + 1));
      return true;
    }));
  }

  void Stop() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  // Loses all that it had stored.
  void Wipe() {
    Stop();
    std::filesystem::remove_all(temp_ / "data");
  }

  NatsOptions Options() const {
    NatsOptions options;
    options.urls = "nats://127.0.0.1:" + std::to_string(port_);
    options.name = "test";
    return options;
  }

 private:
  TempFolder temp_;
  int port_ = -1;
  pid_t pid_ = 0;
};

}  // namespace beeflow
