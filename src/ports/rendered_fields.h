// The template fields of a task as they look once rendered.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace beeflow {

// Name and text, in the order of the operator's template_fields; secrets are masked.
using RenderedFields = std::vector<std::pair<std::string, std::string>>;

}  // namespace beeflow
