// Backfills in SqlCatalog.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/sql/backfill_queries.h"
#include "store/sql/catalog_queries.h"
#include "store/sql/for_each_row.h"
#include "store/sql/row_condition.h"
#include "store/sql/sql_catalog.h"
#include "store/sql/transitions.h"

namespace beeflow {
namespace {

using sql::ForEachRow;
using sql::Statement;

BackfillInfo ReadBackfill(const Statement& row) {
  BackfillInfo info;
  info.id = row.Integer(0);
  info.order.dag_id = row.String(1);
  info.order.from = row.OptionalTime(2).value_or(Time{});
  info.order.to = row.OptionalTime(3).value_or(Time{});
  info.order.conf = row.String(4);
  info.is_paused = row.Integer(5) != 0;
  info.order.reprocess = ParseReprocess(row.Text(6)).value_or(Reprocess::kNone);
  info.order.max_active_runs = static_cast<int>(row.Integer(7));
  info.created_at = row.OptionalTime(8).value_or(Time{});
  info.completed_at = row.OptionalTime(9);
  info.updated_at = row.OptionalTime(10).value_or(Time{});
  info.order.user = row.String(11);
  return info;
}

Status AddRunStates(sql::Database* database, BackfillInfo* info) {
  return ForEachRow(database->Query(sql::kBackfillRuns, info->id), [&](const Statement& row) {
    const auto state = ParseRunState(row.Text(0));
    (state ? info->runs[*state] : info->without_run) = row.Integer(1);
    return Ok();
  });
}

struct ExistingRun {
  std::string run_id;
  RunState state = RunState::kQueued;
};
using ExistingRuns = std::map<Time, ExistingRun>;

// The runs that there are between the dates of the intervals.
Result<ExistingRuns> LoadExisting(sql::Database* database, const std::string& dag_id,
                                  const std::vector<NextRun>& intervals) {
  const Time one = intervals.front().logical_date;
  const Time other = intervals.back().logical_date;
  ExistingRuns existing;
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(
      database->Query(sql::kRunsBetween, dag_id, std::min(one, other), std::max(one, other)),
      [&](const Statement& row) {
        const auto date = row.OptionalTime(1);
        const auto state = ParseRunState(row.Text(2));
        if (date && state) existing[*date] = {row.String(0), *state};
        return Ok();
      }));
  return existing;
}

}  // namespace

Result<std::vector<NextRun>> SqlCatalog::Intervals(const BackfillOrder& order, Time now) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, Model(order.dag_id));
  return PlanBackfill(*dag, order, now);
}

Result<std::vector<BackfillInfo>> SqlCatalog::Backfills(const BackfillFilter& filter) {
  std::vector<BackfillInfo> infos;
  std::string text = "SELECT " BEEFLOW_BACKFILL_COLUMNS " FROM backfill WHERE dag_id = $1";
  if (!filter.dag_id) text = "SELECT " BEEFLOW_BACKFILL_COLUMNS " FROM backfill WHERE 1 = 1";
  if (filter.only_active) text += " AND completed_at IS NULL";
  text += filter.newest_first ? " ORDER BY id DESC" : " ORDER BY id";
  text += " LIMIT " + std::to_string(filter.limit) + " OFFSET " + std::to_string(filter.offset);
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->PrepareOnce(text));
  if (filter.dag_id) rows.BindAlso(*filter.dag_id);
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(std::move(rows), [&](const Statement& row) {
    infos.push_back(ReadBackfill(row));
    return Ok();
  }));
  for (BackfillInfo& info : infos) {
    BEEFLOW_RETURN_IF_ERROR(AddRunStates(database_.get(), &info));
  }
  return infos;
}

Result<int64_t> SqlCatalog::CountBackfills(const BackfillFilter& filter) {
  std::string text = "SELECT count(*) FROM backfill WHERE dag_id = $1";
  if (!filter.dag_id) text = "SELECT count(*) FROM backfill WHERE 1 = 1";
  if (filter.only_active) text += " AND completed_at IS NULL";
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->PrepareOnce(text));
  if (filter.dag_id) rows.BindAlso(*filter.dag_id);
  BEEFLOW_RETURN_IF_ERROR(rows.Step());
  return rows.Integer(0);
}

Result<BackfillInfo> SqlCatalog::Backfill(int64_t id) {
  std::optional<BackfillInfo> info;
  BEEFLOW_RETURN_IF_ERROR(
      ForEachRow(database_->Query(sql::kBackfill, id), [&](const Statement& row) {
        info = ReadBackfill(row);
        return Ok();
      }));
  if (!info) return NotFound("there is no backfill with the id " + std::to_string(id));
  BEEFLOW_RETURN_IF_ERROR(AddRunStates(database_.get(), &*info));
  return std::move(*info);
}

Result<std::vector<Time>> SqlCatalog::DryRunBackfill(const BackfillOrder& order, Time now) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<NextRun> intervals, Intervals(order, now));
  BEEFLOW_ASSIGN_OR_RETURN(const ExistingRuns existing,
                           LoadExisting(database_.get(), order.dag_id, intervals));
  std::vector<Time> dates;
  for (const NextRun& interval : intervals) {
    const auto run = existing.find(interval.logical_date);
    const bool makes = run == existing.end() || WhyKept(run->second.state, order.reprocess).empty();
    if (makes) dates.push_back(interval.logical_date);
  }
  return dates;
}

Result<BackfillInfo> SqlCatalog::CreateBackfill(const BackfillOrder& order, Time now) {
  int64_t id = 0;
  BEEFLOW_RETURN_IF_ERROR(Together([&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<NextRun> intervals, Intervals(order, now));
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t active,
                             database_->QueryInteger(sql::kActiveBackfill, order.dag_id));
    if (active != 0) {
      return Conflict("DAG " + order.dag_id + " has a backfill already that is not completed (" +
                      std::to_string(active) + "); wait for its end, or cancel it");
    }
    BEEFLOW_ASSIGN_OR_RETURN(
        id, database_->QueryInteger(
                sql::kAddBackfill, order.dag_id, order.from, order.to, order.conf.value_or("{}"),
                ToString(order.reprocess), order.max_active_runs, now, now,
                order.user.empty() ? std::nullopt : std::optional<std::string>(order.user)));
    return AddBackfillRuns(order, id, intervals, now);
  }));
  return Backfill(id);
}

// Makes or takes over the run of each interval, in the order in which they are to start.
Status SqlCatalog::AddBackfillRuns(const BackfillOrder& order, int64_t id,
                                   const std::vector<NextRun>& intervals, Time now) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, Model(order.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const ExistingRuns existing,
                           LoadExisting(database_.get(), order.dag_id, intervals));
  int ordinal = 0;
  for (const NextRun& interval : intervals) {
    ++ordinal;
    const auto found = existing.find(interval.logical_date);
    std::string run_id;
    if (found == existing.end()) {
      RunRecord run = BackfillRun(*dag, interval, order.conf.value_or("{}"), now);
      run.backfill_id = id;
      run_id = run.key.run_id;
      BEEFLOW_RETURN_IF_ERROR(
          sql::ApplyTransition(database_.get(), beeflow::CreateRun{std::move(run)}));
    } else if (const auto why = WhyKept(found->second.state, order.reprocess); !why.empty()) {
      BEEFLOW_RETURN_IF_ERROR(
          database_->Send(sql::kAddKeptInterval, id, interval.logical_date, ordinal, why));
      continue;
    } else {
      run_id = found->second.run_id;
      BEEFLOW_RETURN_IF_ERROR(TakeRunAlong({order.dag_id, run_id}, order, id, now));
    }
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kAddBackfillRun, id, interval.logical_date,
                                            ordinal, order.dag_id, run_id, id));
  }
  return database_->Send(sql::kMarkUnmadeRuns, id);
}

Status SqlCatalog::TakeRunAlong(const RunKey& run, const BackfillOrder& order, int64_t id,
                                Time now) {
  ClearSelection all;
  all.dag_id = run.dag_id;
  all.runs = {run.run_id};
  all.requeue_runs = false;
  BEEFLOW_RETURN_IF_ERROR(Clear(all));
  return database_->Send(sql::kTakeRunAlong, now, now, id, order.conf, run.dag_id, run.run_id);
}

Result<BackfillInfo> SqlCatalog::OpenBackfill(int64_t id) {
  BEEFLOW_ASSIGN_OR_RETURN(BackfillInfo info, Backfill(id));
  if (!info.completed_at) return info;
  return Conflict("backfill " + std::to_string(id) + " of DAG " + info.order.dag_id +
                  " is already completed");
}

Status SqlCatalog::SetBackfillPaused(int64_t id, bool paused, Time now) {
  return Together([&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(const BackfillInfo info, OpenBackfill(id));
    if (info.is_paused == paused) return Ok();
    return database_->Send(sql::kPauseBackfill, paused, now, id);
  });
}

Status SqlCatalog::CancelBackfill(int64_t id, Time now) {
  return Together([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(OpenBackfill(id));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kFailQueuedRuns, now, now, id));
    return database_->Send(sql::kCancelBackfill, now, now, id);
  });
}

}  // namespace beeflow
