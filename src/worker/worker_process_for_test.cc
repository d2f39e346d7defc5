// A worker as a program of its own, for tests: `NAME=VALUE` arguments set its options.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <map>
#include <sstream>
#include <string>

#include "worker/worker.h"

int main(int argc, char** argv) {
  using beeflow::Duration;
  std::map<std::string, std::string> given;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=');
    if (equals == std::string::npos) return 2;
    given[argument.substr(0, equals)] = argument.substr(equals + 1);
  }
  const auto milliseconds = [&given](const char* name, Duration fallback) {
    const auto it = given.find(name);
    return it == given.end() ? fallback : std::chrono::milliseconds(std::stoi(it->second));
  };
  spdlog::set_default_logger(spdlog::stderr_logger_mt("worker"));
  beeflow::WorkerOptions options;
  options.socket_path = given["home"] + "/attempts.sock";
  options.lock_path = given["home"] + "/worker.lock";
  options.temp_folder = given["home"] + "/tmp";
  options.log_folder = given["home"] + "/logs";
  options.python_path = given["python_path"];
  options.keep_alive = milliseconds("keep_alive_ms", options.keep_alive);
  options.stop_grace = milliseconds("stop_grace_ms", options.stop_grace);
  if (given.contains("zygote")) {
    options.zygote.clear();
    std::istringstream words(given["zygote"]);
    for (std::string word; words >> word;) options.zygote.push_back(word);
  }
  options.container.folder = given["home"] + "/containers";
  if (given.contains("container_engine")) options.container.engine = given["container_engine"];
  if (given.contains("image")) options.container.defaults["image"] = given["image"];
  if (given.contains("concurrency")) options.max_concurrency = std::stoi(given["concurrency"]);
  if (given.contains("log_bytes_max")) options.log_bytes_max = std::stoll(given["log_bytes_max"]);
  if (given.contains("min_free_memory")) {
    options.min_free_memory_bytes = std::stoll(given["min_free_memory"]);
  }
  return beeflow::RunWorker(options);
}
