// config, config list, config get-value; version
#include "cli/commands.h"

namespace beeflow {
namespace {

// As Airflow shows what is sensitive, unless its value is asked for by name.
std::string ShownValue(const EffectiveSetting& effective) {
  const bool hidden = effective.setting->type == SettingType::kSecret && !effective.value.empty();
  return hidden ? "< hidden >" : effective.value;
}

Status ShowSettings(Session& session, OutputFormat format) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  Table table{{"section", "key", "value", "source"}, {}};
  for (const EffectiveSetting& effective : config->settings()) {
    table.rows.push_back({effective.section, std::string(effective.setting->key),
                          ShownValue(effective), effective.source});
  }
  session.Print(table, format);
  return Ok();
}

struct ListOptions {
  std::string section;
  bool sources = false;
  bool descriptions = false;
};

// As a beeflow.cfg that would have the same effect.
Status ListSettings(Session& session, const ListOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  std::string_view section;
  for (const EffectiveSetting& effective : config->settings()) {
    const Setting& setting = *effective.setting;
    if (!options.section.empty() && effective.section != options.section) continue;
    if (effective.section != section) {
      session.out() << (section.empty() ? "" : "\n") << '[' << effective.section << "]\n";
      section = effective.section;
    }
    if (options.descriptions) session.out() << "# " << setting.description << '\n';
    if (options.sources) session.out() << "# Source: " << effective.source << '\n';
    session.out() << setting.key << " = " << ShownValue(effective) << '\n';
  }
  if (section.empty()) {
    return NotFound("there is no section [" + options.section +
                    "]; 'beeflow config list' shows all");
  }
  return Ok();
}

Status GetValue(Session& session, const std::string& section, const std::string& key) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  const EffectiveSetting* effective = config->Find(section, key);
  if (!effective) return UnknownSetting(section, key);
  session.out() << effective->value << '\n';
  return Ok();
}

}  // namespace

void AddConfigCommands(CLI::App* app, Commands* commands) {
  CLI::App* config = app->add_subcommand("config", "Show the settings and where each comes from");
  config->require_subcommand(0, 1);
  auto format = std::make_shared<OutputFormat>(OutputFormat::kTable);
  AddOutput(config, format.get());

  auto list_options = std::make_shared<ListOptions>();
  CLI::App* list = config->add_subcommand("list", "List the settings as in a beeflow.cfg");
  list->add_option("--section", list_options->section, "Only this section");
  list->add_flag("--include-sources", list_options->sources, "Say where each value comes from");
  list->add_flag("--include-descriptions", list_options->descriptions, "Say what each one means");
  commands->On(list, [=](Session& session) { return ListSettings(session, *list_options); });

  auto name = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* get = config->add_subcommand("get-value", "Print the value of one setting");
  get->add_option("section", name->first)->required();
  get->add_option("key", name->second)->required();
  commands->On(get,
               [name](Session& session) { return GetValue(session, name->first, name->second); });

  commands->On(config, [format](Session& session) { return ShowSettings(session, *format); });

  CLI::App* version = app->add_subcommand("version", "Print the version");
  commands->On(version, [](Session& session) -> Status {
    session.out() << session.environment().version << '\n';
    return Ok();
  });
}

}  // namespace beeflow
