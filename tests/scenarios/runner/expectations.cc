// What scenarios expect of runs, task instances, attempts, the schedule and the log.
#include <algorithm>
#include <utility>

#include "player.h"

namespace beeflow::scenario {
namespace {

std::string StateOf(const TaskRecord* task) {
  if (!task) return "absent";
  return std::string(task->state == TaskState::kNone ? "none" : ToString(task->state));
}

bool IsTaskState(const std::string& word) {
  return word == "none" || word == "absent" || (!word.empty() && ParseTaskState(word));
}

std::string TimeText(const std::optional<Time>& time) { return time ? FormatIso(*time) : "none"; }

std::string IntervalText(const std::optional<DataInterval>& interval) {
  return interval ? FormatIso(interval->start) + ".." + FormatIso(interval->end) : "none";
}

// "none" or a time, in the form in which times are compared.
std::string Canonical(const std::string& text) {
  const auto time = ParseTime(text);
  return time.ok() ? FormatIso(*time) : text;
}

std::string CanonicalInterval(const std::string& text) {
  const size_t dots = text.find("..");
  if (dots == std::string::npos) return text;
  return Canonical(text.substr(0, dots)) + ".." + Canonical(text.substr(dots + 2));
}

Status Compare(const std::string& what, const std::string& expected, const std::string& found) {
  if (expected == found) return Ok();
  return Invalid(what + " is " + found + ", expected " + expected);
}

// Checks the option `name`, if it is given, against what is found.
Status CompareOption(Arguments* arguments, const std::string& name, const std::string& found) {
  const auto expected = arguments->Take(name);
  return expected ? Compare(name, CanonicalInterval(Canonical(*expected)), found) : Ok();
}

// How it goes on after a deferral or a reschedule.
Status CompareResumption(Arguments* arguments, const Resumption* resumption) {
  const Resumption found = resumption ? *resumption : Resumption{};
  const auto kwargs = ParseJson(found.next_kwargs.empty() ? "{}" : found.next_kwargs);
  if (!kwargs.ok()) return kwargs.error();
  const auto text = [&](const std::string& key) {
    return kwargs->contains(key) ? (*kwargs)[key].get<std::string>() : "none";
  };
  BEEFLOW_RETURN_IF_ERROR(
      CompareOption(arguments, "next", found.next_method.empty() ? "none" : found.next_method));
  BEEFLOW_RETURN_IF_ERROR(CompareOption(arguments, "event", text("event")));
  BEEFLOW_RETURN_IF_ERROR(CompareOption(arguments, "error", text("error")));
  BEEFLOW_RETURN_IF_ERROR(CompareOption(arguments, "until", TimeText(found.reschedule_date)));
  return CompareOption(arguments, "reschedules", std::to_string(found.reschedules));
}

}  // namespace

// Several expectations in one line are separated by commas.
Status Player::Expect(Words words) {
  Words part;
  for (std::string& word : words) {
    const bool ends = word.size() > 1 && word.back() == ',';
    if (ends) word.pop_back();
    part.push_back(std::move(word));
    if (ends) BEEFLOW_RETURN_IF_ERROR(ExpectOne(std::exchange(part, {})));
  }
  return part.empty() ? Ok() : ExpectOne(part);
}

Status Player::ExpectOne(const Words& words) {
  const std::string& subject = words[0];
  const Words rest(words.begin() + 1, words.end());
  if (subject == "no") return ExpectNot(rest);
  if (subject == "run") return ExpectRun(Arguments(rest));
  if (subject == "runs") return ExpectRuns(Arguments(rest));
  if (subject == "next") return ExpectNext(Arguments(rest));
  if (subject == "dag") return ExpectDag(Arguments(rest));
  if (subject == "backfill") return ExpectBackfill(rest);
  if (subject == "started") {
    return ExpectAttempts(subject, world_->executor()->TakeStarted(), rest);
  }
  if (subject == "cancelled") {
    return ExpectAttempts(subject, world_->executor()->TakeCancelled(), rest);
  }
  if (subject == "late") return ExpectLate(rest);
  if (subject == "recorded") return ExpectRecorded(rest);
  if (subject == "log") {
    const std::string text = Join(rest);
    return LogHas(text) ? Ok() : Status(Invalid("the log does not say: " + text));
  }
  return ExpectTasks(Arguments(words));
}

Status Player::ExpectNot(const Words& words) {
  if (words.size() < 2) return Invalid("write: expect no run RUN, or: expect no log TEXT");
  if (words[0] == "run") {
    const auto run = RunNamed(words[1]);
    return run.ok() ? Status(Invalid("the run exists")) : Ok();
  }
  const Words rest(words.begin() + 1, words.end());
  return LogHas(Join(rest)) ? Status(Invalid("the log says: " + Join(rest))) : Ok();
}

bool Player::LogHas(const std::string& text) const {
  const auto& log = world_->store()->log();
  return std::any_of(log.begin(), log.end(), [&](const LogEntry& entry) {
    return entry.text.find(text) != std::string::npos;
  });
}

Status Player::ExpectRun(Arguments arguments) {
  Words words = arguments.plain();
  std::string state;
  if (!words.empty() && ParseRunState(words.back())) {
    state = words.back();
    words.pop_back();
  }
  BEEFLOW_ASSIGN_OR_RETURN(const RunSnapshot snapshot, RunNamed(words.empty() ? "" : words[0]));
  const RunRecord& run = snapshot.run;
  const std::string found(ToString(run.state));
  if (!state.empty()) BEEFLOW_RETURN_IF_ERROR(Compare("the run", state, found));
  BEEFLOW_RETURN_IF_ERROR(CompareOption(&arguments, "id", run.key.run_id));
  BEEFLOW_RETURN_IF_ERROR(CompareOption(&arguments, "type", std::string(ToString(run.type))));
  BEEFLOW_RETURN_IF_ERROR(CompareOption(&arguments, "logical_date", FormatIso(run.logical_date)));
  BEEFLOW_RETURN_IF_ERROR(CompareOption(&arguments, "interval", IntervalText(run.interval)));
  BEEFLOW_RETURN_IF_ERROR(CompareOption(&arguments, "start_date", TimeText(run.start_date)));
  BEEFLOW_RETURN_IF_ERROR(CompareOption(&arguments, "end_date", TimeText(run.end_date)));
  BEEFLOW_RETURN_IF_ERROR(CompareOption(&arguments, "conf", run.conf));
  return arguments.CheckAllTaken();
}

// All runs of the DAG in the order of their logical dates, with their states if they are given.
Status Player::ExpectRuns(Arguments arguments) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto runs, world_->store()->Runs(dag_id_));
  Words expected = arguments.plain();
  std::string state;
  if (!expected.empty() && ParseRunState(expected.back())) {
    state = expected.back();
    expected.pop_back();
  }
  if (expected == Words{"none"}) expected.clear();
  Words found;
  for (const RunSnapshot& run : runs) found.push_back(FormatIso(run.run.logical_date));
  for (std::string& word : expected) word = Canonical(word);
  BEEFLOW_RETURN_IF_ERROR(Compare("the list of runs", Join(expected), Join(found)));
  for (const RunSnapshot& run : runs) {
    if (state.empty()) continue;
    BEEFLOW_RETURN_IF_ERROR(
        Compare("run " + run.run.key.run_id, state, std::string(ToString(run.run.state))));
  }
  return Ok();
}

Status Player::ExpectTasks(Arguments arguments) {
  Words words = arguments.plain();
  if (words.size() < 2 || !IsTaskState(words.back())) {
    return Invalid("write: expect TASK... STATE OPTION=VALUE...");
  }
  const std::string state = words.back();
  words.pop_back();
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<Target> targets, TasksNamed(words));
  for (const Target& target : targets) {
    const TaskRecord* task = target.record();
    BEEFLOW_RETURN_IF_ERROR(Compare(target.name(), state, StateOf(task)));
    if (!task) continue;
    Arguments copy = arguments;
    BEEFLOW_RETURN_IF_ERROR(CompareOption(&copy, "try", std::to_string(task->try_number)));
    BEEFLOW_RETURN_IF_ERROR(CompareOption(&copy, "max_tries", std::to_string(task->max_tries)));
    BEEFLOW_RETURN_IF_ERROR(CompareOption(&copy, "start_date", TimeText(task->start_date)));
    BEEFLOW_RETURN_IF_ERROR(CompareOption(&copy, "end_date", TimeText(task->end_date)));
    BEEFLOW_RETURN_IF_ERROR(CompareResumption(&copy, task->resumption.get()));
    BEEFLOW_RETURN_IF_ERROR(copy.CheckAllTaken());
  }
  return Ok();
}

// The columns next_* of the DAG: its next run, and when that is due.
Status Player::ExpectNext(Arguments arguments) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, world_->store()->Dag(dag_id_));
  if (!dag) return NotFound("there is no DAG " + dag_id_);
  const DagRecord& record = dag->record;
  if (!arguments.plain().empty()) {
    BEEFLOW_RETURN_IF_ERROR(Compare("the next run", Canonical(arguments.plain()[0]),
                                    TimeText(record.next_logical_date)));
  }
  BEEFLOW_RETURN_IF_ERROR(CompareOption(&arguments, "after", TimeText(record.next_create_after)));
  BEEFLOW_RETURN_IF_ERROR(
      CompareOption(&arguments, "interval", IntervalText(record.next_interval)));
  return arguments.CheckAllTaken();
}

Status Player::ExpectDag(Arguments arguments) {
  const Words& words = arguments.plain();
  if (words.empty()) return Invalid("write: expect dag [DAG] STATE");
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag,
                           world_->store()->Dag(words.size() > 1 ? words[0] : dag_id_));
  std::string found = "absent";
  if (dag) found = dag->record.is_paused ? "paused" : "unpaused";
  if (dag && !dag->record.is_active) found = "inactive";
  return Compare("the DAG", words.back(), found);
}

Status Player::ExpectBackfill(const Words& words) {
  if (words.size() != 1) return Invalid("write: expect backfill going|paused|none");
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, world_->store()->Dag(dag_id_));
  std::string found = "none";
  if (dag && dag->record.backfill) found = dag->record.backfill->is_paused ? "paused" : "going";
  return Compare("the backfill", words[0], found);
}

// Attempts in the order in which the executor was told of them.
Status Player::ExpectAttempts(const std::string& what, std::vector<Attempt> attempts,
                              const Words& names) {
  Words expected;
  for (const std::string& name : names) {
    if (name == "none") continue;
    const auto targets = TasksNamed({name});
    if (!targets.ok()) expected.push_back(name);  // one of a run that was deleted: RUN_ID:TASK
    if (!targets.ok()) continue;
    for (const Target& target : *targets) {
      expected.push_back(target.run.run.key.run_id + ":" + target.name());
    }
  }
  Words found;
  for (const Attempt& attempt : attempts) {
    const Target target{{}, attempt.dag->tasks[attempt.task].id, attempt.map_index};
    found.push_back(attempt.run.key.run_id + ":" + target.name());
  }
  return Compare("what was " + what, "[" + Join(expected) + "]", "[" + Join(found) + "]");
}

// How the attempts of a task instance have ended, in that order.
Status Player::ExpectRecorded(const Words& words) {
  if (words.empty()) return Invalid("write: expect recorded TASK STATE...");
  BEEFLOW_ASSIGN_OR_RETURN(const Target target, TaskNamed(words[0]));
  Words expected(words.begin() + 1, words.end());
  if (expected == Words{"none"}) expected.clear();
  Words found;
  for (const RecordedAttempt& attempt : world_->store()->attempts()) {
    const bool is_its = attempt.run == target.run.run.key && attempt.task_id == target.task_id &&
                        attempt.map_index == target.map_index;
    if (is_its) found.emplace_back(ToString(attempt.state));
  }
  return Compare("what is recorded", "[" + Join(expected) + "]", "[" + Join(found) + "]");
}

// Tasks that missed their SLA, in the order in which the DAG's code was told of them.
Status Player::ExpectLate(const Words& names) {
  Words expected;
  for (const std::string& name : names) {
    if (name == "none") continue;
    BEEFLOW_ASSIGN_OR_RETURN(const Target target, TaskNamed(name));
    expected.push_back(target.run.run.key.run_id + ":" + target.task_id);
  }
  const Words found = world_->dag_code()->TakeLate();
  return Compare("what is late", "[" + Join(expected) + "]", "[" + Join(found) + "]");
}

}  // namespace beeflow::scenario
