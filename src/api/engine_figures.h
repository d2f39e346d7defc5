// What the engine counts, as of one moment between two turns.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace beeflow {

// Of a queue whose tasks run on workers elsewhere.
struct EngineQueue {
  int64_t waiting = 0;  // attempts that no worker has
  int64_t running = 0;
  double oldest_wait_seconds = 0;  // of those that wait
  int64_t workers = 0;             // that serve it
  int64_t slots = 0;               // that these have
};

struct EngineFigures {
  uint64_t turns = 0;
  uint64_t commits = 0;
  uint64_t transitions = 0;
  uint64_t rejected = 0;  // transitions whose guard no longer held
  uint64_t reloads = 0;   // times the scheduler was made from the database
  int64_t parallelism = 0;
  int64_t attempts_waiting = 0;               // for a worker
  int64_t attempts_running = 0;               // or on their way to the worker
  std::map<std::string, EngineQueue> queues;  // by name
  std::optional<bool> nats_connected;         // absent: tasks run on this host only
  int64_t nats_repairs = 0;                   // what NATS had lost, and was sent again
  // Task instances that ended since the start, by DAG ("" for those beyond the first thousand) and
  // state.
  std::map<std::string, std::map<std::string, uint64_t>> task_ends;
};

}  // namespace beeflow
