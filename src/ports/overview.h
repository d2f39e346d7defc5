// What the pages of the web UI show at a glance, each answered by a few statements however many
// DAGs, runs and tasks there are. Nothing here changes the database.
//
// Threads: an Overview belongs to one thread; several may be open on the same database at once.
// Errors: kNotFound names what is missing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ports/catalog.h"
#include "scheduler/records.h"

namespace beeflow {

struct RunGlance {
  std::string run_id;
  std::string state;
  std::string type;
  std::optional<Time> logical_date;
  std::optional<Time> start_date;
  std::optional<Time> end_date;
};

struct DagGlance {
  std::string dag_id;
  std::string display_name;  // as in DagInfo
  std::string file;
  std::string description;
  std::vector<std::string> owners;
  std::vector<std::string> tags;
  std::string schedule;  // as in DagInfo
  bool is_paused = false;
  bool is_active = false;
  bool has_import_errors = false;
  std::optional<Time> next_run;  // when it is due
  std::optional<Time> next_logical_date;
  std::vector<RunGlance> runs;                 // the newest by logical date, oldest first
  std::map<std::string, int64_t> run_states;   // queued and running
  std::map<std::string, int64_t> task_states;  // of the runs that are queued or running; "": none
};

struct GridFilter {
  std::string dag_id;
  int runs_max = 30;                    // the newest by logical date
  std::optional<Time> before = {};      // logical dates before this one
  std::vector<RunType> types = {};      // empty: any
  std::vector<RunState> states = {};    // empty: any
  std::optional<std::string> run = {};  // only this one
};

struct GridRun {
  RunRecord record;
  std::string dag_hash;  // "" where none of its tasks was created yet
  std::optional<std::string> note;
};

// A task in a run. Of a mapped task with instances it is about all of them: the state that most
// needs a look, the span from the first start to the last end, the highest try.
struct GridCell {
  TaskState state = TaskState::kNone;
  std::optional<Time> start;
  std::optional<Duration> duration;  // absent while it lasts
  int try_number = 0;
  std::vector<std::pair<TaskState, int>> instances;  // how many in each state; empty: not mapped
};

struct RunGrid {
  std::vector<GridRun> runs;  // oldest first
  // By task: one entry for each run, absent where the run has no instance.
  std::map<std::string, std::vector<std::optional<GridCell>>> cells;
};

// A task instance with its attempts, oldest first: those that ended, and the one that may be alive,
// which has no end_date and no usage.
struct TaskTries {
  TaskInfo task;
  std::optional<std::string> note;
  std::vector<AttemptInfo> attempts;
};

struct DayOfRuns {
  std::string date;                       // of the logical dates, "2026-01-31", UTC
  std::map<std::string, int64_t> states;  // how many runs in each
};

struct StartsOfMinute {
  Time minute{};
  int64_t cold = 0;    // environments that were started for an attempt
  int64_t warm = 0;    // environments that were used again
  int64_t direct = 0;  // commands that needed none
};

// How far the control loop is behind what was committed.
struct FeedLag {
  // False where PostgreSQL has given up, or is about to give up, what the loop has not read.
  bool is_healthy = true;
  std::optional<int64_t> changes;  // of SQLite: how many were not read
  // Of PostgreSQL: how much of its log the server keeps for the feed; absent where the slot is
  // lost.
  std::optional<int64_t> bytes;
};

struct OverviewTotals {
  int64_t import_errors = 0;
  std::map<std::string, int64_t> starts;  // attempts of the last week, by start type
};

// What a search may look at.
struct SearchQuery {
  std::string text;  // a part of the name; case does not count in ASCII
  size_t results_max = 20;
  std::function<bool(const std::string& dag_id)> may_see_dag;
  bool runs = true;
  bool tasks = true;
  bool pools = true;
  bool variables = true;
  bool connections = true;
  bool datasets = true;
};

enum class FoundKind { kDag, kTask, kRun, kPool, kVariable, kConnection, kDataset };

struct Found {
  FoundKind kind = FoundKind::kDag;
  std::string name;
  std::string dag_id;  // of a task or run
  std::string detail;  // a description, an operator, a state; "" where there is none
};

class Overview {
 public:
  virtual ~Overview() = default;

  // All of them, by id, each with at most `runs_max` runs.
  virtual Result<std::vector<DagGlance>> Dags(int runs_max) = 0;
  virtual Result<RunGrid> Grid(const GridFilter& filter) = 0;
  // By task and map index; of one task if asked. kNotFound for an unknown run.
  virtual Result<std::vector<TaskTries>> Tries(const RunKey& run,
                                               const std::optional<std::string>& task_id) = 0;
  // Days with runs, ascending.
  virtual Result<std::vector<DayOfRuns>> Calendar(const std::string& dag_id) = 0;
  // Since when the DAG's file has had each version of its source that is known, the newest first.
  virtual Result<std::vector<Time>> SourceTimes(const std::string& dag_id) = 0;
  // The version since then. kNotFound where it is not known.
  virtual Result<std::string> SourceSince(const std::string& dag_id, Time since) = 0;
  // Minutes with starts since then, ascending. They are kept for a week.
  virtual Result<std::vector<StartsOfMinute>> Starts(Time since) = 0;
  virtual Result<OverviewTotals> Totals() = 0;
  virtual Result<FeedLag> Lag() = 0;
  // The best matches first: whole names, then beginnings, then parts.
  virtual Result<std::vector<Found>> Search(const SearchQuery& query) = 0;
};

}  // namespace beeflow
