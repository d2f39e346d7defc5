// Plays one scenario: does its steps in a World and checks what it expects. The language is
// described in tests/scenarios/README.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "script.h"
#include "world.h"

namespace beeflow::scenario {

class Player {
 public:
  // `restarts`: the control process starts anew before every step.
  Player(World* world, bool restarts) : world_(world), restarts_(restarts) {}

  // Errors name the line, what was expected, and what is there instead.
  Status Play(const Scenario& scenario);

 private:
  // A word that names a task instance, "[dag/]task[[index]][@run]", and the run that it is looked
  // up in.
  struct Target {
    RunSnapshot run;
    std::string task_id;
    int map_index = -1;
    std::string name() const;
    const TaskRecord* record() const;  // null where it has no row
  };
  using Words = std::vector<std::string>;

  // player.cc
  Status PlayLine(const Line& line, const std::vector<Line>& body);
  Status Do(const Words& words);
  std::string Situation();

  // references.cc
  Result<RunSnapshot> FindRun(const std::string& dag_id, const std::string& name);
  // "[dag/]run"; "" where the DAG has one run only.
  Result<RunSnapshot> RunNamed(const std::string& word);
  Result<Target> TaskNamed(const std::string& word);
  // Without an index, a task that was expanded stands for all of its instances.
  Result<std::vector<Target>> TasksNamed(const Words& words);
  Result<std::shared_ptr<const Dag>> ModelOf(const std::string& dag_id);

  // steps.cc
  Status DefineDag(const Line& line, const std::vector<Line>& body);
  Status Settings(Arguments arguments);
  Status At(Arguments arguments);
  Status Advance(Arguments arguments);
  Status SetClock(Arguments arguments);
  Status SetPausedTo(Arguments arguments, bool paused);
  Status Trigger(Arguments arguments);
  Status Backfill(Arguments arguments);
  Status WriteBackfill(Arguments arguments);
  Status Clear(Arguments arguments);
  Status ClearRun(const RunSnapshot& run);
  Status Mark(Arguments arguments);
  Status Pool(Arguments arguments);
  Status Delete(Arguments arguments);
  Status Write(Arguments arguments);
  Status WriteTask(const Target& target, Arguments* arguments);
  Status ReportAttempts(Arguments arguments);
  Status ReportAttempt(KnownAttempt* known, Outcome outcome, Arguments* arguments);
  Status FillReport(Outcome outcome, Arguments* arguments, Report* report);
  Status Finish();
  Status RemoveFile(Arguments arguments);
  Status Refused(const Words& words);

  // expectations.cc
  Status Expect(Words words);
  Status ExpectOne(const Words& words);
  Status ExpectNot(const Words& words);
  Status ExpectRun(Arguments arguments);
  Status ExpectRuns(Arguments arguments);
  Status ExpectTasks(Arguments arguments);
  Status ExpectNext(Arguments arguments);
  Status ExpectDag(Arguments arguments);
  Status ExpectBackfill(const Words& words);
  Status ExpectAttempts(const std::string& what, std::vector<Attempt> attempts, const Words& names);
  Status ExpectLate(const Words& names);
  Status ExpectRecorded(const Words& words);
  bool LogHas(const std::string& text) const;

  // trigger_rule_table.cc
  struct RuleCase;
  enum class RuleShape : uint8_t;
  Status PlayRules(const std::vector<Line>& lines);
  Status PlayTable(const std::vector<RuleCase>& cases, RuleShape shape);

  World* const world_;
  const bool restarts_;
  bool started_ = false;  // the clock may no longer be set without time passing
  std::string dag_id_;    // that words mean which name none
};

}  // namespace beeflow::scenario
