#include "store/sql/transitions.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "store/sql/queries.h"
#include "store/sql/rows.h"

namespace beeflow::sql {
namespace {

constexpr std::string_view kOwner = "beeflow";

std::optional<std::string_view> NullIfEmpty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

std::optional<int64_t> BackfillColumn(int64_t backfill_id) {
  return backfill_id == 0 ? std::nullopt : std::optional<int64_t>(backfill_id);
}

// Airflow's column is a 32-bit integer.
int64_t StoredWeight(const Task& task) {
  return std::clamp<int64_t>(task.total_priority_weight, std::numeric_limits<int32_t>::min(),
                             std::numeric_limits<int32_t>::max());
}

// When the transition happened, as far as it says.
template <typename T>
std::optional<Time> TimeOf(const T& change) {
  return change.end_date ? change.end_date : change.start_date;
}

std::optional<Time> TimeOf(const ChangeTask& change) {
  const auto time = TimeOf<ChangeTask>(change);
  return time ? time : change.queued_at;
}

Result<bool> Apply(Database* database, const CreateRun& create) {
  const RunRecord& run = create.run;
  BEEFLOW_ASSIGN_OR_RETURN(
      const int64_t rows,
      database->Execute(sql::kCreateRun, run.key.dag_id, run.key.run_id, ToString(run.type),
                        run.logical_date, IntervalStart(run.interval), IntervalEnd(run.interval),
                        run.queued_at, run.external_trigger, run.conf, run.queued_at,
                        BackfillColumn(run.backfill_id), run.key.dag_id));
  if (rows == 0 || !create.by_datasets) return rows > 0;
  for (const std::string_view use : {sql::kUseDatasetEvents, sql::kUseAliasEvents}) {
    BEEFLOW_RETURN_IF_ERROR(database->Send(use, run.key.dag_id, run.key.run_id, run.logical_date,
                                           run.key.dag_id, run.key.run_id));
  }
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kClearUpdatedDatasets, run.key.dag_id));
  return true;
}

Result<bool> Apply(Database* database, const ChangeRun& change) {
  const std::string_view sql = IsFinished(change.to) ? sql::kChangeRun : sql::kReopenRun;
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows,
                           database->Execute(sql, ToString(change.to), change.start_date,
                                             change.end_date, TimeOf(change), change.run.dag_id,
                                             change.run.run_id, ToString(change.from)));
  if (rows == 0) return false;
  if (!change.reason.empty()) {
    BEEFLOW_RETURN_IF_ERROR(
        AddLog(database, {TimeOf(change), change.run.dag_id, "", change.run.run_id,
                          ToString(change.to), kOwner, change.reason, std::nullopt}));
  }
  return true;
}

Result<bool> Apply(Database* database, const CreateTasks& create) {
  const RunKey& run = create.run;
  BEEFLOW_ASSIGN_OR_RETURN(Statement exists,
                           database->Query(sql::kRunExists, run.dag_id, run.run_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool run_exists, exists.Step());
  if (!run_exists) return false;
  // In the order of the primary key every insert goes to the end of the last page.
  const std::vector<Task>& tasks = create.dag->tasks;
  std::vector<TaskIndex> order = create.tasks;
  std::sort(order.begin(), order.end(),
            [&](TaskIndex a, TaskIndex b) { return tasks[a].id < tasks[b].id; });
  BEEFLOW_ASSIGN_OR_RETURN(Statement insert, database->Prepare(sql::kCreateTask));
  for (const TaskIndex index : order) {
    const Task& task = tasks[index];
    BEEFLOW_RETURN_IF_ERROR(insert.Send(run.dag_id, run.run_id, task.id, task.retries, task.pool,
                                        task.pool_slots, task.queue, StoredWeight(task),
                                        task.operator_name));
  }
  return true;
}

Result<bool> Apply(Database* database, const ExpandTask& expand) {
  const RunKey& run = expand.run;
  const Task& task = expand.dag->tasks[expand.task];
  if (expand.from == 0) {
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows, database->Execute(sql::kDeleteUnmapped, run.dag_id,
                                                                   run.run_id, task.id));
    if (rows == 0) return false;
  }
  BEEFLOW_ASSIGN_OR_RETURN(Statement insert, database->Prepare(sql::kCreateInstance));
  for (int i = expand.from; i < expand.to; ++i) {
    BEEFLOW_RETURN_IF_ERROR(insert.Send(run.dag_id, run.run_id, task.id, i, task.retries, task.pool,
                                        task.pool_slots, task.queue, StoredWeight(task),
                                        task.operator_name));
  }
  return true;
}

// What the end of an attempt writes as its duration, in seconds.
Result<std::optional<double>> DurationOf(Database* database, const ChangeTask& change) {
  if (!change.end_date) return std::optional<double>();
  std::optional<Time> start = change.start_date;
  if (!start) {
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows,
                             database->Query(sql::kTaskStart, change.run.dag_id, change.run.run_id,
                                             change.task_id, change.map_index));
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (row) start = rows.OptionalTime(0);
  }
  if (!start) return std::optional<double>();
  return std::optional<double>(ToSeconds(*change.end_date - *start));
}

// The task's columns that queueing refreshes; all absent for a task that its DAG no longer has.
struct RefreshedColumns {
  std::optional<std::string_view> pool, queue, operator_name;
  std::optional<int64_t> pool_slots, weight;
};

RefreshedColumns RefreshedFrom(const ChangeTask& change) {
  const auto index = change.dag ? change.dag->Find(change.task_id) : std::nullopt;
  if (!index) return {};
  const Task& task = change.dag->tasks[*index];
  return {task.pool, task.queue, task.operator_name, task.pool_slots, StoredWeight(task)};
}

// The guarded update; returns the number of rows that it changed.
Result<int64_t> UpdateTask(Database* database, const ChangeTask& c) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto duration, DurationOf(database, c));
  const auto pid = c.pid == 0 ? std::nullopt : std::optional<int64_t>(c.pid);
  const auto run = [&](std::string_view sql, const auto&... more) {
    return database->Execute(sql, StateColumn(c.to), c.try_number, AttemptColumn(c.attempt),
                             c.start_date, c.end_date, duration, c.max_tries,
                             NullIfEmpty(c.hostname), pid, TimeOf(c), more..., c.run.dag_id,
                             c.run.run_id, c.task_id, c.map_index, StateColumn(c.from), c.from_try,
                             AttemptColumn(c.from_attempt));
  };
  if (c.to == TaskState::kRunning) return run(sql::kBeginTask);
  if (c.to == TaskState::kQueued || c.queued_at) {
    const RefreshedColumns task = RefreshedFrom(c);
    return run(sql::kQueueTask, c.queued_at, task.pool, task.pool_slots, task.queue, task.weight,
               task.operator_name);
  }
  return run(sql::kChangeTask);
}

Status ChangeXComs(Database* database, const ChangeTask& change) {
  const RunKey& run = change.run;
  if (change.clear_xcoms) {
    BEEFLOW_RETURN_IF_ERROR(
        database->Send(sql::kClearXComs, run.dag_id, run.run_id, change.task_id, change.map_index));
    BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kClearMapLength, run.dag_id, run.run_id,
                                           change.task_id, change.map_index));
  }
  if (change.map_length) {
    BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kSetMapLength, run.dag_id, run.run_id,
                                           change.task_id, change.map_index, *change.map_length));
  }
  if (!change.rendered_map_index.empty()) {
    BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kSetRenderedMapIndex, change.rendered_map_index,
                                           run.dag_id, run.run_id, change.task_id,
                                           change.map_index));
  }
  for (const auto& [key, value] : change.xcoms) {
    BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kSetXCom, change.task_id, change.map_index, key,
                                           value, TimeOf(change), run.dag_id, run.run_id));
  }
  return Ok();
}

Status Defer(Database* database, const ChangeTask& change) {
  const Deferral& deferral = *change.deferral;
  const Time now = change.trigger_since.value_or(Time{});
  int64_t trigger_id = 0;
  {
    BEEFLOW_ASSIGN_OR_RETURN(
        Statement added,
        database->Query(sql::kAddTrigger, deferral.trigger_class, deferral.trigger_kwargs, now));
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, added.Step());
    BEEFLOW_CHECK(row);
    trigger_id = added.Integer(0);
  }
  const auto until = deferral.timeout ? std::optional<Time>(now + *deferral.timeout) : std::nullopt;
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kDeferTask, trigger_id, until, deferral.next_method,
                                         deferral.next_kwargs, change.run.dag_id, change.run.run_id,
                                         change.task_id, change.map_index));
  return Ok();
}

// Adds the event of a trigger to what the task's next method is called with.
Status AddEvent(Database* database, const ChangeTask& change) {
  Json kwargs = Json::object();
  {
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows,
                             database->Query(sql::kNextKwargs, change.run.dag_id, change.run.run_id,
                                             change.task_id, change.map_index));
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    auto stored = row && !rows.IsNull(0) ? ParseJson(rows.Text(0)) : Result<Json>(Json());
    if (stored.ok() && stored->is_object()) kwargs = std::move(*stored);
  }
  auto value = ParseJson(change.event->value);
  kwargs[change.event->key] = value.ok() ? std::move(*value) : Json();
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kSetNextKwargs, DumpJson(kwargs), change.run.dag_id,
                                         change.run.run_id, change.task_id, change.map_index));
  return Ok();
}

Status AddAttempt(Database* database, const ChangeTask& change) {
  const AttemptUsage& usage = *change.usage;
  const std::string_view state = change.task_failed ? "failed" : ToString(change.to);
  BEEFLOW_RETURN_IF_ERROR(database->Send(
      sql::kAddAttempt, change.run.dag_id, change.run.run_id, change.task_id, change.map_index,
      change.from_try, AttemptColumn(change.from_attempt), state, NullIfEmpty(usage.start_type),
      change.start_date, change.from == TaskState::kRunning,
      change.end_date ? change.end_date : change.trigger_since, usage.queue_seconds,
      usage.start_seconds, usage.memory_bytes, usage.cpu_seconds, NullIfEmpty(usage.environment),
      NullIfEmpty(change.hostname), usage.exit_code, usage.exit_signal,
      NullIfEmpty(change.reason)));
  return Ok();
}

Status AddReschedule(Database* database, const ChangeTask& change) {
  const Time end = change.end_date.value_or(*change.reschedule_date);
  const Time start = change.start_date.value_or(end);
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kAddReschedule, change.task_id, change.run.dag_id,
                                         change.run.run_id, change.map_index, change.try_number,
                                         start, end, static_cast<int64_t>(ToSeconds(end - start)),
                                         *change.reschedule_date));
  return Ok();
}

Status AddDatasetEvent(Database* database, const ChangeTask& change, const DatasetEvent& event) {
  const auto when = TimeOf(change);
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kEnsureDataset, event.dataset, when, when));
  int64_t id = 0;
  {
    BEEFLOW_ASSIGN_OR_RETURN(Statement added,
                             database->Query(sql::kAddDatasetEvent, NullIfEmpty(event.extra),
                                             change.task_id, change.run.dag_id, change.run.run_id,
                                             change.map_index, when, event.dataset));
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, added.Step());
    BEEFLOW_CHECK(row);
    id = added.Integer(0);
  }
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kQueueDatasetRuns, when, event.dataset));
  if (event.alias.empty()) return Ok();
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kEnsureAlias, event.alias));
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kAddAliasEvent, id, event.alias));
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kQueueDatasetRuns, when, "alias:" + event.alias));
  return Ok();
}

Result<bool> Apply(Database* database, const RecordAttempt& ended) {
  const AttemptUsage& usage = ended.usage;
  BEEFLOW_ASSIGN_OR_RETURN(
      const int64_t rows,
      database->Execute(sql::kRecordAttempt, ended.run.dag_id, ended.run.run_id, ended.task_id,
                        ended.map_index, ended.try_number, AttemptColumn(ended.attempt),
                        ToString(ended.state), NullIfEmpty(usage.start_type), ended.start_date,
                        ended.end_date, usage.queue_seconds, usage.start_seconds,
                        usage.memory_bytes, usage.cpu_seconds, NullIfEmpty(usage.environment),
                        NullIfEmpty(ended.hostname), usage.exit_code, usage.exit_signal,
                        NullIfEmpty(ended.reason)));
  return rows > 0;
}

// The task instance has gone on without the attempt; what that took is kept all the same.
Status RecordFenced(Database* database, const ChangeTask& change) {
  RecordAttempt ended;
  ended.run = change.run;
  ended.task_id = change.task_id;
  ended.map_index = change.map_index;
  ended.attempt = change.from_attempt;
  ended.try_number = change.from_try;
  ended.state = change.task_failed ? TaskState::kFailed : change.to;
  ended.start_date = change.start_date;
  ended.end_date = change.end_date;
  ended.hostname = change.hostname;
  ended.usage = *change.usage;
  ended.reason = change.reason;
  BEEFLOW_RETURN_IF_ERROR(Apply(database, ended));
  return Ok();
}

Result<bool> Apply(Database* database, const ChangeTask& change) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows, UpdateTask(database, change));
  if (rows == 0) {
    if (change.usage) BEEFLOW_RETURN_IF_ERROR(RecordFenced(database, change));
    return false;
  }
  if (change.deferral) BEEFLOW_RETURN_IF_ERROR(Defer(database, change));
  if (change.event) BEEFLOW_RETURN_IF_ERROR(AddEvent(database, change));
  for (const DatasetEvent& event : change.dataset_events) {
    BEEFLOW_RETURN_IF_ERROR(AddDatasetEvent(database, change, event));
  }
  if (change.reschedule_date) BEEFLOW_RETURN_IF_ERROR(AddReschedule(database, change));
  BEEFLOW_RETURN_IF_ERROR(ChangeXComs(database, change));
  if (change.task_failed) {
    BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kAddTaskFail, change.run.dag_id, change.run.run_id,
                                           change.task_id, change.map_index));
  }
  if (change.usage) BEEFLOW_RETURN_IF_ERROR(AddAttempt(database, change));
  if (!change.reason.empty()) {
    const std::string_view event = change.to == TaskState::kNone ? "none" : ToString(change.to);
    BEEFLOW_RETURN_IF_ERROR(
        AddLog(database, {TimeOf(change), change.run.dag_id, change.task_id, change.run.run_id,
                          event, kOwner, change.reason, change.map_index}));
  }
  return true;
}

Result<bool> Apply(Database* database, const SetNextRun& next) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const int64_t rows,
      database->Execute(sql::kSetNextRun, next.logical_date, IntervalStart(next.interval),
                        IntervalEnd(next.interval), next.create_after, next.dag_id));
  return rows > 0;
}

Result<bool> Apply(Database* database, const CompleteBackfill& done) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows,
                           database->Execute(sql::kCompleteBackfill, done.when, done.when,
                                             done.backfill_id, done.dag_id));
  return rows > 0;
}

Result<bool> Apply(Database* database, const Notice& notice) {
  BEEFLOW_RETURN_IF_ERROR(
      AddLog(database, {notice.when, notice.run.dag_id, notice.task_id, notice.run.run_id,
                        notice.event, kOwner, notice.text, std::nullopt}));
  return true;
}

Result<bool> Apply(Database* database, const MissSla& missed) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows,
                           database->Execute(sql::kMissSla, missed.task_id, missed.when,
                                             missed.run.dag_id, missed.run.run_id));
  return rows > 0;
}

Result<bool> Apply(Database* database, const NoteSlaTold& told) {
  int64_t rows = 0;
  for (const std::string& task_id : told.tasks) {
    BEEFLOW_ASSIGN_OR_RETURN(
        const int64_t changed,
        database->Execute(sql::kNoteSlaTold, told.email_sent, told.notification_sent,
                          told.run.dag_id, told.run.dag_id, told.run.run_id, task_id));
    rows += changed;
  }
  return rows > 0;
}

}  // namespace

Result<bool> ApplyTransition(Database* database, const Transition& transition) {
  return std::visit([database](const auto& value) { return Apply(database, value); }, transition);
}

Status AddLog(Database* database, const LogLine& line) {
  BEEFLOW_RETURN_IF_ERROR(database->Send(
      sql::kAddLog, line.when, NullIfEmpty(line.dag_id), NullIfEmpty(line.task_id), line.map_index,
      line.event, NullIfEmpty(line.run_id), NullIfEmpty(line.owner), NullIfEmpty(line.extra)));
  return Ok();
}

}  // namespace beeflow::sql
