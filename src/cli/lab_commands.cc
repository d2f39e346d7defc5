// lab: experiments, their reports, simulations and costs
#include "cli/commands.h"

namespace beeflow {

void AddLabCommands(CLI::App* app, Commands* commands) {
  CLI::App* lab = AddGroup(app, "lab", "Run experiments, compare systems, draw the results");
  AddLabRun(lab, commands);
  AddLabReport(lab, commands);
  AddLabSimulate(lab, commands);
  AddLabCost(lab, commands);
  AddLabImport(lab, commands);
}

}  // namespace beeflow
