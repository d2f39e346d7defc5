// Settings of a worker process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "worker/container_engine.h"

namespace beeflow {

struct WorkerOptions {
  std::string socket_path;  // the attempt channel: connects to it
  std::string lock_path;    // held while a worker, or anything that it started, may live
  std::string temp_folder;  // the worker's own: emptied when it starts; made where it is missing
  std::string log_folder;   // the log paths of attempts are below it
  // Runs the zygote; `--fd N` is appended.
  std::vector<std::string> zygote = {"/usr/bin/python3", "-m", "beeflow_worker.zygote"};
  std::string python_path;  // the folder that holds beeflow_worker and airflow; "": none needed
  // "NAME=value", for the zygote and what it forks, besides our own environment.
  std::vector<std::string> zygote_environment;
  int max_concurrency = 1024;       // attempts at a time; further ones wait, in order
  int max_render_environments = 2;  // that render templates of one DAG file at a time
  int max_parses = 2;               // DAG files parsed at a time
  // Of an environment that runs no attempt; absent: no limit.
  std::optional<int64_t> memory_mb = 512;
  int64_t log_bytes_max = 0;                           // of one attempt; 0: no limit
  int64_t min_free_memory_bytes = int64_t{256} << 20;  // below it attempts start only one by one
  int64_t max_xcom_bytes = 4 << 20;  // of one XCom that comes with the end of an attempt
  Duration keep_alive = std::chrono::seconds(300);  // of what idles: environments, zygote, worker
  Duration stop_grace = std::chrono::seconds(5);    // between SIGTERM and SIGKILL
  ContainerOptions container;
  Duration zygote_start_limit = std::chrono::seconds(30);
};

}  // namespace beeflow
