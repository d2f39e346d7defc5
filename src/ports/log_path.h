// Where an attempt's log file is, relative to `[logging] base_log_folder`: Airflow's layout. The
// worker writes it; the CLI and the API read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scheduler/records.h"

namespace beeflow {

// "dag_id=D/run_id=R/task_id=T/attempt=1.log", with "map_index=N/" before the file name where N >=
// 0. Ids are escaped so that no id can leave its folder and no two ids share a file.
std::string AttemptLogPath(const RunKey& run, std::string_view task_id, int map_index,
                           int try_number);

// A log that reached `[logging] attempt_log_mb_max` has lost lines in its middle. The end of the
// line that stands there instead, behind a time stamp.
std::string LeftOutMark(int64_t bytes);
// How many bytes a line says were left out; absent where it is another line.
std::optional<int64_t> LeftOutBytes(std::string_view line);

// `id` as part of a file name: '/', '%' and control characters become %XX.
std::string EscapeForPath(std::string_view id);

}  // namespace beeflow
