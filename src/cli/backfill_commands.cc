// backfill create, as in Airflow 3; list, pause, unpause, cancel
#include "cli/commands.h"
#include "ports/backfill.h"

namespace beeflow {
namespace {

struct CreateOptions {
  std::string dag_id, from, to, conf;
  std::string reprocess = "none";
  int max_active_runs = 10;
  bool backwards = false;
  bool dry_run = false;
};

Result<BackfillOrder> ReadOrder(const CreateOptions& options) {
  BackfillOrder order;
  order.dag_id = options.dag_id;
  BEEFLOW_ASSIGN_OR_RETURN(order.from, ParseDate("--from-date", options.from));
  BEEFLOW_ASSIGN_OR_RETURN(order.to, ParseDate("--to-date", options.to));
  if (!options.conf.empty()) {
    BEEFLOW_ASSIGN_OR_RETURN(order.conf, ParseConf("--dag-run-conf", options.conf));
  }
  order.reprocess = *ParseReprocess(options.reprocess);
  order.max_active_runs = options.max_active_runs;
  order.backwards = options.backwards;
  return order;
}

Table BackfillTable(const std::vector<BackfillInfo>& backfills) {
  Table table{{"id", "dag_id", "from_date", "to_date", "state", "reprocess_behavior",
               "max_active_runs", "created_at", "completed_at"},
              {}};
  for (const BackfillInfo& info : backfills) {
    const char* state = info.completed_at ? "completed" : info.is_paused ? "paused" : "running";
    table.rows.push_back({std::to_string(info.id), info.order.dag_id, FormatIso(info.order.from),
                          FormatIso(info.order.to), state,
                          std::string(ToString(info.order.reprocess)),
                          std::to_string(info.order.max_active_runs), FormatIso(info.created_at),
                          TimeCell(info.completed_at)});
  }
  return table;
}

Status DryRun(Session& session, const BackfillOrder& order) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const auto dates, catalog->DryRunBackfill(order, session.Now()));
  Table table{{"logical_date"}, {}};
  for (const Time date : dates) table.rows.push_back({FormatIso(date)});
  session.Print(table, OutputFormat::kTable);
  return Ok();
}

Status Create(Session& session, const CreateOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(BackfillOrder order, ReadOrder(options));
  if (!session.is_remote()) BEEFLOW_RETURN_IF_ERROR(RefreshDag(session, order.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_RETURN_IF_ERROR(FindDag(catalog, order.dag_id));
  if (options.dry_run) return DryRun(session, order);
  order.user = session.environment().user;
  BEEFLOW_ASSIGN_OR_RETURN(const BackfillInfo made, catalog->CreateBackfill(order, session.Now()));
  BEEFLOW_RETURN_IF_ERROR(session.Audit("create_backfill", {order.dag_id, ""}, "",
                                        FormatIso(order.from) + " to " + FormatIso(order.to)));
  session.Print(BackfillTable({made}), OutputFormat::kTable);
  return Ok();
}

struct ListOptions {
  std::string dag_id;
  OutputFormat format = OutputFormat::kTable;
};

Status List(Session& session, const ListOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_RETURN_IF_ERROR(FindDag(catalog, options.dag_id));
  BackfillFilter filter;
  filter.dag_id = options.dag_id;
  filter.limit = INT32_MAX;
  BEEFLOW_ASSIGN_OR_RETURN(const auto backfills, catalog->Backfills(filter));
  session.Print(BackfillTable(backfills), options.format);
  return Ok();
}

using Edit = Status (*)(Catalog*, int64_t, Time);

Status Change(Session& session, int64_t id, const std::string& event, Edit edit) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_RETURN_IF_ERROR(edit(catalog, id, session.Now()));
  BEEFLOW_ASSIGN_OR_RETURN(const BackfillInfo info, catalog->Backfill(id));
  BEEFLOW_RETURN_IF_ERROR(
      session.Audit(event + "_backfill", {info.order.dag_id, ""}, "", std::to_string(id)));
  session.Print(BackfillTable({info}), OutputFormat::kTable);
  return Ok();
}

void AddCreate(CLI::App* backfill, Commands* commands) {
  auto options = std::make_shared<CreateOptions>();
  CLI::App* verb = backfill->add_subcommand(
      "create", "Have a server run a DAG for each interval of a date range");
  verb->add_option("--dag-id", options->dag_id)->required();
  verb->add_option("--from-date", options->from, "First logical date")->required();
  verb->add_option("--to-date", options->to, "Last logical date")->required();
  verb->add_option("--dag-run-conf", options->conf,
                   "JSON object that the tasks find in dag_run.conf");
  verb->add_option("--reprocess-behavior", options->reprocess,
                   "Which runs that have ended start anew: none, failed or completed")
      ->check(CLI::IsMember({"none", "failed", "completed"}));
  verb->add_option("--max-active-runs", options->max_active_runs, "Most of its runs at once")
      ->check(CLI::Range(1, INT32_MAX));
  verb->add_flag("--run-backwards", options->backwards, "Latest date first");
  verb->add_flag("--dry-run", options->dry_run, "Show the dates, and start nothing");
  AddIgnoredOptions(verb);
  commands->On(verb, [options](Session& session) { return Create(session, *options); });
}

void AddEdit(CLI::App* backfill, const std::string& name, const char* description, Edit edit,
             Commands* commands) {
  auto id = std::make_shared<int64_t>(0);
  CLI::App* verb = backfill->add_subcommand(name, description);
  verb->add_option("backfill_id", *id)->required();
  AddIgnoredOptions(verb);
  commands->On(verb, [=](Session& session) { return Change(session, *id, name, edit); });
}

}  // namespace

void AddBackfillCommands(CLI::App* backfill, Commands* commands) {
  AddCreate(backfill, commands);
  auto list = std::make_shared<ListOptions>();
  CLI::App* verb = backfill->add_subcommand("list", "List the backfills of a DAG");
  verb->add_option("--dag-id", list->dag_id)->required();
  AddOutput(verb, &list->format);
  AddIgnoredOptions(verb);
  commands->On(verb, [list](Session& session) { return List(session, *list); });
  AddEdit(
      backfill, "pause", "Start no more runs of a backfill",
      [](Catalog* catalog, int64_t id, Time now) {
        return catalog->SetBackfillPaused(id, true, now);
      },
      commands);
  AddEdit(
      backfill, "unpause", "Go on with a backfill",
      [](Catalog* catalog, int64_t id, Time now) {
        return catalog->SetBackfillPaused(id, false, now);
      },
      commands);
  AddEdit(
      backfill, "cancel", "Fail the queued runs of a backfill and complete it",
      [](Catalog* catalog, int64_t id, Time now) { return catalog->CancelBackfill(id, now); },
      commands);
}

}  // namespace beeflow
