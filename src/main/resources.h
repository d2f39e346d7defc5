// Where the program's own data is: beside it in the source tree, or under share/beeflow where it is
// installed.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace beeflow {

std::string ExecutablePath();
// The folder `name` ("python", "examples/dags"); kNotFound names the places that were tried.
Result<std::string> FindResource(const std::string& name);

}  // namespace beeflow
