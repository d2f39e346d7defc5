// Audit lines: who did what, when and from where.
#pragma once

#include <string>

#include "base/time.h"
#include "http/message.h"
#include "ports/catalog.h"

namespace beeflow {

// What an audit line says of a write; the rest is known.
struct AuditNote {
  std::string event;
  std::string dag_id{}, run_id{}, task_id{};
  std::string extra{};  // never a secret
};

// The column `extra` becomes {"address": "127.0.0.1", "details": ...}: the address that the request
// came from, and what the note says, as JSON where it is JSON; "details" is absent where it says
// nothing.
AuditEntry MakeAuditEntry(const AuditNote& note, const std::string& owner,
                          const HttpRequest& request, Time now);

}  // namespace beeflow
