// /metrics: Airflow's names, as its statsd exporter gives them, where they exist, and our own.
#include <algorithm>
#include <map>
#include <utility>

#include "api/api_context.h"
#include "api/metrics_text.h"

namespace beeflow {
namespace {

constexpr size_t kDagsMax = 1'000;  // with metrics of their own

double Number(auto value) { return static_cast<double>(value); }

// "" stands for DAGs beyond the first thousand, together.
bool IsShown(const Identity& who, const std::string& dag_id) {
  return dag_id.empty() || who.CanOnDag(Action::kRead, dag_id);
}

void AddEngine(const EngineFigures& engine, const Identity& who, MetricsText* out) {
  out->Single("airflow_scheduler_heartbeat", "counter", "Turns of the control loop.",
              Number(engine.turns));
  out->Single("airflow_executor_open_slots", "gauge", "Task instances that could run besides.",
              Number(std::max<int64_t>(0, engine.parallelism - engine.attempts_running)));
  out->Single("airflow_executor_queued_tasks", "gauge", "Attempts that wait for a worker.",
              Number(engine.attempts_waiting));
  out->Single("airflow_executor_running_tasks", "gauge", "Attempts that a worker has.",
              Number(engine.attempts_running));
  out->Single("beeflow_turns_total", "counter", "Turns of the control loop.", Number(engine.turns));
  out->Single("beeflow_commits_total", "counter", "Turns that were committed.",
              Number(engine.commits));
  out->Single("beeflow_transitions_total", "counter", "Transitions that were decided on.",
              Number(engine.transitions));
  out->Single("beeflow_transitions_rejected_total", "counter",
              "Transitions that the database refused, since the row had changed.",
              Number(engine.rejected));
  out->Single("beeflow_reloads_total", "counter",
              "Times that the scheduler was made from the database; 1 where nothing went wrong.",
              Number(engine.reloads));
  out->Metric("airflow_ti_finish", "counter", "Task instances that ended.");
  for (const auto& [dag_id, states] : engine.task_ends) {
    if (!IsShown(who, dag_id)) continue;
    for (const auto& [state, count] : states) {
      out->Sample(Number(count), {{"dag_id", dag_id}, {"state", state}});
    }
  }
}

void AddQueues(const EngineFigures& engine, MetricsText* out) {
  if (!engine.nats_connected) return;
  out->Single("beeflow_nats_connected", "gauge", "Whether NATS is connected.",
              *engine.nats_connected ? 1 : 0);
  out->Single("beeflow_nats_repairs_total", "counter",
              "Attempts that waited without NATS holding them, and were sent again.",
              engine.nats_repairs);
  const auto add = [&](const char* name, const char* help, auto value) {
    out->Metric(name, "gauge", help);
    for (const auto& [queue, figures] : engine.queues) {
      out->Sample(Number(value(figures)), {{"queue", queue}});
    }
  };
  add("beeflow_queue_waiting", "Attempts that wait for a worker.",
      [](const EngineQueue& queue) { return queue.waiting; });
  add("beeflow_queue_running", "Attempts that workers have.",
      [](const EngineQueue& queue) { return queue.running; });
  add("beeflow_queue_oldest_wait_seconds", "How long the oldest attempt waits for a worker.",
      [](const EngineQueue& queue) { return queue.oldest_wait_seconds; });
  add("beeflow_queue_workers", "Workers that serve the queue.",
      [](const EngineQueue& queue) { return queue.workers; });
  add("beeflow_queue_slots", "Attempts that these workers take at a time.",
      [](const EngineQueue& queue) { return queue.slots; });
}

void AddPools(const std::vector<PoolInfo>& pools, MetricsText* out) {
  const auto add = [&](const char* name, const char* help, auto value) {
    out->Metric(name, "gauge", help);
    for (const PoolInfo& pool : pools) {
      out->Sample(Number(value(pool)), {{"pool_name", pool.record.name}});
    }
  };
  add("airflow_pool_open_slots", "Free slots; -1: no limit.", [](const PoolInfo& pool) {
    const int64_t slots = pool.record.slots;
    return slots < 0 ? int64_t{-1}
                     : std::max<int64_t>(0, slots - pool.running_slots - pool.queued_slots);
  });
  add("airflow_pool_queued_slots", "Slots of queued task instances.",
      [](const PoolInfo& pool) { return pool.queued_slots; });
  add("airflow_pool_running_slots", "Slots of running task instances.",
      [](const PoolInfo& pool) { return pool.running_slots; });
  add("airflow_pool_scheduled_slots", "Slots of task instances that wait for one.",
      [](const PoolInfo& pool) { return pool.scheduled_slots; });
}

// The newest run of each DAG that ended so.
void AddDurations(const std::vector<DagGlance>& dags, const std::string& state, const Identity& who,
                  MetricsText* out) {
  out->Metric("airflow_dagrun_duration_" + state, "gauge",
              "Seconds that the last run took which ended so.");
  for (size_t i = 0; i < std::min(dags.size(), kDagsMax); ++i) {
    if (!IsShown(who, dags[i].dag_id)) continue;
    const auto& runs = dags[i].runs;
    const auto last = std::find_if(runs.rbegin(), runs.rend(), [&](const RunGlance& run) {
      return run.state == state && run.start_date && run.end_date;
    });
    if (last == runs.rend()) continue;
    out->Sample(ToSeconds(*last->end_date - *last->start_date), {{"dag_id", dags[i].dag_id}});
  }
}

void AddDags(const std::vector<DagGlance>& dags, const Identity& who, MetricsText* out) {
  const auto active =
      std::count_if(dags.begin(), dags.end(), [](const DagGlance& dag) { return dag.is_active; });
  out->Single("airflow_dagbag_size", "gauge", "DAGs.", Number(active));
  out->Metric("beeflow_active_runs", "gauge", "Runs that are queued or running.");
  for (const char* state : {"queued", "running"}) {
    int64_t count = 0;
    for (const DagGlance& dag : dags) {
      const auto it = dag.run_states.find(state);
      if (it != dag.run_states.end()) count += it->second;
    }
    out->Sample(Number(count), {{"state", state}});
  }
  AddDurations(dags, "success", who, out);
  AddDurations(dags, "failed", who, out);
}

// `described`: what the worker says of itself; no object where there is none.
void AddEnvironments(const Json& described, MetricsText* out) {
  const bool lives = described.is_object();
  out->Single("beeflow_worker_up", "gauge", "Whether a worker process is alive.", lives ? 1 : 0);
  std::map<std::pair<std::string, std::string>, int64_t> counts = {{{"python", "busy"}, 0},
                                                                   {{"python", "idle"}, 0}};
  int64_t bytes = 0;
  for (const Json& environment : lives ? described["environments"] : Json::array()) {
    ++counts[{environment.value("kind", ""), environment.value("state", "")}];
    const Json memory = environment.value("memory_bytes", Json());
    if (memory.is_number_integer()) bytes += memory.get<int64_t>();
  }
  out->Metric("beeflow_environments", "gauge", "Environments that are alive.");
  for (const auto& [key, count] : counts) {
    out->Sample(Number(count), {{"kind", key.first}, {"state", key.second}});
  }
  out->Single("beeflow_environments_memory_bytes", "gauge",
              "Memory of all environments; what they share with each other counts in each.",
              Number(bytes));
}

void AddLag(const FeedLag& lag, MetricsText* out) {
  if (lag.changes) {
    out->Single("beeflow_feed_lag_changes", "gauge",
                "Changes that are committed and that the control loop has not read.",
                Number(*lag.changes));
  }
  if (lag.bytes) {
    out->Single("beeflow_feed_lag_bytes", "gauge",
                "Write-ahead log that PostgreSQL keeps for the change feed.", Number(*lag.bytes));
  }
}

void AddTotals(const OverviewTotals& totals, MetricsText* out) {
  out->Single("airflow_dag_processing_import_errors", "gauge", "Files that cannot be imported.",
              Number(totals.import_errors));
  out->Metric("beeflow_attempt_starts", "gauge", "Attempts of the last week that have ended.");
  for (const auto& [type, count] : totals.starts) {
    out->Sample(Number(count), {{"start_type", type}});
  }
}

void AddHttp(const HttpFigures::Figures& http, MetricsText* out) {
  out->Metric("beeflow_http_requests_total", "counter", "Requests that were answered.");
  for (const auto& [key, count] : http.requests) {
    out->Sample(Number(count), {{"method", key.first}, {"status", std::to_string(key.second)}});
  }
  out->Metric("beeflow_http_request_duration_seconds", "histogram",
              "From a request's arrival to its answer; of streams, to their beginning.");
  uint64_t sum = 0;
  for (size_t i = 0; i < HttpFigures::kBounds.size(); ++i) {
    sum += http.durations[i];
    out->Sample("_bucket", Number(sum), {{"le", MetricNumber(HttpFigures::kBounds[i])}});
  }
  sum += http.durations.back();
  out->Sample("_bucket", Number(sum), {{"le", "+Inf"}});
  out->Sample("_sum", http.seconds, {});
  out->Sample("_count", Number(sum), {});
}

Result<std::string> Metrics(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(Overview * overview, call.overview());
  BEEFLOW_ASSIGN_OR_RETURN(const auto pools, catalog->Pools());
  constexpr int kRuns = 5;  // among which the last success or failure is looked for
  BEEFLOW_ASSIGN_OR_RETURN(const auto dags, overview->Dags(kRuns));
  BEEFLOW_ASSIGN_OR_RETURN(const auto totals, overview->Totals());
  BEEFLOW_ASSIGN_OR_RETURN(const FeedLag lag, overview->Lag());
  MetricsText out;
  const EngineFigures engine = call.context().options().engine_figures();
  AddEngine(engine, call.who(), &out);
  AddQueues(engine, &out);
  AddPools(pools, &out);
  AddDags(dags, call.who(), &out);
  AddEnvironments(call.context().options().describe_worker(), &out);
  AddTotals(totals, &out);
  AddLag(lag, &out);
  AddHttp(call.context().http().Get(), &out);
  return out.text();
}

}  // namespace

void AddMetricsRoutes(ApiRoutes* routes) {
  Operation metrics{"GET",
                    "/metrics",
                    "get_metrics",
                    "Metrics for Prometheus",
                    {{Action::kRead, resource::kClusterActivity}}};
  metrics.answer_type = "text/plain; version=0.0.4; charset=utf-8";
  routes->Add(metrics, [type = metrics.answer_type](ApiCall& call) {
    auto text = Metrics(call);
    if (!text.ok()) return ErrorResponse(text.error());
    return HttpResponse{200, type, std::move(*text)};
  });
}

}  // namespace beeflow
