// What came of trying a Connection out.
#pragma once

#include <string>

namespace beeflow {

struct ConnectionTest {
  bool works = false;
  std::string message;  // what the hook says
};

}  // namespace beeflow
