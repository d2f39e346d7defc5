#include "store/sql/sql_overview.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "store/sql/for_each_row.h"
#include "store/sql/overview_queries.h"
#include "store/sql/rows.h"

namespace beeflow {
namespace {

using sql::ForEachRow;
using sql::OptionalText;
using sql::ReadAttempt;
using sql::Statement;
using sql::TransactionScope;

std::vector<std::string> SplitOwners(std::string_view text) {
  constexpr std::string_view kSeparator = ", ";
  std::vector<std::string> owners;
  while (!text.empty()) {
    const size_t end = std::min(text.find(kSeparator), text.size());
    owners.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + kSeparator.size(), text.size()));
  }
  return owners;
}

// Columns of kGlanceDags.
DagGlance ReadGlance(const Statement& row) {
  DagGlance dag;
  dag.dag_id = row.String(0);
  dag.file = row.String(1);
  dag.description = row.String(2);
  dag.owners = SplitOwners(row.Text(3));
  dag.schedule = row.String(4);
  dag.is_paused = row.Integer(5) != 0;
  dag.is_active = row.Integer(6) != 0;
  dag.has_import_errors = row.Integer(7) != 0;
  dag.next_run = row.OptionalTime(8);
  dag.next_logical_date = row.OptionalTime(9);
  dag.display_name = row.String(10);
  return dag;
}

// Finds DAGs in a list that is sorted by id, for rows that come in this order: most are of the DAG
// of the row before.
class DagFinder {
 public:
  explicit DagFinder(std::vector<DagGlance>* dags) : dags_(dags) {}

  // Null where there is none: runs stay when their DAG goes.
  DagGlance* Find(std::string_view dag_id) {
    if (last_ && last_->dag_id == dag_id) return last_;
    const auto it =
        std::lower_bound(dags_->begin(), dags_->end(), dag_id,
                         [](const DagGlance& dag, std::string_view id) { return dag.dag_id < id; });
    last_ = it != dags_->end() && it->dag_id == dag_id ? &*it : nullptr;
    return last_;
  }

 private:
  std::vector<DagGlance>* dags_;
  DagGlance* last_ = nullptr;
};

// What a mapped task is shown as: the first of these that an instance of it has, as in Airflow.
constexpr std::array kWorstFirst = {TaskState::kFailed,     TaskState::kUpstreamFailed,
                                    TaskState::kUpForRetry, TaskState::kUpForReschedule,
                                    TaskState::kQueued,     TaskState::kScheduled,
                                    TaskState::kDeferred,   TaskState::kRunning,
                                    TaskState::kRestarting, TaskState::kNone,
                                    TaskState::kSuccess,    TaskState::kSkipped,
                                    TaskState::kRemoved};

TaskState Worse(TaskState a, TaskState b) {
  const auto place = [](TaskState state) {
    return std::find(kWorstFirst.begin(), kWorstFirst.end(), state);
  };
  return place(a) <= place(b) ? a : b;
}

// One row of BEEFLOW_GRID_CELL_COLUMNS, without its names.
struct CellRow {
  TaskState state = TaskState::kNone;
  std::optional<Time> start;
  std::optional<Time> end;
  std::optional<Duration> duration;
  int try_number = 0;

  explicit CellRow(const Statement& row)
      : state(ParseTaskState(row.Text(3)).value_or(TaskState::kNone)),
        start(row.OptionalTime(4)),
        end(row.OptionalTime(5)),
        try_number(static_cast<int>(row.Integer(7))) {
    if (!row.IsNull(6)) duration = Seconds(row.Real(6));
  }
};

// Adds an instance of a mapped task; `end` is that of the instances so far.
void AddInstance(const CellRow& row, GridCell* cell, std::optional<Time>* end) {
  const bool is_first = cell->instances.empty();
  const auto same = std::find_if(cell->instances.begin(), cell->instances.end(),
                                 [&](const auto& entry) { return entry.first == row.state; });
  if (same == cell->instances.end()) {
    cell->instances.emplace_back(row.state, 1);
  } else {
    ++same->second;
  }
  cell->state = is_first ? row.state : Worse(cell->state, row.state);
  cell->try_number = std::max(cell->try_number, row.try_number);
  if (row.start && (!cell->start || *row.start < *cell->start)) cell->start = row.start;
  const bool all_ended = is_first || end->has_value();
  const bool ended = row.end && IsFinished(row.state);
  *end = all_ended && ended ? std::optional(is_first ? *row.end : std::max(**end, *row.end))
                            : std::nullopt;
  cell->duration = *end && cell->start ? std::optional(**end - *cell->start) : std::nullopt;
}

// The condition of a filter, and its parameters in order.
struct GridCondition {
  std::string text = " WHERE r.dag_id = $1";
  std::vector<sql::Value> values;

  explicit GridCondition(const GridFilter& filter) : values{filter.dag_id} {
    if (filter.before) Add("r.execution_date < ", *filter.before);
    if (filter.run) Add("r.run_id = ", *filter.run);
    AddNames("r.state", filter.states);
    AddNames("r.run_type", filter.types);
  }

 private:
  void Add(const char* condition, sql::Value value) {
    values.push_back(std::move(value));
    text += std::string(" AND ") + condition + "$" + std::to_string(values.size());
  }
  template <typename Name>
  void AddNames(const std::string& column, const std::vector<Name>& names) {
    if (names.empty()) return;
    std::string list;
    for (const Name name : names) {
      list += (list.empty() ? "'" : ", '") + std::string(ToString(name)) + "'";
    }
    text += " AND " + column + " IN (" + list + ")";
  }
};

std::optional<double> OptionalReal(const Statement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.Real(column);
}

constexpr int kNoteOfTry = 19;

// Columns of BEEFLOW_TRIES_COLUMNS.
TaskInfo ReadTriedTask(const RunKey& run, const Statement& row) {
  TaskInfo task;
  TaskRecord& record = task.record;
  record.run = run;
  record.task_id = row.String(0);
  record.map_index = static_cast<int>(row.Integer(1));
  record.state = ParseTaskState(row.Text(2)).value_or(TaskState::kNone);
  record.try_number = static_cast<int>(row.Integer(3));
  record.max_tries = static_cast<int>(row.Integer(4));
  task.operator_name = row.String(5);
  task.queued_at = row.OptionalTime(6);
  record.start_date = row.OptionalTime(7);
  record.end_date = row.OptionalTime(8);
  task.duration = OptionalReal(row, 9);
  task.pool = row.String(10);
  task.queue = row.String(11);
  task.hostname = row.String(12);
  task.pid = row.Integer(13);
  record.attempt = ParseAttemptId(row.Text(14)).value_or(0);
  task.pool_slots = static_cast<int>(row.Integer(15));
  task.priority_weight = row.Integer(16);
  task.unixname = row.String(17);
  task.rendered_map_index = row.String(18);
  return task;
}

// The attempt that has no row yet, since it has not ended.
std::optional<AttemptInfo> LiveAttempt(const TaskTries& tries) {
  const TaskRecord& record = tries.task.record;
  if (record.attempt == 0 || !MayHaveAttempt(record.state)) return std::nullopt;
  AttemptInfo attempt;
  attempt.task_id = record.task_id;
  attempt.map_index = record.map_index;
  attempt.try_number = record.try_number;
  attempt.attempt_id = FormatAttemptId(record.attempt);
  attempt.state = ToString(record.state);
  if (record.state != TaskState::kQueued) attempt.start_date = record.start_date;
  const auto is_it = [&](const AttemptInfo& known) {
    return known.attempt_id == attempt.attempt_id;
  };
  if (std::any_of(tries.attempts.begin(), tries.attempts.end(), is_it)) return std::nullopt;
  return attempt;
}

}  // namespace

Result<std::vector<DagGlance>> SqlOverview::Dags(int runs_max) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  std::vector<DagGlance> dags;
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(database_->Query(sql::kGlanceDags), [&](const Statement& row) {
    dags.push_back(ReadGlance(row));
    return Ok();
  }));
  DagFinder finder(&dags);
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(database_->Query(sql::kGlanceTags), [&](const Statement& row) {
    if (DagGlance* dag = finder.Find(row.Text(0))) dag->tags.push_back(row.String(1));
    return Ok();
  }));
  BEEFLOW_RETURN_IF_ERROR(AddRuns(runs_max, &dags));
  return dags;
}

Status SqlOverview::AddRuns(int runs_max, std::vector<DagGlance>* dags) {
  DagFinder finder(dags);
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(database_->Query(sql::kGlanceRuns, runs_max), [&](const Statement& row) {
        if (DagGlance* dag = finder.Find(row.Text(0))) {
          dag->runs.push_back({row.String(1), row.String(2), row.String(3), row.OptionalTime(4),
                               row.OptionalTime(5), row.OptionalTime(6)});
        }
        return Ok();
      }));
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(database_->Query(sql::kActiveRunStates), [&](const Statement& row) {
        if (DagGlance* dag = finder.Find(row.Text(0))) {
          dag->run_states[row.String(1)] = row.Integer(2);
        }
        return Ok();
      }));
  return ForEachRow(database_->Query(sql::kActiveTaskStates), [&](const Statement& row) {
    if (DagGlance* dag = finder.Find(row.Text(0))) dag->task_states[row.String(1)] = row.Integer(2);
    return Ok();
  });
}

Result<std::vector<GridRun>> SqlOverview::GridRuns(const GridFilter& filter) {
  const GridCondition condition(filter);
  BEEFLOW_ASSIGN_OR_RETURN(
      Statement rows,
      database_->PrepareOnce("SELECT " BEEFLOW_GRID_RUN_COLUMNS " FROM dag_run r" + condition.text +
                             " ORDER BY r.execution_date DESC LIMIT " +
                             std::to_string(filter.runs_max)));
  for (const sql::Value& value : condition.values) rows.BindAlso(value);
  const int hash_column = rows.columns() - 2;
  std::vector<GridRun> runs;
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(std::move(rows), [&](const Statement& row) -> Status {
    GridRun run;
    BEEFLOW_ASSIGN_OR_RETURN(run.record, sql::ReadRun(row));
    run.dag_hash = row.String(hash_column);
    run.note = OptionalText(row, hash_column + 1);
    runs.push_back(std::move(run));
    return Ok();
  }));
  std::reverse(runs.begin(), runs.end());
  return runs;
}

Result<RunGrid> SqlOverview::Grid(const GridFilter& filter) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  RunGrid grid;
  BEEFLOW_ASSIGN_OR_RETURN(grid.runs, GridRuns(filter));
  if (!grid.runs.empty()) BEEFLOW_RETURN_IF_ERROR(AddCells(filter.dag_id, &grid));
  return grid;
}

Status SqlOverview::AddCells(const std::string& dag_id, RunGrid* grid) {
  std::unordered_map<std::string, size_t> columns;  // of the runs
  std::string sql =
      "SELECT " BEEFLOW_GRID_CELL_COLUMNS " FROM task_instance WHERE dag_id = $1 AND run_id IN (";
  for (const GridRun& run : grid->runs) {
    columns.emplace(run.record.key.run_id, columns.size());
    sql += (sql.back() == '(' ? "$" : ", $") + std::to_string(columns.size() + 1);
  }
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows,
                           database_->PrepareOnce(sql + ") ORDER BY run_id, task_id, map_index"));
  rows.BindAlso(dag_id);
  for (const GridRun& run : grid->runs) rows.BindAlso(run.record.key.run_id);
  const GridCell* last = nullptr;  // the cell of the row before
  std::optional<Time> last_end;    // of the instances of a mapped task
  return ForEachRow(std::move(rows), [&](const Statement& row) {
    auto it = grid->cells.find(row.String(1));
    if (it == grid->cells.end()) {
      it = grid->cells.emplace(row.String(1), grid->runs.size()).first;
    }
    std::optional<GridCell>& cell = it->second[columns.at(row.String(0))];
    if (!cell) cell.emplace();
    const CellRow values(row);
    if (row.Integer(2) < 0) {
      cell = {values.state, values.start, values.duration, values.try_number, {}};
    } else {
      if (&*cell != last) last_end.reset();
      AddInstance(values, &*cell, &last_end);
    }
    last = &*cell;
    return Ok();
  });
}

Result<std::vector<TaskTries>> SqlOverview::Tries(const RunKey& run,
                                                  const std::optional<std::string>& task_id) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  {
    BEEFLOW_ASSIGN_OR_RETURN(Statement known,
                             database_->Query(sql::kRunExists, run.dag_id, run.run_id));
    BEEFLOW_ASSIGN_OR_RETURN(const bool is_known, known.Step());
    if (!is_known) {
      return NotFound("DAG " + run.dag_id + " has no run " + run.run_id +
                      "; see `beeflow dags list-runs`");
    }
  }
  std::vector<TaskTries> tries;
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(task_id ? database_->Query(sql::kTriesOfTask, run.dag_id, run.run_id, *task_id)
                         : database_->Query(sql::kTriesOfRun, run.dag_id, run.run_id),
                 [&](const Statement& row) {
                   tries.push_back({ReadTriedTask(run, row), OptionalText(row, kNoteOfTry), {}});
                   return Ok();
                 }));
  // Both come by task and map index.
  auto at = tries.begin();
  const auto is_before = [](const TaskRecord& a, const AttemptInfo& b) {
    return std::tie(a.task_id, a.map_index) < std::tie(b.task_id, b.map_index);
  };
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(
      task_id ? database_->Query(sql::kAttemptsOfAllIndices, run.dag_id, run.run_id, *task_id)
              : database_->Query(sql::kAttemptsOfRun, run.dag_id, run.run_id),
      [&](const Statement& row) {
        AttemptInfo attempt = ReadAttempt(row);
        while (at != tries.end() && is_before(at->task.record, attempt)) ++at;
        // Attempts of an instance that is no more are nobody's.
        if (at != tries.end() && at->task.record.task_id == attempt.task_id &&
            at->task.record.map_index == attempt.map_index) {
          at->attempts.push_back(std::move(attempt));
        }
        return Ok();
      }));
  for (TaskTries& task : tries) {
    if (auto live = LiveAttempt(task)) task.attempts.push_back(std::move(*live));
  }
  return tries;
}

Result<std::vector<DayOfRuns>> SqlOverview::Calendar(const std::string& dag_id) {
  std::vector<DayOfRuns> days;
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(database_->Query(database_->Choose(sql::kDaysOfRuns), dag_id),
                                     [&](const Statement& row) {
                                       if (days.empty() || days.back().date != row.Text(0))
                                         days.push_back({row.String(0), {}});
                                       days.back().states[row.String(1)] = row.Integer(2);
                                       return Ok();
                                     }));
  return days;
}

Result<std::vector<Time>> SqlOverview::SourceTimes(const std::string& dag_id) {
  std::vector<Time> times;
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(database_->Query(sql::kSourceTimes, dag_id), [&](const Statement& row) {
        if (const auto time = row.OptionalTime(0)) times.push_back(*time);
        return Ok();
      }));
  return times;
}

Result<std::string> SqlOverview::SourceSince(const std::string& dag_id, Time since) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kSourceAt, dag_id, since));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (row) return rows.String(0);
  return NotFound("DAG " + dag_id + ": its source of " + FormatIso(since) + " is not kept");
}

Result<std::vector<StartsOfMinute>> SqlOverview::Starts(Time since) {
  constexpr size_t kMinute = 16;  // the length of "2026-01-31 12:00"
  std::vector<StartsOfMinute> minutes;
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(database_->Query(sql::kStartsSince, FormatSql(since).substr(0, kMinute)),
                 [&](const Statement& row) {
                   const auto minute = row.OptionalTime(0);
                   if (!minute) return Ok();
                   if (minutes.empty() || minutes.back().minute != *minute) {
                     minutes.emplace_back().minute = *minute;
                   }
                   StartsOfMinute& starts = minutes.back();
                   if (row.Text(1) == "cold") starts.cold = row.Integer(2);
                   if (row.Text(1) == "warm") starts.warm = row.Integer(2);
                   if (row.Text(1) == "direct") starts.direct = row.Integer(2);
                   return Ok();
                 }));
  return minutes;
}

Result<OverviewTotals> SqlOverview::Totals() {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  OverviewTotals totals;
  BEEFLOW_ASSIGN_OR_RETURN(totals.import_errors, database_->QueryInteger(sql::kCountImportErrors));
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(database_->Query(sql::kSumStarts), [&](const Statement& row) {
    totals.starts[row.String(0)] = row.Integer(1);
    return Ok();
  }));
  return totals;
}

Result<FeedLag> SqlOverview::Lag() {
  FeedLag lag;
  if (database_->dialect() == sql::Dialect::kSqlite) {
    BEEFLOW_ASSIGN_OR_RETURN(lag.changes, database_->QueryInteger(sql::kCountUnreadChanges));
    return lag;
  }
  lag.is_healthy = false;  // where there is no slot
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(database_->Query(sql::kSlotLag), [&](const Statement& row) {
    const std::string status = row.String(0);
    lag.is_healthy = status == "reserved" || status == "extended";
    if (status != "lost") lag.bytes = row.Integer(1);
    return Ok();
  }));
  return lag;
}

}  // namespace beeflow
