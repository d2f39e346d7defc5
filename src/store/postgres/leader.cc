#include "store/postgres/leader.h"

#include <string>

namespace beeflow::postgres {
namespace {

constexpr const char* kEndWriters =
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = 27696033902129015";

// No lower than the time in microseconds: workers elsewhere, which obey the highest that they have
// heard, are to obey the leader of a database that was made anew or restored from a copy, too.
constexpr const char* kRaiseEpoch =
    "UPDATE leader SET epoch = GREATEST(epoch + 1,"
    " (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) WHERE id = 1 RETURNING epoch";

}  // namespace

Result<bool> Leader::Await(const std::function<void(const std::string&)>& on_waiting) {
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool leads, replication_.Await(on_waiting));
    if (!leads) return false;
    Status raised = RaiseEpoch();
    if (raised.ok()) return true;
    if (raised.error().code != ErrorCode::kUnavailable) return raised.error();
    on_waiting(raised.error().message);
    if (!replication_.Pause()) return false;
  }
}

// Under the lock of all writers, as every transaction that compares the epoch: one that passed the
// comparison is committed before, and none passes it later.
Status Leader::RaiseEpoch() {
  BEEFLOW_ASSIGN_OR_RETURN(Lease lease, pool_->Writer());
  BEEFLOW_RETURN_IF_ERROR(EnsureSlot(lease.get()));
  while (true) {
    const Status locked =
        lease->ExecuteScript(std::string("BEGIN; SET LOCAL lock_timeout = '1s'; ") + kAwaitWriters);
    if (locked.ok()) break;
    BEEFLOW_RETURN_IF_ERROR(lease->ExecuteScript("ROLLBACK"));
    if (locked.error().code != ErrorCode::kUnavailable) return locked;
    // The one before was stopped within a transaction, which ends with its connection.
    BEEFLOW_RETURN_IF_ERROR(lease->ExecuteScript(kEndWriters));
  }
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t epoch, lease->QueryInteger(kRaiseEpoch));
  BEEFLOW_RETURN_IF_ERROR(lease->ExecuteScript("COMMIT"));
  epoch_ = epoch;
  pool_->SetEpoch(epoch);
  return Ok();
}

}  // namespace beeflow::postgres
