// The DAGs of the published experiments, as the parser would hand them back for the files in
// examples/dags.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ports/parsed_file.h"

namespace beeflow {

// A short task and then `tasks` at once, `cron` as in Airflow.
ParsedFile ParallelDag(const std::string& dag_id, int tasks, double seconds,
                       const std::string& cron, bool in_containers = false);
// One task after the other.
ParsedFile ChainDag(const std::string& dag_id, int tasks, double seconds, const std::string& cron,
                    bool in_containers = false);
// One of the DAGs in data/alibaba_dags.json.
Result<ParsedFile> TraceDag(const Json& trace, const std::string& job, const std::string& cron);

}  // namespace beeflow
