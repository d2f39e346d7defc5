// A DAG as scenarios write it, turned into what the parser of DAG files hands back.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "ports/parsed_file.h"
#include "script.h"

namespace beeflow::scenario {

// Where a DAG's file is said to be: one file for each DAG.
std::string FileOf(const std::string& dag_id);

// `head` is the line "dag NAME ...", `body` the indented lines below it. Errors name the line.
Result<Json> DagJson(const Line& head, const std::vector<Line>& body);

// The parsed file that holds this DAG alone. Fails where the DAG would be an import error.
Result<ParsedFile> FileWithDag(const Json& dag);

}  // namespace beeflow::scenario
