// The files of data/ that are part of the program.
#pragma once

#include <string_view>

namespace beeflow {

extern const std::string_view kPricesJson;            // data/prices.json
extern const std::string_view kPublishedFiguresJson;  // data/published_figures.json
extern const std::string_view kAlibabaDagsJson;       // data/alibaba_dags.json

}  // namespace beeflow
