// What executors tell of an attempt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/records.h"

namespace beeflow {

enum class Outcome : uint8_t {
  kRunning,  // the attempt's process has started
  kSuccess,
  kFailed,  // retried while tries are left
  kFailedWithoutRetry,
  kSkipped,
  kDeferred,     // it waits for a trigger
  kRescheduled,  // it is to be tried again later, as the same try
  kTriggered,    // the attempt was that of a trigger, which fired or failed
  kLost,         // the attempt ended without a report: failed or retried, with the reason
};

// What a deferred task instance waits for, and how it goes on.
struct Deferral {
  std::string trigger_class;
  std::string trigger_kwargs;  // JSON text
  std::optional<Duration> timeout;
  std::string next_method;
  std::string next_kwargs;  // JSON text
};

// What a trigger adds to next_kwargs.
struct TriggerEvent {
  std::string key;    // "event" or "error"
  std::string value;  // JSON text
};

// A dataset was updated.
struct DatasetEvent {
  std::string dataset;  // its name, see dag/dataset_condition.h
  std::string alias;    // the name of the alias that it was reached by; "" for none
  std::string extra;    // JSON text; "" where there is none
};

// What an attempt took; absent is what is not known.
struct AttemptUsage {
  std::string start_type;   // "direct", "cold", "warm", "container"; "": it did not start
  std::string environment;  // names the process environment; "" where there was none
  std::optional<double> queue_seconds;  // from its queueing until its worker began with it
  std::optional<double> start_seconds;  // from there until its own code was reached
  std::optional<double> cpu_seconds;    // of all its processes that were waited for
  std::optional<int64_t> memory_bytes;  // the most that one of its processes had resident
  std::optional<int64_t> exit_code;
  std::optional<int64_t> exit_signal;
};

struct Report {
  AttemptId attempt = 0;
  RunKey run;
  std::string task_id;
  int map_index = -1;
  int try_number = 0;  // of the attempt
  Outcome outcome = Outcome::kRunning;
  std::optional<Time> start_date;
  std::optional<Time> end_date;  // present where the attempt ended
  std::string hostname;
  int64_t pid = 0;
  std::string reason;                                       // one line for people
  std::vector<std::pair<std::string, std::string>> xcoms;   // key, JSON text
  std::optional<int64_t> map_length;                        // items of the returned value
  std::string rendered_map_index = {};                      // by map_index_template; "": none
  std::optional<Deferral> deferral;                         // of kDeferred
  std::optional<Time> reschedule_date;                      // of kRescheduled
  std::optional<TriggerEvent> event;                        // of kTriggered
  std::optional<std::vector<DatasetEvent>> dataset_events;  // absent: those of the task's outlets
  std::vector<std::string> skip_tasks;  // of the same run (branches, short circuits)
  std::optional<AttemptUsage> usage;    // present where the attempt of a task ended
};

}  // namespace beeflow
