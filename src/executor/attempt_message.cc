#include "executor/attempt_message.h"

#include <climits>
#include <optional>
#include <string_view>
#include <utility>

#include "ports/log_path.h"
#include "worker/attempt_usage.h"

namespace beeflow {
namespace {

Json IsoOrNull(const std::optional<Time>& time) { return time ? Json(FormatIso(*time)) : Json(); }

// Text that the engine wrote itself; null where it is not JSON all the same.
Json FromText(const std::string& text) {
  Result<Json> json = ParseJson(text);
  return json.ok() ? std::move(*json) : Json();
}

std::optional<Outcome> ParseOutcome(std::string_view state) {
  if (state == "running") return Outcome::kRunning;
  if (state == "success") return Outcome::kSuccess;
  if (state == "failed") return Outcome::kFailed;
  if (state == "fail_without_retry") return Outcome::kFailedWithoutRetry;
  if (state == "skipped") return Outcome::kSkipped;
  if (state == "deferred") return Outcome::kDeferred;
  if (state == "rescheduled") return Outcome::kRescheduled;
  if (state == "triggered") return Outcome::kTriggered;
  return std::nullopt;
}

std::optional<Time> TimeAt(JsonReader* reader, const char* key) {
  const auto microseconds = reader->OptionalInteger(key, INT64_MIN, INT64_MAX);
  if (!microseconds) return std::nullopt;
  return Time(Duration(*microseconds));
}

// What an attempt or a callback says of its run.
Json RunFields(const RunRecord& run) {
  const auto& interval = run.interval;
  return {
      {"dag_id", run.key.dag_id},
      {"run_id", run.key.run_id},
      {"logical_date", FormatIso(run.logical_date)},
      {"data_interval_start", IsoOrNull(interval ? std::optional(interval->start) : std::nullopt)},
      {"data_interval_end", IsoOrNull(interval ? std::optional(interval->end) : std::nullopt)},
      {"run_start_date", IsoOrNull(run.start_date)},
      {"run_type", ToString(run.type)},
      {"external_trigger", run.external_trigger},
      {"conf", FromText(run.conf)},
  };
}

void AddResumption(const Resumption& resumption, Json* attempt) {
  if (!resumption.trigger_class.empty()) {
    (*attempt)["trigger"] = {{"classpath", resumption.trigger_class},
                             {"kwargs", FromText(resumption.trigger_kwargs)}};
  }
  (*attempt)["start_date"] = IsoOrNull(resumption.start_date);
  (*attempt)["reschedules"] = resumption.reschedules;
  if (resumption.next_method.empty()) return;
  (*attempt)["next_method"] = resumption.next_method;
  (*attempt)["next_kwargs"] = FromText(resumption.next_kwargs);
}

Deferral ReadDeferral(JsonReader* reader) {
  Deferral deferral;
  const Json& trigger = reader->Raw("trigger");
  if (!trigger.is_object()) {
    reader->Fail("a deferral has no trigger");
    return deferral;
  }
  JsonReader in(trigger, "the trigger of a deferral");
  deferral.trigger_class = in.String("classpath");
  deferral.trigger_kwargs = DumpJson(trigger.value("kwargs", Json::object()));
  deferral.timeout = reader->OptionalSeconds("timeout");
  deferral.next_method = reader->String("next_method");
  const Json& kwargs = reader->Raw("next_kwargs");
  deferral.next_kwargs = DumpJson(kwargs.is_object() ? kwargs : Json::object());
  return deferral;
}

std::optional<std::vector<DatasetEvent>> ReadDatasetEvents(const Json& list) {
  if (!list.is_array()) return std::nullopt;
  std::vector<DatasetEvent> events;
  for (const Json& item : list) {
    JsonReader in(item, "a dataset event");
    DatasetEvent event{in.String("uri"), in.String("alias"), ""};
    const Json& extra = in.Raw("extra");
    if (extra.is_object() && !extra.empty()) event.extra = DumpJson(extra);
    if (!event.dataset.empty()) events.push_back(std::move(event));
  }
  return events;
}

// The end of a trigger: what is added to the arguments of the task's next method.
TriggerEvent ReadEvent(const JsonReader& reader) {
  const Json& error = reader.Raw("error");
  if (!error.is_null()) return {"error", DumpJson(error)};
  return {"event", DumpJson(reader.Raw("event"))};
}

}  // namespace

Json AttemptToJson(const Attempt& attempt, const AttemptLimits& limits) {
  const Task& task = attempt.dag->tasks.at(attempt.task);
  const RunRecord& run = attempt.run;
  const Json timeout = task.execution_timeout ? Json(ToSeconds(*task.execution_timeout)) : Json();
  Json json = {
      {"attempt_id", FormatAttemptId(attempt.id)},
      {"task_id", task.id},
      {"map_index", attempt.map_index},
      {"try_number", attempt.try_number},
      {"max_tries", attempt.max_tries},
      {"owner", task.owner},
      {"file", attempt.file},
      {"version", attempt.dag_hash},
      {"queue", task.queue},
      {"limits", AttemptLimitsToJson(limits)},
      {"run", FromText(task.run)},
      {"execution_timeout", timeout},
      {"do_xcom_push", task.do_xcom_push},
      {"log", AttemptLogPath(run.key, task.id, attempt.map_index, attempt.try_number)},
  };
  json.update(RunFields(run));
  if (!task.executor_config.empty()) json["executor_config"] = FromText(task.executor_config);
  if (attempt.resumption) AddResumption(*attempt.resumption, &json);
  return json;
}

Json NextRunRequest(const TimetableQuestion& question) {
  const Restriction& restriction = question.restriction;
  Json last;
  if (question.last) {
    last = {{"start", FormatIso(question.last->start)}, {"end", FormatIso(question.last->end)}};
  }
  return {{"op", "next_run"},
          {"dag_id", question.dag_id},
          {"last", std::move(last)},
          {"earliest", IsoOrNull(restriction.earliest)},
          {"latest", IsoOrNull(restriction.latest)},
          {"catchup", restriction.catchup}};
}

Result<std::optional<NextRun>> NextRunFromJson(const Json& answer) {
  JsonReader reader(answer, "the timetable's answer");
  const Json& info = reader.Raw("info");
  if (info.is_null()) return std::optional<NextRun>();
  if (!info.is_object()) return Invalid("the timetable's answer cannot be read");
  JsonReader in(info, "the timetable's answer");
  const auto start = in.OptionalTime("start");
  const auto end = in.OptionalTime("end");
  const auto run_after = in.OptionalTime("run_after");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  if (!start || !end || !run_after) return Invalid("the timetable's answer lacks a time");
  return std::optional<NextRun>(NextRun{*start, {*start, *end}, *run_after});
}

Json ManualIntervalRequest(const ManualIntervalQuestion& question) {
  return {{"op", "manual_interval"},
          {"dag_id", question.dag_id},
          {"run_after", FormatIso(question.run_after)}};
}

Result<DataInterval> IntervalFromJson(const Json& answer) {
  JsonReader in(answer, "the timetable's answer");
  const auto start = in.OptionalTime("start");
  const auto end = in.OptionalTime("end");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  if (!start || !end) return Invalid("the timetable's answer lacks a time");
  return DataInterval{*start, *end};
}

Json TasksOf(const DagCallback& callback) {
  Json tasks = Json::array();
  for (const TaskRecord& task : callback.tasks) {
    const Json state = task.state == TaskState::kNone ? Json() : Json(ToString(task.state));
    tasks.push_back({{"task_id", task.task_id},
                     {"map_index", task.map_index},
                     {"state", state},
                     {"try_number", task.try_number}});
  }
  return tasks;
}

Json CallbackRequest(const DagCallback& callback) {
  const RunRecord& run = callback.run;
  const bool failed = run.state == RunState::kFailed;
  Json fields = RunFields(run);
  fields["kind"] = failed ? "failure" : "success";
  fields["reason"] = failed ? "task_failure" : "success";
  fields["state"] = ToString(run.state);
  fields["file"] = callback.file;
  fields["version"] = callback.dag_hash;
  fields["tasks"] = TasksOf(callback);
  fields["end_date"] = IsoOrNull(run.end_date);
  if (!callback.late.empty()) {
    fields["kind"] = "sla_miss";
    fields["reason"] = "sla_miss";
    fields["late"] = callback.late;
    fields["timestamp"] = FormatIso(callback.when);
  }
  return {{"op", "dag_callback"}, {"callback", std::move(fields)}};
}

NoteSlaTold SlaToldFromJson(const RunKey& run, const std::vector<std::string>& late,
                            const Json& answer) {
  const auto flag = [&](const char* name) {
    const auto it = answer.find(name);
    return it != answer.end() && it->is_boolean() && it->get<bool>();
  };
  return {run, late, flag("email_sent"), flag("notification_sent")};
}

Result<Report> ReportFromJson(const Json& message) {
  JsonReader reader(message, "the worker's report");
  Report report;
  const auto attempt = ParseAttemptId(reader.String("attempt_id"));
  const auto outcome = ParseOutcome(reader.String("state"));
  if (!attempt) reader.Fail("attempt_id is no attempt id");
  if (!outcome) reader.Fail("the state is unknown");
  report.attempt = attempt.value_or(0);
  report.run = {reader.String("dag_id"), reader.String("run_id")};
  report.task_id = reader.String("task_id");
  report.map_index = static_cast<int>(reader.Integer("map_index", -1, -1, INT_MAX));
  report.try_number = static_cast<int>(reader.Integer("try_number", 0, 0, INT_MAX));
  report.outcome = outcome.value_or(Outcome::kFailed);
  report.start_date = TimeAt(&reader, "start_date");
  report.end_date = TimeAt(&reader, "end_date");
  report.hostname = reader.String("hostname");
  report.pid = reader.Integer("pid", 0, 0, INT64_MAX);
  report.reason = reader.String("reason");
  report.skip_tasks = reader.Strings("skip_tasks");
  report.dataset_events = ReadDatasetEvents(reader.Raw("dataset_events"));
  report.map_length = reader.OptionalInteger("map_length", 0, INT64_MAX);
  report.rendered_map_index = reader.String("rendered_map_index");
  report.reschedule_date = reader.OptionalTime("reschedule_date");
  if (report.outcome == Outcome::kDeferred) report.deferral = ReadDeferral(&reader);
  if (report.outcome == Outcome::kTriggered) report.event = ReadEvent(reader);
  const bool ends_task =
      report.outcome != Outcome::kRunning && report.outcome != Outcome::kTriggered;
  if (const Json& usage = reader.Raw("usage"); ends_task && usage.is_object()) {
    report.usage = AttemptUsageFromJson(usage);
  }
  if (const Json& xcoms = reader.Raw("xcoms"); xcoms.is_object()) {
    for (const auto& [key, value] : xcoms.items()) {
      report.xcoms.emplace_back(key, DumpJson(value));
    }
  }
  BEEFLOW_RETURN_IF_ERROR(reader.status());
  return report;
}

}  // namespace beeflow
