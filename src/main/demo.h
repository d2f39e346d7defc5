// `beeflow demo`: one example DAG, run once in a temporary home, with live progress and a table of
// its figures at the end.
#pragma once

#include <string>
#include <vector>

namespace beeflow {

// `arguments`: the id of an example DAG, by default 10s_20t. Returns the exit code.
int RunDemo(const std::vector<std::string>& arguments);

}  // namespace beeflow
