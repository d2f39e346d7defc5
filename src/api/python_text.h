// Values as Python's str() writes them, which is how Airflow's API shows XComs.
#pragma once

#include <string>

#include "base/json.h"

namespace beeflow {

// "True", "None", "1.5", "{'a': [1, 'b']}"; a text is itself.
std::string PythonText(const Json& value);

}  // namespace beeflow
