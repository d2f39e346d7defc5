// connections list, get, add, delete, test, import, export
#include <algorithm>

#include "cli/commands.h"
#include "cli/connection_fields.h"
#include "cli/entry_file.h"
#include "config/nearest_name.h"
#include "ports/connection_uri.h"

namespace beeflow {
namespace {

constexpr const char* kMask = "***";

struct ConnectionOptions {
  std::string conn_id, file, uri, json, type, host, login, password, port, schema, extra;
  std::string description, file_format, serialization;
  bool overwrite = false;
  bool show_values = false;
  OutputFormat format = OutputFormat::kTable;
};

Cell Masked(const std::optional<std::string>& secret, bool show) {
  if (show || !secret || secret->empty()) return secret;
  return kMask;
}

Table ConnectionTable(const std::vector<StoredConnection>& connections, bool show_values) {
  Table table{{"id", "conn_id", "conn_type", "description", "host", "schema", "login", "password",
               "port", "is_encrypted", "is_extra_encrypted", "extra_dejson", "get_uri"},
              {}};
  for (const StoredConnection& c : connections) {
    const Cell port = c.port ? Cell(std::to_string(*c.port)) : Cell();
    table.rows.push_back({std::to_string(c.id), c.conn_id, c.conn_type, c.description, c.host,
                          c.schema, c.login, Masked(c.password, show_values), port,
                          BooleanCell(c.is_encrypted), BooleanCell(c.is_extra_encrypted),
                          Masked(c.extra ? c.extra : Cell("{}"), show_values || !c.extra),
                          Masked(FormatConnectionUri(c), show_values)});
  }
  return table;
}

Error NoConnection(SecretStore* secrets, const std::string& conn_id) {
  const auto ids = secrets->ConnectionIds();
  if (!ids.ok()) return ids.error();
  std::string hint = DidYouMean(conn_id, *ids);
  if (hint.empty()) hint = "; 'beeflow connections list' shows all connections";
  return NotFound("there is no connection '" + conn_id + "'" + hint);
}

Result<std::vector<StoredConnection>> AllConnections(SecretStore* secrets) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<std::string> ids, secrets->ConnectionIds());
  std::vector<StoredConnection> connections;
  for (const std::string& id : ids) {
    BEEFLOW_ASSIGN_OR_RETURN(auto connection, secrets->Connection(id));
    if (connection) connections.push_back(std::move(*connection));
  }
  return connections;
}

Status ListConnections(Session& session, const ConnectionOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<StoredConnection> connections, AllConnections(secrets));
  if (!options.conn_id.empty()) {
    std::erase_if(connections,
                  [&](const StoredConnection& c) { return c.conn_id != options.conn_id; });
  }
  session.Print(ConnectionTable(connections, options.show_values), options.format);
  return Ok();
}

std::string InUpperCase(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

// As for tasks, the environment comes first; that of this machine is not a server's elsewhere.
Status GetConnection(Session& session, const ConnectionOptions& options) {
  const Variables& environment = session.environment().variables;
  const auto it = environment.find("AIRFLOW_CONN_" + InUpperCase(options.conn_id));
  if (it != environment.end() && !session.is_remote()) {
    BEEFLOW_ASSIGN_OR_RETURN(const StoredConnection connection,
                             ConnectionFromEntry(options.conn_id, it->second));
    session.Print(ConnectionTable({connection}, true), options.format);
    return Ok();
  }
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const auto connection, secrets->Connection(options.conn_id));
  if (!connection) return NoConnection(secrets, options.conn_id);
  session.Print(ConnectionTable({*connection}, true), options.format);
  return Ok();
}

// The options that give single fields, in the words of a file.
OrderedJson GivenFields(const ConnectionOptions& options) {
  OrderedJson fields = OrderedJson::object();
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) fields[name] = value;
  };
  add("conn_type", options.type);
  add("host", options.host);
  add("login", options.login);
  add("password", options.password);
  add("port", options.port);
  add("schema", options.schema);
  add("extra", options.extra);
  return fields;
}

Result<StoredConnection> ReadGiven(const ConnectionOptions& options) {
  OrderedJson entry = GivenFields(options);
  const bool has_fields = !entry.empty();
  const int ways =
      (has_fields ? 1 : 0) + (options.uri.empty() ? 0 : 1) + (options.json.empty() ? 0 : 1);
  if (ways > 1) {
    return Invalid("give either --conn-uri, or --conn-json, or the single fields (--conn-type, …)");
  }
  if (!options.uri.empty()) entry = options.uri;
  if (!options.json.empty()) entry = options.json;
  if (entry.is_object() && !entry.contains("conn_type")) {
    return Invalid("--conn-type is missing; give it, or --conn-uri, or --conn-json");
  }
  BEEFLOW_ASSIGN_OR_RETURN(StoredConnection connection,
                           ConnectionFromEntry(options.conn_id, entry));
  if (!options.description.empty()) connection.description = options.description;
  return connection;
}

Status AddConnection(Session& session, const ConnectionOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const StoredConnection connection, ReadGiven(options));
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const auto ids, secrets->ConnectionIds());
  if (std::find(ids.begin(), ids.end(), options.conn_id) != ids.end()) {
    return Conflict("A connection with `conn_id`=" + options.conn_id +
                    " already exists; delete it first, or choose another id");
  }
  BEEFLOW_RETURN_IF_ERROR(secrets->SetConnection(connection));
  session.out() << "Successfully added `conn_id`=" << options.conn_id << " : "
                << connection.conn_type << "://" << connection.login.value_or("")
                << (connection.password ? ":******" : "")
                << (connection.login || connection.password ? "@" : "")
                << connection.host.value_or("");
  if (connection.port) session.out() << ':' << *connection.port;
  if (connection.schema) session.out() << '/' << *connection.schema;
  session.out() << '\n';
  return Ok();
}

Status DeleteConnection(Session& session, const ConnectionOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const bool existed, secrets->DeleteConnection(options.conn_id));
  if (!existed) return NoConnection(secrets, options.conn_id);
  session.out() << "Successfully deleted connection with `conn_id`=" << options.conn_id << '\n';
  return Ok();
}

// All of the file is read before anything is stored.
Status ImportConnections(Session& session, const ConnectionOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const OrderedJson entries, ReadEntries(options.file));
  std::vector<StoredConnection> connections;
  for (const auto& [conn_id, entry] : entries.items()) {
    auto connection = ConnectionFromEntry(conn_id, entry);
    if (!connection.ok()) return Invalid(options.file + ": " + connection.error().message);
    connections.push_back(std::move(*connection));
  }
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const auto ids, secrets->ConnectionIds());
  for (const StoredConnection& connection : connections) {
    const bool exists = std::find(ids.begin(), ids.end(), connection.conn_id) != ids.end();
    if (exists && !options.overwrite) {
      session.out() << "Could not import connection " << connection.conn_id
                    << ": connection already exists.\n";
      continue;
    }
    BEEFLOW_RETURN_IF_ERROR(secrets->SetConnection(connection));
    session.out() << "Imported connection " << connection.conn_id << '\n';
  }
  return Ok();
}

Result<EntryFormat> ExportFormat(const ConnectionOptions& options) {
  if (options.file_format.empty()) {
    return options.file == "-" ? EntryFormat::kJson : FormatOfFile(options.file);
  }
  return FormatOfFile("." + options.file_format);
}

Status ExportConnections(Session& session, const ConnectionOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const EntryFormat format, ExportFormat(options));
  if (!options.serialization.empty() && format != EntryFormat::kEnv) {
    return Invalid("Option `--serialization-format` may only be used with file type `env`.");
  }
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const auto connections, AllConnections(secrets));
  OrderedJson entries = OrderedJson::object();
  for (const StoredConnection& connection : connections) {
    OrderedJson& entry = entries[connection.conn_id];
    if (format != EntryFormat::kEnv) {
      entry = ConnectionAsFields(connection);
    } else if (options.serialization == "json") {
      entry = ConnectionAsJsonText(connection);
    } else {
      entry = FormatConnectionUri(connection);
    }
  }
  BEEFLOW_ASSIGN_OR_RETURN(const std::string text, FormatEntries(entries, format));
  BEEFLOW_RETURN_IF_ERROR(WriteSecretFile(options.file, text, session.out()));
  if (options.file == "-") return Ok();
  session.out() << "Connections successfully exported to " << options.file << ".\n";
  return Ok();
}

Status TestConnection(Session& session, const ConnectionOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  // Its absence is told with a hint; where the environment has it, it need not be in the database.
  if (session.environment().variables.count("AIRFLOW_CONN_" + InUpperCase(options.conn_id)) == 0) {
    BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
    BEEFLOW_ASSIGN_OR_RETURN(const auto connection, secrets->Connection(options.conn_id));
    if (!connection) return NoConnection(secrets, options.conn_id);
  }
  session.out() << "Testing connection " << options.conn_id << " ...\n" << std::flush;
  BEEFLOW_ASSIGN_OR_RETURN(const ConnectionTest test,
                           session.environment().test_connection(*config, options.conn_id));
  if (!test.works) return Unavailable("Connection failed! " + test.message);
  session.out() << "Connection success!" << (test.message.empty() ? "" : " ") << test.message
                << '\n';
  return Ok();
}

Status RefuseDefaultConnections(Session&, const ConnectionOptions&) {
  return Invalid(
      "Beeflow has no default connections: Airflow's are examples that name hosts which do not "
      "exist; add those that your DAGs use with 'beeflow connections add'");
}

using Run = Status (*)(Session&, const ConnectionOptions&);

std::shared_ptr<ConnectionOptions> AddVerb(CLI::App* verb, Commands* commands, Run run) {
  auto options = std::make_shared<ConnectionOptions>();
  AddIgnoredOptions(verb);
  commands->On(verb, [=](Session& session) { return run(session, *options); });
  return options;
}

void AddAdd(CLI::App* verb, Commands* commands) {
  const auto options = AddVerb(verb, commands, AddConnection);
  verb->add_option("conn_id", options->conn_id)->required();
  verb->add_option("--conn-uri", options->uri, "type://login:password@host:port/schema?extra");
  verb->add_option("--conn-json", options->json, "All fields as a JSON object");
  verb->add_option("--conn-type", options->type, "Such as postgres or http");
  verb->add_option("--conn-description", options->description, "What it is for");
  verb->add_option("--conn-host", options->host);
  verb->add_option("--conn-login", options->login);
  verb->add_option("--conn-password", options->password);
  verb->add_option("--conn-port", options->port);
  verb->add_option("--conn-schema", options->schema);
  verb->add_option("--conn-extra", options->extra, "A JSON object, as a rule");
}

void AddExport(CLI::App* verb, Commands* commands) {
  const auto options = AddVerb(verb, commands, ExportConnections);
  verb->add_option("file", options->file, "A .json, .yaml or .env file; - for standard output")
      ->required();
  // --format is the older name.
  verb->add_option("--file-format,--format", options->file_format, "json, yaml or env")
      ->check(CLI::IsMember({"json", "yaml", "env"}));
  verb->add_option("--serialization-format", options->serialization,
                   "How an env file writes a connection: uri or json")
      ->check(CLI::IsMember({"uri", "json"}));
}

}  // namespace

void AddConnectionCommands(CLI::App* connections, Commands* commands) {
  CLI::App* list = connections->add_subcommand("list", "List connections, without their secrets");
  const auto listed = AddVerb(list, commands, ListConnections);
  list->add_option("--conn-id", listed->conn_id, "Only this one");
  list->add_flag("--show-values", listed->show_values, "Show passwords, extras and URIs too");
  AddOutput(list, &listed->format);

  CLI::App* get = connections->add_subcommand("get", "Show a connection, with its secrets");
  const auto asked = AddVerb(get, commands, GetConnection);
  get->add_option("conn_id", asked->conn_id)->required();
  AddOutput(get, &asked->format);

  AddAdd(connections->add_subcommand("add", "Add a connection"), commands);

  CLI::App* remove = connections->add_subcommand("delete", "Delete a connection");
  const auto removed = AddVerb(remove, commands, DeleteConnection);
  remove->add_option("conn_id", removed->conn_id)->required();

  CLI::App* import = connections->add_subcommand("import", "Add connections from a file");
  const auto imported = AddVerb(import, commands, ImportConnections);
  import->add_option("file", imported->file, "A .json, .yaml or .env file")->required();
  import->add_flag("--overwrite", imported->overwrite, "Replace connections that exist");

  CLI::App* test = connections->add_subcommand("test", "Try out whether a connection works");
  test->add_option("conn_id", AddVerb(test, commands, TestConnection)->conn_id)->required();

  AddVerb(connections->add_subcommand("create-default-connections", "")->group(""), commands,
          RefuseDefaultConnections);

  AddExport(connections->add_subcommand("export", "Write all connections to a file"), commands);
}

}  // namespace beeflow
