// The subjects, streams and consumers of the attempt channel over NATS (docs/formats/nats.md).
#pragma once

#include <string>
#include <string_view>

namespace beeflow {

inline constexpr const char* kAttemptStream = "BEEFLOW_ATTEMPTS";
inline constexpr const char* kAttemptSubjects = "beeflow.attempts.>";
inline constexpr const char* kReportStream = "BEEFLOW_REPORTS";
inline constexpr const char* kReportSubjects = "beeflow.reports.>";
inline constexpr const char* kReportConsumer = "control";

// From control to all workers; from a worker to control.
inline constexpr const char* kAllWorkers = "beeflow.workers";
inline constexpr const char* kAllControl = "beeflow.control.>";

// Any text as one token of a subject, or the name of a consumer: what is no letter, digit, '-' or
// '_' becomes =XX.
std::string SubjectToken(std::string_view text);

std::string AttemptSubject(const std::string& queue);
std::string AttemptConsumer(const std::string& queue);

// `worker` is "name.session", both tokens.
inline std::string WorkerSubject(const std::string& worker) { return "beeflow.worker." + worker; }
inline std::string FrameSubject(const std::string& worker) {
  return WorkerSubject(worker) + ".frames";
}
inline std::string ControlSubject(const std::string& worker) { return "beeflow.control." + worker; }
inline std::string ReportSubject(const std::string& worker) { return "beeflow.reports." + worker; }
// The worker that sends to such a subject; "" where it is none.
std::string SenderOf(std::string_view subject);

}  // namespace beeflow
