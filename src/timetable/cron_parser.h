// From the text of a cron expression to the value sets of its fields. Used by Cron alone.
#pragma once

#include <string_view>

#include "base/result.h"
#include "timetable/cron.h"

namespace beeflow {

// Every error names the expression and, where one is at fault, the field. The fields of a success
// match at least one date of the calendar.
Result<CronFields> ParseCronFields(std::string_view expression);

}  // namespace beeflow
