// What the code of a DAG file says of one task instance, for people to see.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace beeflow {

// A template field as it looks once rendered; secrets are masked.
struct RenderedField {
  std::string name;
  std::string text;
  Json value{};  // the same as JSON
};

// In the order of the operator's template_fields.
using RenderedFields = std::vector<RenderedField>;

// Names and URLs; absent where a link leads nowhere yet.
using ExtraLinks = std::vector<std::pair<std::string, std::optional<std::string>>>;

}  // namespace beeflow
