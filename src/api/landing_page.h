// The page at `/`: the DAGs and their latest runs, fetched through the API. One static text.
#pragma once

#include <string_view>

namespace beeflow {

std::string_view LandingPage();

}  // namespace beeflow
