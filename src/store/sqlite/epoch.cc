#include "store/sqlite/epoch.h"

namespace beeflow::sqlite {

Result<int64_t> RaiseEpoch(Database* database, Time now) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope transaction, TransactionScope::Write(database));
  const int64_t least = now.time_since_epoch().count();
  BEEFLOW_RETURN_IF_ERROR(
      database->Send("UPDATE leader SET epoch = max(epoch + 1, $1) WHERE id = 1", least));
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t epoch,
                           database->QueryInteger("SELECT epoch FROM leader WHERE id = 1"));
  BEEFLOW_RETURN_IF_ERROR(transaction.Commit());
  return epoch;
}

}  // namespace beeflow::sqlite
