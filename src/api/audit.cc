#include "api/audit.h"

namespace beeflow {

AuditEntry MakeAuditEntry(const AuditNote& note, const std::string& owner,
                          const HttpRequest& request, Time now) {
  AuditEntry entry;
  entry.when = now;
  entry.dag_id = note.dag_id;
  entry.run_id = note.run_id;
  entry.task_id = note.task_id;
  entry.event = note.event;
  entry.owner = owner;
  Json extra = {{"address", request.remote_address}};
  if (!note.extra.empty()) {
    auto details = ParseJson(note.extra);
    extra["details"] = details.ok() ? std::move(*details) : Json(note.extra);
  }
  entry.extra = DumpJson(extra);
  return entry;
}

}  // namespace beeflow
