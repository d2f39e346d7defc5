// What a branch decided stays decided: Airflow's NotPreviouslySkippedDep.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/result.h"
#include "scheduler/records.h"

namespace beeflow {

// Airflow's key of the XCom in which a branch or short circuit keeps whom it had skipped, as
// {"skipped": [task ids]}.
inline constexpr std::string_view kSkippedXCom = "skipmixin_key";

// Reads an XCom of kSkippedXCom; nothing where there is none.
using ReadSkipped =
    std::function<Result<std::optional<std::string>>(const std::string& task_id, int map_index)>;

// Whether a cleared task instance is to stay skipped: a task upstream of it had it skipped, and is
// not among those that are `cleared` (task ids) along with it.
Result<bool> StaysSkipped(const TaskRecord& task, const Dag& dag,
                          const std::unordered_set<std::string>& cleared, const ReadSkipped& read);

}  // namespace beeflow
