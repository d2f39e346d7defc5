// db migrate, check, reset, import; export; rotate-fernet-key
#include "cli/commands.h"
#include "lab/export_files.h"

namespace beeflow {
namespace {

Status Migrate(Session& session) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto admin, session.OpenAdmin());
  BEEFLOW_ASSIGN_OR_RETURN(const std::string done, admin->Migrate());
  session.out() << done << '\n';
  return Ok();
}

Status Check(Session& session) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto admin, session.OpenAdmin());
  BEEFLOW_ASSIGN_OR_RETURN(const std::string found, admin->Check());
  session.out() << found << '\n';
  return Ok();
}

Status Reset(Session& session, bool yes) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(const auto admin, session.OpenAdmin());
  BEEFLOW_ASSIGN_OR_RETURN(const bool server_runs, session.environment().server_runs(*config));
  if (server_runs)
    return Conflict("a server works on " + admin->name() + "; stop it before a reset");
  BEEFLOW_RETURN_IF_ERROR(session.Confirm(
      "This will drop all tables of " + admin->name() + " and everything in them. Proceed?", yes));
  BEEFLOW_RETURN_IF_ERROR(admin->Reset());
  session.out() << "Database " << admin->name() << " was reset\n";
  return Ok();
}

Status Import(Session& session, const std::string& from, const std::string& fernet_key) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(const auto admin, session.OpenAdmin());
  BEEFLOW_ASSIGN_OR_RETURN(const bool server_runs, session.environment().server_runs(*config));
  if (server_runs) {
    return Conflict("a server works on " + admin->name() + "; stop it before an import");
  }
  BEEFLOW_ASSIGN_OR_RETURN(const std::string done,
                           admin->Import(from, fernet_key, [&](const std::string& so_far) {
                             session.out() << so_far << std::endl;
                           }));
  session.out() << done << '\n';
  return Ok();
}

Status RotateKey(Session& session) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, session.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows, secrets->RotateKey());
  session.out() << "Encrypted " << rows << " Variables and connections with the first key\n";
  return Ok();
}

struct ExportOptions {
  BlobLocation to;
  std::string system = "serverless";
};

Status Export(Session& session, const ExportOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto source, session.OpenExport());
  BEEFLOW_ASSIGN_OR_RETURN(const auto store, session.environment().open_blob_store(options.to));
  return WriteExport(source.get(), store.get(), options.system, session.Now(),
                     [&](const std::string& address) { session.out() << address << std::endl; });
}

}  // namespace

void AddDatabaseCommands(CLI::App* app, Commands* commands) {
  CLI::App* db = AddGroup(app, "db", "Care for the metadata database");
  CLI::App* migrate = db->add_subcommand("migrate", "Create the database or bring it up to date");
  migrate->alias("init")->alias("upgrade");
  AddIgnoredOptions(migrate);
  commands->On(migrate, Migrate);
  CLI::App* check = db->add_subcommand("check", "Check that the database is usable and intact");
  AddIgnoredOptions(check);
  commands->On(check, Check);
  CLI::App* reset = db->add_subcommand("reset", "Drop everything and create the database anew");
  auto yes = std::make_shared<bool>(false);
  AddYes(reset, yes.get());
  AddIgnoredOptions(reset);
  commands->On(reset, [yes](Session& session) { return Reset(session, *yes); });

  CLI::App* import =
      db->add_subcommand("import", "Take over what another database of Beeflow or Airflow 2 holds");
  auto from = std::make_shared<std::string>();
  auto fernet_key = std::make_shared<std::string>();
  import->add_option("--from", *from, "An SQLite file, or postgresql://user:password@host/database")
      ->required();
  import->add_option(
      "--fernet-key", *fernet_key,
      "Key of the other database's Variables and connections, if it has another one");
  AddIgnoredOptions(import);
  commands->On(
      import, [from, fernet_key](Session& session) { return Import(session, *from, *fernet_key); });

  CLI::App* rotate = app->add_subcommand(
      "rotate-fernet-key", "Encrypt all Variables and connections with the first Fernet key");
  AddIgnoredOptions(rotate);
  commands->On(rotate, RotateKey);

  auto options = std::make_shared<ExportOptions>();
  CLI::App* verb = app->add_subcommand("export", "Write the metadata tables as CSV files");
  verb->add_option("--to", options->to.url, "Folder, or s3://bucket/prefix, to write below")
      ->required();
  verb->add_option("--endpoint-url", options->to.endpoint_url,
                   "Server to use instead of AWS, such as http://host:9000");
  verb->add_option("--region", options->to.region, "Region of the bucket");
  verb->add_option("--system", options->system, "Name of the system in the paths")
      ->capture_default_str();
  commands->On(verb, [options](Session& session) { return Export(session, *options); });
}

}  // namespace beeflow
