#include "store/postgres/leader.h"

namespace beeflow::postgres {

Result<bool> Leader::Await(const std::function<void(const std::string&)>& on_waiting) {
  BEEFLOW_ASSIGN_OR_RETURN(const bool leads, replication_.Await(on_waiting));
  if (!leads) return false;
  BEEFLOW_RETURN_IF_ERROR(RaiseEpoch());
  return true;
}

// Under the lock of all writers, as every transaction that compares the epoch: one that passed the
// comparison is committed before, and none passes it later.
Status Leader::RaiseEpoch() {
  BEEFLOW_ASSIGN_OR_RETURN(Lease lease, pool_->Writer());
  BEEFLOW_RETURN_IF_ERROR(EnsureSlot(lease.get()));
  BEEFLOW_RETURN_IF_ERROR(lease->ExecuteScript(std::string("BEGIN; ") + kAwaitWriters));
  BEEFLOW_ASSIGN_OR_RETURN(
      const int64_t epoch,
      lease->QueryInteger("UPDATE leader SET epoch = epoch + 1 WHERE id = 1 RETURNING epoch"));
  BEEFLOW_RETURN_IF_ERROR(lease->ExecuteScript("COMMIT"));
  pool_->SetEpoch(epoch);
  return Ok();
}

}  // namespace beeflow::postgres
