// The verbs: each group adds its own to the parser, with what to do when one is chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <utility>

#include "cli/session.h"

namespace beeflow {

// The verb that the command line chose. It runs after parsing is over, so that no exception of the
// parser passes through it.
class Commands {
 public:
  using Action = std::function<Status(Session&)>;

  void On(CLI::App* verb, Action action) {
    // Inner verbs call back before those that they belong to, and win.
    verb->callback([this, action = std::move(action)] {
      if (!chosen_) chosen_ = action;
    });
  }
  const Action& chosen() const { return chosen_; }

 private:
  Action chosen_;
};

void AddDagCommands(CLI::App* dags, Commands* commands);        // dags list, show, pause, ...
void AddRunCommands(CLI::App* dags, Commands* commands);        // dags list-runs, trigger, state
void AddExecutionCommands(CLI::App* dags, Commands* commands);  // dags test, backfill
void AddTaskCommands(CLI::App* tasks, Commands* commands);      // tasks list, test, render, ...
void AddClearCommand(CLI::App* tasks, Commands* commands);      // tasks clear
void AddLogsCommand(CLI::App* tasks, Commands* commands);       // tasks logs
void AddBackfillCommands(CLI::App* backfill, Commands* commands);
void AddPoolCommands(CLI::App* pools, Commands* commands);
void AddVariableCommands(CLI::App* variables, Commands* commands);
void AddConnectionCommands(CLI::App* connections, Commands* commands);
void AddUserCommands(CLI::App* users, Commands* commands);
void AddRoleCommands(CLI::App* roles, Commands* commands);
void AddTokenCommands(CLI::App* tokens, Commands* commands);
void AddDatabaseCommands(CLI::App* app, Commands* commands);  // db, export, rotate-fernet-key
void AddConfigCommands(CLI::App* app, Commands* commands);    // config, version
void AddLabCommands(CLI::App* app, Commands* commands);       // lab run, report, simulate, ...
void AddLabRun(CLI::App* lab, Commands* commands);
void AddLabReport(CLI::App* lab, Commands* commands);
void AddLabSimulate(CLI::App* lab, Commands* commands);
void AddLabCost(CLI::App* lab, Commands* commands);
void AddLabImport(CLI::App* lab, Commands* commands);  // lab import-alibaba

// Options that several verbs have.
void AddOutput(CLI::App* verb, OutputFormat* format);  // -o
void AddYes(CLI::App* verb, bool* yes);                // -y
// -S and -v: Airflow's, accepted so that its command lines run unchanged; without effect.
void AddIgnoredOptions(CLI::App* verb);
CLI::App* AddGroup(CLI::App* app, const std::string& name, const std::string& description);

}  // namespace beeflow
