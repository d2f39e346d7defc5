// The name of this machine, as it is shown with task instances.
#pragma once

#include <string>

namespace beeflow {

std::string HostName();

}  // namespace beeflow
