// Following the log of a try while it is written.
#pragma once

#include <functional>
#include <string>

#include "http/message.h"
#include "ports/file_wait.h"
#include "scheduler/records.h"

namespace beeflow {

// Whether nothing more will be written to the log of the try of a task instance.
bool HasTryEnded(const TaskRecord& task, int try_number);

// Writes the file from its beginning, and what is appended to it, until `has_ended` says so or
// nobody reads any more. The file may come later.
void FollowFile(const std::string& path, FileWait* wait, const std::function<bool()>& has_ended,
                const HttpWrite& write);

}  // namespace beeflow
