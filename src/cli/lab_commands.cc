// lab: experiments, their reports, simulations and costs
#include "cli/commands.h"

namespace beeflow {

void AddLabCommands(CLI::App* app, Commands* commands) {
  CLI::App* lab = AddGroup(app, "lab", "Run experiments, compare systems, draw the results");
  AddLabSimulateCommand(lab, commands);
}

}  // namespace beeflow
