// Airflow's stable REST API with Airflow 2.9's JSON shapes and status codes, what the web UI needs
// besides, and the pages of the UI. Writes are committed changes like any other, so that the
// control loop learns of them through the change feed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/engine_figures.h"
#include "api/event_hub.h"
#include "api/identity.h"
#include "api/operation.h"
#include "api/queue_limits.h"
#include "http/router.h"
#include "ports/catalog.h"
#include "ports/clock.h"
#include "ports/dag_code.h"
#include "ports/overview.h"
#include "ports/secret_store.h"

namespace beeflow {

struct ApiOptions {
  // Open a connection of their own; each is used by one thread at a time, and kept for the next.
  std::function<Result<std::unique_ptr<Catalog>>()> open_catalog;
  std::function<Result<std::unique_ptr<SecretStore>>()> open_secrets;
  std::function<Result<std::unique_ptr<Overview>>()> open_overview;
  Clock* clock = nullptr;                  // outlives the router; used from many threads
  Authenticator* authenticator = nullptr;  // the same
  EventHub* events = nullptr;              // the same
  // Runs a piece of work on the thread of the control loop, between two turns, and returns when it
  // is done. Writes go there, so that they never compete with a turn for the database.
  std::function<Status(const std::function<Status()>&)> on_loop;
  // What the author's own timetable infers; called on the threads of the server, which it holds up.
  std::function<Result<DataInterval>(const ManualIntervalQuestion&)> ask_manual_interval;
  // Taken on the loop; called on the threads of the server, which it holds up.
  std::function<EngineFigures()> engine_figures;
  std::vector<QueueLimits> limits;  // the first is that of all queues
  std::string log_folder;
  std::string version;
};

// Returns what the router now knows, in the order of /openapi.json.
std::vector<Operation> AddApiRoutes(const ApiOptions& options, HttpRouter* router);

}  // namespace beeflow
