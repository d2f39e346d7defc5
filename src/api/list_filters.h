// What the lists of runs, task instances and XComs share: Airflow's filters, as parameters of a
// query and as fields of a batch's body, and which DAGs somebody may see.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "api/identity.h"
#include "api/operation.h"
#include "api/query_reader.h"
#include "ports/history.h"

namespace beeflow {

// The DAGs that somebody may do this with; absent: all.
Choice AllowedDags(const Identity& who, Action action);
// Those of `wanted` that are among `allowed`.
Choice Intersect(const Choice& wanted, const Choice& allowed);

// "~" is Airflow's word for all of them.
Choice AllOrOne(const std::string& id);

// The parameters NAME_gte and NAME_lte of each name, times.
std::vector<Parameter> RangeParameters(std::initializer_list<const char*> names);
ValueRange<Time> ReadRange(QueryReader* query, const std::string& name);
ValueRange<Time> ReadRange(JsonReader* body, const std::string& name);

// An empty list is no choice.
Choice ReadChoice(QueryReader* query, const std::string& name);
Choice ReadChoice(JsonReader* body, const char* name);

// `where` names the list in errors: "query parameter state".
Result<std::vector<RunState>> ParseRunStates(const std::string& where,
                                             const std::vector<std::string>& names);
// "none" is the state of a task instance that has none yet.
Result<std::vector<TaskState>> ParseTaskStates(const std::string& where,
                                               const std::vector<std::string>& names);

// Takes what is about DAGs that `who` may not read out of an update of a dataset.
template <typename DatasetUpdate>
void HideOtherDags(const Identity& who, DatasetUpdate* update) {
  std::erase_if(update->created_runs,
                [&](const RunRecord& run) { return !who.CanOnDag(Action::kRead, run.key.dag_id); });
  if (!update->source_dag_id || who.CanOnDag(Action::kRead, *update->source_dag_id)) return;
  update->source_dag_id.reset();
  update->source_task_id.reset();
  update->source_run_id.reset();
}

// limit, offset and order_by; of a body, page_limit, page_offset and order_by.
Paging ReadPaging(QueryReader* query);
Paging ReadPaging(JsonReader* body);

// The fields that were asked for, or all where `fields` is empty; kInvalid for one that is not
// there.
Result<Json> OnlyFields(Json object, const std::vector<std::string>& fields);

}  // namespace beeflow
