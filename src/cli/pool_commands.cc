// pools list, get, set, delete, import, export
#include <fstream>
#include <sstream>

#include "cli/commands.h"
#include "config/nearest_name.h"

namespace beeflow {
namespace {

constexpr int64_t kMostSlots = 1'000'000'000;
constexpr const char* kDefaultPool = "default_pool";

Table PoolTable(const std::vector<PoolInfo>& pools) {
  Table table{{"pool", "slots", "description", "include_deferred"}, {}};
  for (const PoolInfo& pool : pools) {
    table.rows.push_back({pool.record.name, std::to_string(pool.record.slots), pool.description,
                          BooleanCell(pool.include_deferred)});
  }
  return table;
}

Result<PoolInfo> FindPool(Catalog* catalog, const std::string& name) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<PoolInfo> pools, catalog->Pools());
  std::vector<std::string> names;
  for (const PoolInfo& pool : pools) {
    if (pool.record.name == name) return pool;
    names.push_back(pool.record.name);
  }
  std::string hint = DidYouMean(name, names);
  if (hint.empty()) hint = "; 'beeflow pools list' shows all pools";
  return NotFound("there is no pool '" + name + "'" + hint);
}

Status ListPools(Session& session, OutputFormat format) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<PoolInfo> pools, catalog->Pools());
  session.Print(PoolTable(pools), format);
  return Ok();
}

struct PoolOptions {
  std::string name, slots, description, file;
  bool include_deferred = false;
  bool yes = false;
  OutputFormat format = OutputFormat::kTable;
};

Status GetPool(Session& session, const PoolOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const PoolInfo pool, FindPool(catalog, options.name));
  session.Print(PoolTable({pool}), options.format);
  return Ok();
}

Status SetPool(Session& session, const PoolOptions& options, int64_t slots) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  PoolInfo pool;
  pool.record = {options.name, static_cast<int>(slots)};
  pool.description = options.description;
  pool.include_deferred = options.include_deferred;
  BEEFLOW_RETURN_IF_ERROR(catalog->SetPool(pool));
  session.out() << "Pool " << options.name << " created\n";
  return Ok();
}

// Airflow asks nothing here, and scripts rely on it; people at a terminal are asked.
Status ConfirmAtTerminal(Session& session, const std::string& question, bool yes) {
  return session.Confirm(question, yes || !session.environment().in_is_terminal);
}

Status DeletePool(Session& session, const PoolOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  if (options.name == kDefaultPool) {
    return Invalid("default_pool cannot be deleted: tasks that name no pool use it");
  }
  BEEFLOW_RETURN_IF_ERROR(FindPool(catalog, options.name));
  BEEFLOW_RETURN_IF_ERROR(ConfirmAtTerminal(
      session, "This will delete pool '" + options.name + "'. Proceed?", options.yes));
  BEEFLOW_RETURN_IF_ERROR(catalog->DeletePool(options.name));
  session.out() << "Pool " << options.name << " deleted\n";
  return Ok();
}

Result<std::vector<PoolInfo>> ReadPools(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return NotFound(path + " cannot be read; name a JSON file of pools");
  auto json = ParseJson(text.str());
  if (!json.ok()) return Invalid(path + ": " + json.error().message);
  if (!json->is_object()) {
    return Invalid(path + R"(: must be an object such as {"pool": {"slots": 5}})");
  }
  std::vector<PoolInfo> pools;
  for (const auto& [name, value] : json->items()) {
    JsonReader in(value, path + ": pool '" + name + "'");
    PoolInfo pool;
    pool.record.name = name;
    const auto slots = in.OptionalInteger("slots", -1, kMostSlots);
    if (!slots) in.Fail("slots is missing");
    pool.record.slots = static_cast<int>(slots.value_or(0));
    pool.description = in.String("description");
    pool.include_deferred = in.Boolean("include_deferred", false);
    BEEFLOW_RETURN_IF_ERROR(in.status());
    pools.push_back(std::move(pool));
  }
  return pools;
}

Status ImportPools(Session& session, const PoolOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<PoolInfo> pools, ReadPools(options.file));
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_RETURN_IF_ERROR(ConfirmAtTerminal(
      session, "This will create or change " + std::to_string(pools.size()) + " pools. Proceed?",
      options.yes));
  for (const PoolInfo& pool : pools) BEEFLOW_RETURN_IF_ERROR(catalog->SetPool(pool));
  session.out() << "Uploaded " << pools.size() << " pool(s)\n";
  return Ok();
}

Status ExportPools(Session& session, const PoolOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<PoolInfo> pools, catalog->Pools());
  Json json = Json::object();
  for (const PoolInfo& pool : pools) {
    json[pool.record.name] = {{"slots", pool.record.slots},
                              {"description", pool.description},
                              {"include_deferred", pool.include_deferred}};
  }
  std::ofstream file(options.file);
  file << json.dump(4, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
  if (!file) return Unavailable(options.file + " cannot be written; check the folder");
  session.out() << "Exported " << pools.size() << " pools to " << options.file << '\n';
  return Ok();
}

void AddSet(CLI::App* pools, Commands* commands) {
  auto options = std::make_shared<PoolOptions>();
  auto slots = std::make_shared<int64_t>(0);
  CLI::App* verb = pools->add_subcommand("set", "Create or change a pool");
  verb->add_option("pool", options->name)->required();
  verb->add_option("slots", *slots, "Slots; -1: no limit")
      ->required()
      ->check(CLI::Range(int64_t{-1}, kMostSlots));
  verb->add_option("description", options->description);
  verb->add_flag("--include-deferred", options->include_deferred, "Deferred tasks hold slots too");
  AddOutput(verb, &options->format);
  AddIgnoredOptions(verb);
  commands->On(verb, [=](Session& session) { return SetPool(session, *options, *slots); });
}

}  // namespace

void AddPoolCommands(CLI::App* pools, Commands* commands) {
  using Run = Status (*)(Session&, const PoolOptions&);
  const auto add = [&](const char* name, const char* description,
                       std::string PoolOptions::*argument, const char* argument_name, Run run) {
    auto options = std::make_shared<PoolOptions>();
    CLI::App* verb = pools->add_subcommand(name, description);
    verb->add_option(argument_name, (*options).*argument)->required();
    AddOutput(verb, &options->format);
    AddYes(verb, &options->yes);
    AddIgnoredOptions(verb);
    commands->On(verb, [=](Session& session) { return run(session, *options); });
  };
  auto format = std::make_shared<OutputFormat>(OutputFormat::kTable);
  CLI::App* list = pools->add_subcommand("list", "List pools");
  AddOutput(list, format.get());
  AddIgnoredOptions(list);
  commands->On(list, [format](Session& session) { return ListPools(session, *format); });
  add("get", "Show a pool", &PoolOptions::name, "pool", GetPool);
  AddSet(pools, commands);
  add("delete", "Delete a pool", &PoolOptions::name, "pool", DeletePool);
  add("import", "Create or change pools from a JSON file", &PoolOptions::file, "file", ImportPools);
  add("export", "Write all pools to a JSON file", &PoolOptions::file, "file", ExportPools);
}

}  // namespace beeflow
