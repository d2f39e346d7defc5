// Airflow's stable REST API v1 (the part that is here, with Airflow 2.9's JSON shapes and status
// codes), and a landing page. Writes are committed changes like any other, so that the control loop
// learns of them through the change feed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/router.h"
#include "ports/catalog.h"
#include "ports/clock.h"
#include "ports/dag_code.h"

namespace beeflow {

struct ApiOptions {
  // Called once on each thread of the server: a Catalog belongs to one thread.
  std::function<Result<std::unique_ptr<Catalog>>()> open_catalog;
  Clock* clock = nullptr;  // outlives the router; used from many threads
  // What the author's own timetable infers; called on the threads of the server, which it holds up.
  std::function<Result<DataInterval>(const ManualIntervalQuestion&)> ask_manual_interval;
  std::string log_folder;
  std::string version;
};

void AddApiRoutes(const ApiOptions& options, HttpRouter* router);

}  // namespace beeflow
