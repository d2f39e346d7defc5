// A Store that notes what a scenario may ask for and a Store cannot be asked: the lines of the
// audit log, which attempts have ended, and which runs there have been.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ports/store.h"

namespace beeflow::scenario {

struct LogEntry {
  RunKey run;
  std::string task_id;
  std::string text;
};

// An attempt whose end was recorded.
struct RecordedAttempt {
  RunKey run;
  std::string task_id;
  int map_index = -1;
  TaskState state = TaskState::kFailed;
};

class ObservedStore : public Store {
 public:
  // The store behind this one; it may be replaced between transactions.
  void SetStore(Store* store) { store_ = store; }

  Result<Snapshot> LoadActive() override;
  Result<std::unique_ptr<Transaction>> Begin() override;
  Result<bool> HasChanges() override { return store_->HasChanges(); }

  const std::vector<LogEntry>& log() const { return log_; }
  const std::vector<RecordedAttempt>& attempts() const { return attempts_; }
  // The runs of a DAG that exist now, in the order of their logical dates.
  Result<std::vector<RunSnapshot>> Runs(const std::string& dag_id);
  Result<std::optional<DagSnapshot>> Dag(const std::string& dag_id);

  // What a transaction saw; counts once it is committed.
  struct Notes {
    std::vector<LogEntry> log;
    std::vector<RunKey> runs;
    std::vector<RecordedAttempt> attempts;
  };
  void Note(Notes notes);

 private:
  Store* store_ = nullptr;
  std::vector<LogEntry> log_;
  std::vector<RecordedAttempt> attempts_;
  std::map<std::string, std::map<std::string, bool>> seen_;  // DAG id, run id
};

}  // namespace beeflow::scenario
