#include "worker/report_outbox.h"

#include <utility>

namespace beeflow {

uint64_t ReportOutbox::Add(const std::string& attempt_id, Json report, bool ends_attempt) {
  report["op"] = "report";
  report["report"] = ++last_;
  report["attempt_id"] = attempt_id;
  if (ends_attempt) ended_.insert(attempt_id);
  reports_[last_] = {attempt_id, std::move(report), ends_attempt};
  return last_;
}

void ReportOutbox::Acknowledge(const Json& ack) {
  const auto numbers = ack.find("reports");
  if (numbers == ack.end() || !numbers->is_array()) return;
  for (const Json& number : *numbers) {
    if (!number.is_number_unsigned()) continue;
    const auto it = reports_.find(number.get<uint64_t>());
    if (it == reports_.end()) continue;
    if (it->second.ends_attempt) ended_.erase(it->second.attempt_id);
    reports_.erase(it);
  }
}

}  // namespace beeflow
