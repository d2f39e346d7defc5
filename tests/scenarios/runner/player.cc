#include "player.h"

#include <functional>

namespace beeflow::scenario {
namespace {

Error AtLine(const Line& line, const Error& error) {
  return Invalid("line " + std::to_string(line.number) + ": " + line.text + "\n    " +
                 error.message);
}

// The index of the first line from `first` on that does not go on with those before.
template <typename Predicate>
size_t EndOf(const std::vector<Line>& lines, size_t first, const Predicate& goes_on) {
  while (first < lines.size() && goes_on(lines[first])) ++first;
  return first;
}

}  // namespace

Status Player::Play(const Scenario& scenario) {
  const std::vector<Line>& lines = scenario.lines;
  for (size_t i = 0; i < lines.size();) {
    const Line& line = lines[i];
    if (line.indented) return AtLine(line, Invalid("the line before takes no indented lines"));
    const bool is_rule = line.words[0] == "rule";
    const size_t end = EndOf(lines, i + 1, [&](const Line& next) {
      return is_rule ? next.words[0] == "rule" : next.indented;
    });
    const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(i);
    const auto last = lines.begin() + static_cast<std::ptrdiff_t>(end);
    if (is_rule) {
      BEEFLOW_RETURN_IF_ERROR(PlayRules({begin, last}));
    } else if (auto status = PlayLine(line, {begin + 1, last}); !status.ok()) {
      return AtLine(line, Invalid(status.error().message + Situation()));
    }
    i = end;
  }
  return Ok();
}

Status Player::PlayLine(const Line& line, const std::vector<Line>& body) {
  if (restarts_ && started_) BEEFLOW_RETURN_IF_ERROR(world_->Restart());
  if (line.words[0] == "dag") return DefineDag(line, body);
  if (!body.empty()) return Invalid("this takes no indented lines");
  return Do(line.words);
}

Status Player::Do(const Words& words) {
  const std::string& verb = words[0];
  const Arguments arguments(words, 1);
  const std::map<std::string, std::function<Status()>> verbs = {
      {"settings", [&] { return Settings(arguments); }},
      {"use",
       [&]() -> Status {
         dag_id_ = words.back();
         return Ok();
       }},
      {"at", [&] { return At(arguments); }},
      {"advance", [&] { return Advance(arguments); }},
      {"set-clock", [&] { return SetClock(arguments); }},
      {"restart", [&] { return world_->Restart(); }},
      {"pause", [&] { return SetPausedTo(arguments, true); }},
      {"unpause", [&] { return SetPausedTo(arguments, false); }},
      {"trigger", [&] { return Trigger(arguments); }},
      {"backfill", [&] { return Backfill(arguments); }},
      {"clear", [&] { return Clear(arguments); }},
      {"mark", [&] { return Mark(arguments); }},
      {"pool", [&] { return Pool(arguments); }},
      {"delete", [&] { return Delete(arguments); }},
      {"write", [&] { return Write(arguments); }},
      {"report", [&] { return ReportAttempts(arguments); }},
      {"finish", [&] { return Finish(); }},
      {"remove-file", [&] { return RemoveFile(arguments); }},
      {"refused", [&] { return Refused(words); }},
      {"expect",
       [&] {
         return Expect({words.begin() + 1, words.end()});
       }},
  };
  const auto found = verbs.find(verb);
  if (found == verbs.end()) return Invalid("unknown word '" + verb + "'");
  BEEFLOW_RETURN_IF_ERROR(found->second());
  if (verb == "settings" || verb == "use" || verb == "expect" || !started_) return Ok();
  return world_->Settle();
}

// For messages: the runs and task instances of the DAG that is talked of.
std::string Player::Situation() {
  std::string out = "\n    it is " + FormatIso(world_->now());
  const auto runs = world_->store()->Runs(dag_id_);
  if (!runs.ok()) return out;
  for (const RunSnapshot& run : *runs) {
    out += "\n    run " + run.run.key.run_id + " " + std::string(ToString(run.run.state)) + ":";
    for (const TaskRecord& task : run.tasks) {
      const std::string state(task.state == TaskState::kNone ? "none" : ToString(task.state));
      const std::string index =
          task.map_index < 0 ? "" : "[" + std::to_string(task.map_index) + "]";
      out += " " + task.task_id + index + "=" + state + "#" + std::to_string(task.try_number);
    }
  }
  return out;
}

}  // namespace beeflow::scenario
