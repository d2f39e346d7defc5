// What scenarios do: change DAG files, the database, the clock, and report for attempts.
#include <algorithm>
#include <array>
#include <utility>

#include "dag_text.h"
#include "player.h"
#include "ports/manual_run.h"

namespace beeflow::scenario {
namespace {

struct OutcomeName {
  std::string_view name;
  Outcome outcome;
};
constexpr std::array kOutcomes = {
    OutcomeName{"running", Outcome::kRunning},
    OutcomeName{"success", Outcome::kSuccess},
    OutcomeName{"failed", Outcome::kFailed},
    OutcomeName{"failed-for-good", Outcome::kFailedWithoutRetry},
    OutcomeName{"skipped", Outcome::kSkipped},
    OutcomeName{"deferred", Outcome::kDeferred},
    OutcomeName{"rescheduled", Outcome::kRescheduled},
    OutcomeName{"triggered", Outcome::kTriggered},
    OutcomeName{"lost", Outcome::kLost},
};

std::optional<Outcome> ParseOutcome(std::string_view name) {
  for (const OutcomeName& entry : kOutcomes) {
    if (entry.name == name) return entry.outcome;
  }
  return std::nullopt;
}

std::optional<TaskState> ParseState(const std::string& name) {
  return name == "none" ? std::optional(TaskState::kNone) : ParseTaskState(name);
}

// The only word, or `fallback` where there is none.
std::string OneWord(const Arguments& arguments, const std::string& fallback) {
  return arguments.plain().empty() ? fallback : arguments.plain()[0];
}

Result<int> TakeInteger(Arguments* arguments, const std::string& name, int fallback) {
  const auto text = arguments->Take(name);
  if (!text) return fallback;
  const auto number = ParseInteger(*text);
  if (!number) return Invalid(name + " must be a number");
  return static_cast<int>(*number);
}

}  // namespace

Status Player::DefineDag(const Line& line, const std::vector<Line>& body) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json dag, DagJson(line, body));
  BEEFLOW_ASSIGN_OR_RETURN(ParsedFile file, FileWithDag(dag));
  dag_id_ = dag["dag_id"].get<std::string>();
  started_ = true;
  world_->control()->AddFile(std::move(file));
  return world_->Settle();
}

Status Player::RemoveFile(Arguments arguments) {
  world_->control()->AddRemovedFile(FileOf(OneWord(arguments, dag_id_)));
  return Ok();
}

Status Player::Settings(Arguments arguments) {
  ControlOptions options = world_->options();
  SchedulerOptions& scheduler = options.scheduler;
  BEEFLOW_ASSIGN_OR_RETURN(scheduler.parallelism,
                           TakeInteger(&arguments, "parallelism", scheduler.parallelism));
  BEEFLOW_ASSIGN_OR_RETURN(
      scheduler.max_active_tasks_default,
      TakeInteger(&arguments, "max_active_tasks_per_dag", scheduler.max_active_tasks_default));
  if (const auto check = arguments.Take("check_slas")) scheduler.check_slas = *check == "true";
  if (const auto use = arguments.Take("use_job_schedule")) {
    scheduler.use_job_schedule = *use == "true";
  }
  BEEFLOW_RETURN_IF_ERROR(arguments.CheckAllTaken());
  if (started_) return Invalid("settings come before the first DAG");
  world_->SetOptions(options);
  return Ok();
}

Status Player::At(Arguments arguments) {
  BEEFLOW_ASSIGN_OR_RETURN(const Time time, ParseTime(OneWord(arguments, "")));
  if (started_) return world_->MoveTo(time);
  world_->SetClock(time);
  return Ok();
}

Status Player::Advance(Arguments arguments) {
  const auto span = ParseDuration(OneWord(arguments, ""));
  if (!span) return Invalid("write: advance SPAN, such as 300s, 5m, 2h, 1d");
  return world_->MoveTo(world_->now() + *span);
}

// The clock is set, forwards or back: no time passes, and nothing happens at the moments between.
Status Player::SetClock(Arguments arguments) {
  const std::string to = OneWord(arguments, "");
  const bool back = to.starts_with('-');
  if (const auto span = ParseDuration(to.substr(back ? 1 : 0))) {
    world_->SetClock(world_->now() + (back ? -*span : *span));
    return Ok();
  }
  BEEFLOW_ASSIGN_OR_RETURN(const Time time, ParseTime(to));
  world_->SetClock(time);
  return Ok();
}

Status Player::SetPausedTo(Arguments arguments, bool paused) {
  return world_->database()->SetPaused(OneWord(arguments, dag_id_), paused);
}

Status Player::Trigger(Arguments arguments) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, ModelOf(OneWord(arguments, dag_id_)));
  ManualRun request;
  request.run_id = arguments.Take("run_id");
  request.conf = arguments.Take("conf").value_or("{}");
  if (const auto text = arguments.Take("logical_date")) {
    BEEFLOW_ASSIGN_OR_RETURN(request.logical_date, ParseTime(*text));
  }
  const std::string type = arguments.Take("type").value_or("manual");
  BEEFLOW_RETURN_IF_ERROR(arguments.CheckAllTaken());
  BEEFLOW_ASSIGN_OR_RETURN(RunRecord run, NewManualRun(*dag, request, world_->now()));
  if (type == "backfill") {
    run.type = RunType::kBackfill;
    run.external_trigger = false;
    run.key.run_id = MakeRunId(run.type, run.logical_date);
  }
  return world_->database()->CreateRun(run);
}

// backfill FROM TO ...: starts one; backfill pause, unpause, cancel: the one that the DAG has.
Status Player::Backfill(Arguments arguments) {
  const Words words = arguments.plain();
  Database* database = world_->database();
  if (words.size() == 1 && words[0] == "cancel") {
    return database->CancelBackfill(dag_id_, world_->now());
  }
  if (words.size() == 1 && (words[0] == "pause" || words[0] == "unpause")) {
    return database->PauseBackfill(dag_id_, words[0] == "pause", world_->now());
  }
  BackfillOrder order;
  order.dag_id = dag_id_;
  order.backwards = arguments.TakeFlag("backwards");
  order.conf = arguments.Take("conf");
  const auto reprocess = ParseReprocess(arguments.Take("reprocess").value_or("none"));
  BEEFLOW_ASSIGN_OR_RETURN(order.max_active_runs, TakeInteger(&arguments, "max_active_runs", 10));
  BEEFLOW_RETURN_IF_ERROR(arguments.CheckAllTaken());
  const Words dates = arguments.plain();
  if (dates.size() != 2 || !reprocess) return Invalid("write: backfill FROM TO");
  order.reprocess = *reprocess;
  BEEFLOW_ASSIGN_OR_RETURN(order.from, ParseTime(dates[0]));
  BEEFLOW_ASSIGN_OR_RETURN(order.to, ParseTime(dates[1]));
  return database->StartBackfill(order, world_->now());
}

Status Player::WriteBackfill(Arguments arguments) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, world_->store()->Dag(dag_id_));
  if (!dag || !dag->record.backfill) return NotFound("the DAG has no backfill");
  BackfillRecord backfill = *dag->record.backfill;
  BEEFLOW_ASSIGN_OR_RETURN(backfill.max_active_runs,
                           TakeInteger(&arguments, "max_active_runs", backfill.max_active_runs));
  BEEFLOW_RETURN_IF_ERROR(arguments.CheckAllTaken());
  return world_->database()->WriteBackfill(dag_id_, backfill);
}

Status Player::ClearRun(const RunSnapshot& run) {
  return world_->database()->Clear({run.run.key, {}, false, false});
}

Status Player::Clear(Arguments arguments) {
  if (arguments.TakeFlag("run")) {
    BEEFLOW_ASSIGN_OR_RETURN(const RunSnapshot run, RunNamed(OneWord(arguments, "")));
    return ClearRun(run);
  }
  const bool upstream = arguments.TakeFlag("upstream");
  const bool downstream = arguments.TakeFlag("downstream");
  TaskSelection selection;
  selection.only_failed = arguments.TakeFlag("only_failed");
  selection.only_running = arguments.TakeFlag("only_running");
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<Target> targets, TasksNamed(arguments.plain()));
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, ModelOf(targets[0].run.run.key.dag_id));
  selection.run = targets[0].run.run.key;
  // Of an instance, only that one: its upstream and downstream tasks have other instances.
  const bool whole = targets.size() > 1 || targets[0].map_index < 0 || upstream || downstream;
  if (!whole) selection.map_index = targets[0].map_index;
  std::vector<TaskIndex> roots;
  for (const Target& target : targets) {
    const auto index = dag->Find(target.task_id);
    if (!index) return NotFound("there is no task " + target.task_id);
    roots.push_back(*index);
  }
  for (const TaskIndex task : Closure(*dag, roots, upstream, downstream)) {
    selection.tasks.push_back(dag->tasks[task].id);
  }
  return world_->database()->Clear(selection);
}

Status Player::Mark(Arguments arguments) {
  Words words = arguments.plain();
  if (words.empty()) return Invalid("write: mark TASK... STATE, or: mark run RUN STATE");
  const std::string name = words.back();
  words.pop_back();
  if (!words.empty() && words[0] == "run") {
    const auto state = ParseRunState(name);
    if (!state) return Invalid("'" + name + "' is no state of a run");
    BEEFLOW_ASSIGN_OR_RETURN(const RunSnapshot run, RunNamed(words.size() > 1 ? words[1] : ""));
    return world_->database()->SetRunState(run.run.key, *state, world_->now());
  }
  const auto state = ParseState(name);
  if (!state) return Invalid("'" + name + "' is no state of a task instance");
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<Target> targets, TasksNamed(words));
  for (const Target& target : targets) {
    BEEFLOW_RETURN_IF_ERROR(world_->database()->SetTaskState(
        {target.run.run.key, {target.task_id}, false, false, target.map_index}, *state,
        world_->now()));
  }
  return Ok();
}

Status Player::Pool(Arguments arguments) {
  const Words& words = arguments.plain();
  const auto slots = words.size() == 2 ? ParseInteger(words[1]) : std::nullopt;
  if (!slots) return Invalid("write: pool NAME SLOTS");
  started_ = true;
  return world_->database()->SetPool(words[0], static_cast<int>(*slots));
}

Status Player::Delete(Arguments arguments) {
  const Words& words = arguments.plain();
  if (words.empty()) return Invalid("write: delete dag|run|pool|task ...");
  const std::string name = words.size() > 1 ? words[1] : "";
  if (words[0] == "dag") return world_->database()->DeleteDag(name.empty() ? dag_id_ : name);
  if (words[0] == "pool") return world_->database()->DeletePool(name);
  if (words[0] == "run") {
    BEEFLOW_ASSIGN_OR_RETURN(const RunSnapshot run, RunNamed(name));
    return world_->database()->DeleteRun(run.run.key);
  }
  BEEFLOW_ASSIGN_OR_RETURN(const Target target, TaskNamed(name));
  if (words[0] != "task" || !target.record()) return NotFound("there is nothing to delete");
  return world_->database()->DeleteTask(*target.record());
}

Status Player::Write(Arguments arguments) {
  const Words words = arguments.plain();
  if (!words.empty() && words[0] == "backfill") return WriteBackfill(arguments);
  if (!words.empty() && words[0] == "run") {
    BEEFLOW_ASSIGN_OR_RETURN(RunSnapshot run, RunNamed(words.size() > 1 ? words[1] : ""));
    const auto state = ParseRunState(arguments.Take("state").value_or(""));
    if (!state) return Invalid("write: write run RUN state=STATE");
    run.run.state = *state;
    return world_->database()->WriteRun(run.run);
  }
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<Target> targets, TasksNamed(words));
  for (const Target& target : targets) {
    Arguments copy = arguments;
    BEEFLOW_RETURN_IF_ERROR(WriteTask(target, &copy));
  }
  return Ok();
}

Status Player::WriteTask(const Target& target, Arguments* arguments) {
  if (!target.record()) return NotFound("task " + target.name() + " has no row");
  TaskRecord record = *target.record();
  if (const auto name = arguments->Take("state")) {
    const auto state = ParseState(*name);
    if (!state) return Invalid("'" + *name + "' is no state of a task instance");
    record.state = *state;
  }
  BEEFLOW_ASSIGN_OR_RETURN(record.try_number, TakeInteger(arguments, "try", record.try_number));
  BEEFLOW_ASSIGN_OR_RETURN(record.max_tries, TakeInteger(arguments, "max_tries", record.max_tries));
  if (const auto attempt = arguments->Take("attempt")) {
    record.attempt = *attempt == "none" ? 0 : ParseAttemptId(*attempt).value_or(0);
  }
  BEEFLOW_RETURN_IF_ERROR(arguments->CheckAllTaken());
  return world_->database()->WriteTask(record);
}

Status Player::ReportAttempts(Arguments arguments) {
  Words words = arguments.plain();
  const auto outcome = words.empty() ? std::nullopt : ParseOutcome(words.back());
  if (!outcome) return Invalid("write: report TASK... OUTCOME");
  words.pop_back();
  std::optional<int> try_number;
  BEEFLOW_ASSIGN_OR_RETURN(const int given, TakeInteger(&arguments, "try", 0));
  if (given != 0) try_number = given;
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<Target> targets, TasksNamed(words));
  for (const Target& target : targets) {
    KnownAttempt* known =
        world_->executor()->Find(target.run.run.key, target.task_id, target.map_index, try_number);
    if (!known) return NotFound("no attempt of " + target.name() + " was started");
    Arguments copy = arguments;
    BEEFLOW_RETURN_IF_ERROR(ReportAttempt(known, *outcome, &copy));
    BEEFLOW_RETURN_IF_ERROR(copy.CheckAllTaken());
  }
  return Ok();
}

Status Player::ReportAttempt(KnownAttempt* known, Outcome outcome, Arguments* arguments) {
  Report report = ReportOf(known->attempt, outcome);
  if (outcome != Outcome::kRunning) {
    known->over = true;
    report.end_date = world_->now();
  }
  report.reason = arguments->Take("reason").value_or("");
  if (const auto skip = arguments->Take("skip")) report.skip_tasks = SplitAt(*skip, ',');
  BEEFLOW_RETURN_IF_ERROR(FillReport(outcome, arguments, &report));
  world_->control()->AddReport(world_->executor(), world_->executor()->Number(std::move(report)));
  return Ok();
}

// What the outcome takes along: a length, a deferral, a date, an event.
Status Player::FillReport(Outcome outcome, Arguments* arguments, Report* report) {
  if (const auto text = arguments->Take("length")) {
    report->map_length = ParseInteger(*text);
    if (!report->map_length) return Invalid("length must be a number");
  }
  // What was returned; only its being there counts.
  if (outcome == Outcome::kSuccess && !arguments->TakeFlag("nothing")) {
    report->xcoms.emplace_back("return_value", "1");
  }
  if (outcome == Outcome::kDeferred) {
    report->deferral = Deferral{"triggers.Scripted", "{}", {}, "execute_complete", "{}"};
    if (const auto text = arguments->Take("timeout")) {
      report->deferral->timeout = ParseDuration(*text);
      if (!report->deferral->timeout) return Invalid("write: timeout=SPAN");
    }
    if (const auto next = arguments->Take("next")) report->deferral->next_method = *next;
  }
  if (outcome == Outcome::kRescheduled) {
    const std::string text = arguments->Take("until").value_or("");
    if (const auto span = ParseDuration(text)) {
      report->reschedule_date = world_->now() + *span;
    } else {
      BEEFLOW_ASSIGN_OR_RETURN(report->reschedule_date, ParseTime(text));
    }
  }
  if (outcome == Outcome::kTriggered) {
    const auto error = arguments->Take("error");
    const std::string event = arguments->Take("event").value_or("");
    report->event = TriggerEvent{error ? "error" : "event", DumpJson(Json(error.value_or(event)))};
  }
  return Ok();
}

// Everything that runs succeeds, and so does what is started by that, until nothing is left.
Status Player::Finish() {
  while (true) {
    std::vector<KnownAttempt>& attempts = world_->executor()->attempts();
    const auto open = std::find_if(attempts.begin(), attempts.end(),
                                   [](const auto& known) { return !known.over; });
    if (open == attempts.end()) return Ok();
    for (KnownAttempt& known : attempts) {
      if (known.over) continue;
      Arguments none({});
      const Outcome outcome = known.cancelled ? Outcome::kFailed : Outcome::kSuccess;
      BEEFLOW_RETURN_IF_ERROR(ReportAttempt(&known, outcome, &none));
    }
    BEEFLOW_RETURN_IF_ERROR(world_->Settle());
  }
}

Status Player::Refused(const Words& words) {
  if (words.size() < 3) return Invalid("write: refused MESSAGE STEP...");
  const Status status = Do({words.begin() + 2, words.end()});
  if (status.ok()) return Invalid("it was not refused");
  if (status.error().message.find(words[1]) != std::string::npos) return Ok();
  return Invalid("it was refused with: " + status.error().message);
}

}  // namespace beeflow::scenario
