// The answers to requests of tasks, one function for each method; answer.cc has the table of them.
// Each reads its parameters, and fails naming the one that is wrong.
#pragma once

#include "base/json.h"
#include "control/answer.h"

namespace beeflow {

// A parameter that must be there. The reader remembers the failure.
std::string RequiredText(JsonReader* in, const char* key);

// Variables and Connections: secret_requests.cc
Result<Json> GetVariable(const RequestContext& context, JsonReader* in);
Result<Json> SetVariable(const RequestContext& context, JsonReader* in);
Result<Json> DeleteVariable(const RequestContext& context, JsonReader* in);
Result<Json> GetConnection(const RequestContext& context, JsonReader* in);

// XComs: xcom_requests.cc
Result<Json> GetXCom(const RequestContext& context, JsonReader* in);
Result<Json> GetXComsOfTask(const RequestContext& context, JsonReader* in);
Result<Json> GetPriorXCom(const RequestContext& context, JsonReader* in);
Result<Json> SetXCom(const RequestContext& context, JsonReader* in);
Result<Json> ClearXComs(const RequestContext& context, JsonReader* in);

// Runs: run_requests.cc
Result<Json> TriggerDag(const RequestContext& context, JsonReader* in);
Result<std::optional<ManualIntervalQuestion>> FindTriggerQuestion(const RequestContext& context,
                                                                  JsonReader* in);
Result<Json> GetRun(const RequestContext& context, JsonReader* in);
Result<Json> GetPreviousRun(const RequestContext& context, JsonReader* in);
Result<Json> CountRuns(const RequestContext& context, JsonReader* in);

// DAGs, their tasks, pools and datasets: dag_requests.cc
Result<Json> GetTaskStates(const RequestContext& context, JsonReader* in);
Result<Json> GetDag(const RequestContext& context, JsonReader* in);
Result<Json> GetPool(const RequestContext& context, JsonReader* in);
Result<Json> GetDatasetEvents(const RequestContext& context, JsonReader* in);
Result<Json> GetTriggeringEvents(const RequestContext& context, JsonReader* in);

// Which runs are meant: `run_id` or `run_ids`, `logical_dates`, `states`, as far as they are given.
// States that no run has are left out.
RunChoice ReadRunChoice(JsonReader* in);

// A time as requests write it, null where it is absent.
Json TimeJson(const std::optional<Time>& time);

}  // namespace beeflow
