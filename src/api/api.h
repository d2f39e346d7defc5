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
#include "api/sign_in.h"
#include "config/config.h"
#include "http/router.h"
#include "ports/catalog.h"
#include "ports/clock.h"
#include "ports/connection_check.h"
#include "ports/credentials.h"
#include "ports/dag_code.h"
#include "ports/file_wait.h"
#include "ports/history.h"
#include "ports/inventory.h"
#include "ports/overview.h"
#include "ports/provider_info.h"
#include "ports/rendered_fields.h"
#include "ports/secret_store.h"
#include "ports/user_store.h"

namespace beeflow {

struct ApiOptions {
  // Open a connection of their own; each is used by one thread at a time, and kept for the next.
  std::function<Result<std::unique_ptr<Catalog>>()> open_catalog;
  std::function<Result<std::unique_ptr<History>>()> open_history;
  std::function<Result<std::unique_ptr<SecretStore>>()> open_secrets;
  std::function<Result<std::unique_ptr<Overview>>()> open_overview;
  std::function<Result<std::unique_ptr<Inventory>>()> open_inventory;
  std::function<Result<std::unique_ptr<UserStore>>()> open_users;
  Clock* clock = nullptr;                  // outlives the router; used from many threads
  Authenticator* authenticator = nullptr;  // the same
  SignIn* sign_in = nullptr;               // the same; null: nobody can sign in
  Credentials* credentials = nullptr;      // the same
  EventHub* events = nullptr;              // the same
  // Runs a piece of work on the thread of the control loop, between two turns, and returns when it
  // is done. Writes go there, so that they never compete with a turn for the database.
  std::function<Status(const std::function<Status()>&)> on_loop;
  // What the author's own timetable infers; called on the threads of the server, which it holds up.
  std::function<Result<DataInterval>(const ManualIntervalQuestion&)> ask_manual_interval;
  // Taken on the loop; called on the threads of the server, which it holds up.
  std::function<EngineFigures()> engine_figures;
  std::vector<QueueLimits> limits;  // the first is that of all queues
  // Whether a connection works, which need not be stored; called as the one above, and only where
  // the settings allow it.
  std::function<Result<ConnectionTest>(const StoredConnection&)> test_connection;
  // The provider packages that DAG files can use; called as the ones above.
  std::function<Result<std::vector<ProviderInfo>>()> list_providers;
  // Watches a file, which need not exist yet, for somebody who follows it.
  std::function<std::unique_ptr<FileWait>(const std::string& path)> watch_file;
  // What the worker has and does, as `described` of docs/formats/attempt-channel.md; null where
  // there is none. Called on the threads of the server, which it holds up.
  std::function<Json()> describe_worker;
  // The template fields of a task, rendered with the code as it is now, and its extra links; called
  // as the one above.
  std::function<Result<RenderedFields>(const RunRecord& run, const std::string& task_id,
                                       int map_index)>
      render_task;
  std::function<Result<ExtraLinks>(const RunRecord& run, const std::string& task_id, int map_index)>
      find_links;
  // Begins to import a file anew.
  std::function<void(const std::string& file)> reimport;
  std::string log_folder;
  std::string version;
  Config config;              // what /config shows, and the settings of the API itself
  std::string instance_name;  // what people call this installation
};

// Returns what the router now knows, in the order of /openapi.json.
std::vector<Operation> AddApiRoutes(const ApiOptions& options, HttpRouter* router);

}  // namespace beeflow
