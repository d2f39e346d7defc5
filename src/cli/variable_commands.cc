// variables list, get, set, delete, import, export
#include <set>

#include "cli/commands.h"
#include "cli/entry_file.h"
#include "config/nearest_name.h"

namespace beeflow {
namespace {

constexpr int kJsonIndent = 2;  // as Airflow stores JSON

struct VariableOptions {
  std::string key, value, description, file, action = "overwrite";
  std::optional<std::string> default_value;
  bool json = false;
  OutputFormat format = OutputFormat::kTable;
};

Status ListVariables(Session& session, const VariableOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<std::string> keys, secrets->VariableKeys());
  Table table{{"key"}, {}};
  for (const std::string& key : keys) table.rows.push_back({key});
  session.Print(table, options.format);
  return Ok();
}

std::string InUpperCase(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

// As for tasks, the environment comes first; that of this machine is not a server's elsewhere.
Result<std::optional<std::string>> Lookup(Session& session, const std::string& key) {
  const Variables& environment = session.environment().variables;
  const auto it = environment.find("AIRFLOW_VAR_" + InUpperCase(key));
  if (it != environment.end() && !session.is_remote())
    return std::optional<std::string>(it->second);
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const auto variable, secrets->Variable(key));
  return variable ? std::optional<std::string>(variable->value) : std::nullopt;
}

Error NoVariable(Session& session, const std::string& key) {
  const auto secrets = session.secrets();
  const auto keys =
      secrets.ok() ? (*secrets)->VariableKeys() : Result<std::vector<std::string>>(secrets.error());
  if (!keys.ok()) return keys.error();
  return NotFound("Variable " + key + " does not exist" + DidYouMean(key, *keys));
}

Status GetVariable(Session& session, const VariableOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto value, Lookup(session, options.key));
  if (!value && options.default_value) {
    session.out() << *options.default_value << '\n';
    return Ok();
  }
  if (!value) return NoVariable(session, options.key);
  if (!options.json) {
    session.out() << *value << '\n';
    return Ok();
  }
  const auto json = OrderedJson::parse(*value, nullptr, false);
  if (json.is_discarded()) {
    return Invalid("Variable " + options.key + " is not valid JSON; show it without --json");
  }
  session.out() << json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) << '\n';
  return Ok();
}

Status SetVariable(Session& session, const VariableOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  StoredVariable variable;
  variable.key = options.key;
  variable.value = options.json ? DumpJson(Json(options.value)) : options.value;
  if (!options.description.empty()) variable.description = options.description;
  BEEFLOW_RETURN_IF_ERROR(secrets->SetVariable(variable));
  session.out() << "Variable " << options.key << " created\n";
  return Ok();
}

// That there is none is no failure, as in Airflow.
Status DeleteVariable(Session& session, const VariableOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const bool existed, secrets->DeleteVariable(options.key));
  if (existed) {
    session.out() << "Variable " << options.key << " deleted\n";
    return Ok();
  }
  session.err() << "beeflow: " << NoVariable(session, options.key).message << '\n';
  return Ok();
}

// {"value": …, "description": …} is how a Variable with a description is exported.
bool HasDescription(const OrderedJson& entry) {
  return entry.is_object() && entry.size() == 2 && entry.contains("value") &&
         entry.contains("description") &&
         (entry["description"].is_string() || entry["description"].is_null());
}

StoredVariable FromEntry(const std::string& key, const OrderedJson& entry) {
  StoredVariable variable;
  variable.key = key;
  const bool described = HasDescription(entry);
  const OrderedJson& value = described ? entry["value"] : entry;
  if (described && entry["description"].is_string()) {
    variable.description = entry["description"].get<std::string>();
  }
  variable.value = value.is_string()
                       ? value.get<std::string>()
                       : value.dump(kJsonIndent, ' ', false, OrderedJson::error_handler_t::replace);
  return variable;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Status ImportVariables(Session& session, const VariableOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const OrderedJson entries, ReadEntries(options.file));
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<std::string> keys, secrets->VariableKeys());
  const std::set<std::string> present(keys.begin(), keys.end());
  std::vector<std::string> existing;
  for (const auto& [key, value] : entries.items()) {
    if (key.empty())
      return Invalid(options.file + ": a Variable has no name; nothing was imported");
    if (present.contains(key)) existing.push_back(key);
  }
  if (options.action == "fail" && !existing.empty()) {
    return Conflict("these Variables exist already: " + Joined(existing) +
                    "; nothing was imported");
  }
  const bool skip = options.action == "skip";
  size_t stored = 0;
  for (const auto& [key, value] : entries.items()) {
    if (skip && present.contains(key)) continue;
    BEEFLOW_RETURN_IF_ERROR(secrets->SetVariable(FromEntry(key, value)));
    ++stored;
  }
  session.out() << stored << " of " << entries.size() << " variables successfully updated.\n";
  if (skip && !existing.empty()) {
    session.out() << "These Variables exist already and were skipped: " << Joined(existing) << '\n';
  }
  return Ok();
}

// JSON values become part of the file if importing them gives the same text again, but for blanks;
// in an env file, which has only texts, they take one line.
OrderedJson ToEntry(const StoredVariable& variable, EntryFormat format) {
  OrderedJson value = variable.value;
  auto json = OrderedJson::parse(variable.value, nullptr, false);
  if (format == EntryFormat::kEnv) {
    if (json.is_structured()) value = json.dump();
    return value;
  }
  const bool same = json.is_structured() ||
                    (!json.is_discarded() && !json.is_string() && json.dump() == variable.value);
  if (same) value = std::move(json);
  const bool described = variable.description && !variable.description->empty();
  if (!described && !HasDescription(value)) return value;
  return {{"value", std::move(value)}, {"description", variable.description.value_or("")}};
}

Status ExportVariables(Session& session, const VariableOptions& options) {
  EntryFormat format = EntryFormat::kJson;
  if (options.file != "-") {
    BEEFLOW_ASSIGN_OR_RETURN(format, FormatOfFile(options.file));
  }
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<std::string> keys, secrets->VariableKeys());
  OrderedJson entries = OrderedJson::object();
  for (const std::string& key : keys) {
    BEEFLOW_ASSIGN_OR_RETURN(const auto variable, secrets->Variable(key));
    if (variable) entries[key] = ToEntry(*variable, format);
  }
  BEEFLOW_ASSIGN_OR_RETURN(const std::string text, FormatEntries(entries, format));
  BEEFLOW_RETURN_IF_ERROR(WriteSecretFile(options.file, text, session.out()));
  if (options.file == "-") return Ok();
  session.out() << entries.size() << " variables successfully exported to " << options.file << '\n';
  return Ok();
}

using Run = Status (*)(Session&, const VariableOptions&);

std::shared_ptr<VariableOptions> AddVerb(CLI::App* verb, Commands* commands, Run run) {
  auto options = std::make_shared<VariableOptions>();
  AddIgnoredOptions(verb);
  commands->On(verb, [=](Session& session) { return run(session, *options); });
  return options;
}

void AddImport(CLI::App* verb, Commands* commands) {
  const auto options = AddVerb(verb, commands, ImportVariables);
  verb->add_option("file", options->file, "A .json, .yaml or .env file")->required();
  verb->add_option("-a,--action-on-existing-key", options->action,
                   "What to do with Variables that exist: overwrite, fail or skip")
      ->check(CLI::IsMember({"overwrite", "fail", "skip"}));
}

}  // namespace

void AddVariableCommands(CLI::App* variables, Commands* commands) {
  CLI::App* list = variables->add_subcommand("list", "List the keys of all Variables");
  AddOutput(list, &AddVerb(list, commands, ListVariables)->format);

  CLI::App* get = variables->add_subcommand("get", "Print the value of a Variable");
  const auto asked = AddVerb(get, commands, GetVariable);
  get->add_option("key", asked->key)->required();
  get->add_option("-d,--default", asked->default_value, "Printed where there is no such Variable");
  get->add_flag("-j,--json", asked->json, "The value must be JSON");

  CLI::App* set = variables->add_subcommand("set", "Create or change a Variable");
  const auto given = AddVerb(set, commands, SetVariable);
  set->add_option("key", given->key)->required();
  set->add_option("value", given->value)->required();
  set->add_option("--description", given->description, "What it is for");
  set->add_flag("-j,--json,--serialize-json", given->json, "Store the text as a JSON string");

  CLI::App* remove = variables->add_subcommand("delete", "Delete a Variable");
  const auto removed = AddVerb(remove, commands, DeleteVariable);
  remove->add_option("key", removed->key)->required();

  AddImport(variables->add_subcommand("import", "Create or change Variables from a file"),
            commands);
  CLI::App* write = variables->add_subcommand("export", "Write all Variables to a file");
  const auto written = AddVerb(write, commands, ExportVariables);
  write->add_option("file", written->file, "A .json, .yaml or .env file; - prints JSON")
      ->required();
}

}  // namespace beeflow
