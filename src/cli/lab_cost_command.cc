// lab cost: what a history costs on managed Airflow, serverless, and one server
#include <fmt/format.h>

#include <cmath>

#include "cli/commands.h"
#include "lab/cost_usage.h"
#include "lab/lab_data.h"
#include "lab/published_costs.h"

namespace beeflow {
namespace {

constexpr double kDaysMax = 36500;

struct CostOptions {
  std::vector<std::string> results;
  double days = 7;
  bool days_given = false;
  bool published = false;
  bool parts = false;
  OutputFormat format = OutputFormat::kTable;
};

std::string Usd(double usd, int decimals) {
  return fmt::format("{:.{}f}", RoundUsd(usd, decimals), decimals);
}

Status ShowPublished(Session& session, OutputFormat format) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json figures, ParseJson(kPublishedFiguresJson));
  BEEFLOW_ASSIGN_OR_RETURN(const auto cells, ComparePublishedCosts(figures, Prices::Known()));
  Table table{{"cell", "published_usd_per_day", "computed_usd_per_day", "agrees"}, {}};
  for (const PublishedCost& cell : cells) {
    table.rows.push_back({cell.cell, Usd(cell.published, cell.decimals),
                          Usd(cell.computed, cell.decimals), BooleanCell(cell.agrees())});
  }
  session.Print(table, format);
  return Ok();
}

// Of small amounts, such as those of single parts, the cents would say nothing.
void AddRows(const std::string& system, const CostUsage& usage, bool parts, Table* table) {
  const double days_per_month = Prices::Known().days_per_month();
  for (const CostLine& line : AllCosts(usage, Prices::Known())) {
    if (!parts && line.part != "total") continue;
    const int decimals = parts ? 4 : 2;
    table->rows.push_back({system, line.option, line.part, fmt::format("{:.6g}", line.quantity),
                           line.unit, Usd(line.usd, decimals), Usd(line.usd * days_per_month, 2)});
  }
}

Table EmptyTable() {
  return {{"system", "option", "part", "quantity_per_day", "unit", "usd_per_day", "usd_per_month"},
          {}};
}

void Tell(Session& session, const std::string& what, const CostUsage& usage) {
  session.err() << what << ": " << usage.tasks.size() << " executions of tasks in "
                << fmt::format("{:.4g}", usage.days) << " days\n";
}

Status ShowResults(Session& session, const CostOptions& options) {
  Table table = EmptyTable();
  for (const std::string& folder : options.results) {
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<ResultSet> sets, ReadResults(folder));
    for (const ResultSet& set : sets) {
      CostUsage usage = UsageOf(set);
      if (options.days_given) usage.days = options.days;
      Tell(session, set.source, usage);
      AddRows(set.system, usage, options.parts, &table);
    }
  }
  session.Print(table, options.format);
  return Ok();
}

Status ShowHistory(Session& session, const CostOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto source, session.OpenExport());
  const Time from = session.Now() - Seconds(options.days * 86400);
  BEEFLOW_ASSIGN_OR_RETURN(const CostUsage usage, ReadHistory(source.get(), from, options.days));
  Tell(session, "history", usage);
  Table table = EmptyTable();
  AddRows("history", usage, options.parts, &table);
  session.Print(table, options.format);
  return Ok();
}

Status Cost(Session& session, const CostOptions& options) {
  if (!std::isfinite(options.days) || options.days <= 0 || options.days > kDaysMax) {
    return Invalid("--days: give a number of days above 0, at most 36500");
  }
  if (options.published && !options.results.empty()) {
    return Invalid("--published needs no results; leave one of them out");
  }
  if (options.published) return ShowPublished(session, options.format);
  return options.results.empty() ? ShowHistory(session, options) : ShowResults(session, options);
}

}  // namespace

void AddLabCost(CLI::App* lab, Commands* commands) {
  auto options = std::make_shared<CostOptions>();
  CLI::App* verb = lab->add_subcommand(
      "cost", "What tasks cost on managed Airflow, serverless, and one server with Beeflow");
  verb->add_option("results", options->results,
                   "Folders of exports; without one, the history of this database");
  CLI::Option* days = verb->add_option(
      "--days", options->days, "Days of history, or those that the results are spread over");
  days->capture_default_str();
  verb->add_flag("--parts", options->parts, "Show the parts of each total");
  verb->add_flag("--published", options->published,
                 "Compare the published cost tables with what these prices give");
  AddOutput(verb, &options->format);
  commands->On(verb, [options, days](Session& session) {
    options->days_given = days->count() > 0;
    return Cost(session, *options);
  });
}

}  // namespace beeflow
