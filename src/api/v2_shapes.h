// What Airflow 3 calls things, made from what version 1 of the API says of them: fields that have
// another name, and those that only one of the two has. What nothing here knows is null.
#pragma once

#include "base/json.h"

namespace beeflow {

Json DagToV2(Json dag);
Json TaskOfDagToV2(Json task);
Json DagStatsToV2(Json stats);
Json RunToV2(Json run);
Json TaskToV2(Json task);
Json TaskReferenceToV2(Json task);
// The run, or the task instances that clearing it concerns.
Json ClearedRunToV2(Json answer);
Json XComToV2(Json entry);
// The lines of a log as a list; no token once nothing follows.
Json LogToV2(Json log);
Json VariableToV2(Json variable);
Json ConnectionToV2(Json connection);
Json AssetToV2(Json dataset);
Json AssetEventToV2(Json event);
Json QueuedEventsToV2(Json list);
Json ImportErrorToV2(Json error);
Json WarningToV2(Json warning);
Json EventLogToV2(Json line);

}  // namespace beeflow
