// What the CLI needs from its surroundings, handed in by the composition root: terminal, clock,
// database, and the engine for commands that carry out runs themselves.
#pragma once

#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "lab/lab_run.h"
#include "ports/blob_store.h"
#include "ports/catalog.h"
#include "ports/clock.h"
#include "ports/connection_check.h"
#include "ports/credentials.h"
#include "ports/dag_code.h"
#include "ports/parsed_file.h"
#include "ports/rendered_fields.h"
#include "ports/secret_store.h"
#include "ports/user_store.h"

namespace beeflow {

// Care for the database as a whole. Errors name the file.
class DatabaseAdmin {
 public:
  virtual ~DatabaseAdmin() = default;
  // What people call the database: a path or a URL without its password.
  virtual std::string name() const = 0;
  // Creates the database or brings it up to date; says what was done.
  virtual Result<std::string> Migrate() = 0;
  // Examines it; says what was found to be fine.
  virtual Result<std::string> Check() = 0;
  // Drops everything and creates it anew.
  virtual Status Reset() = 0;
  // Takes over what another database holds: a file of SQLite or a URL, of Beeflow or Airflow 2.x.
  // `fernet_key` decrypts its secrets; "": our own key. `told` is called with what is done so far.
  virtual Result<std::string> Import(const std::string& from, const std::string& fernet_key,
                                     const std::function<void(const std::string&)>& told) = 0;
};

// Waits for files or the database to change. What changes between the making of the watch and the
// first Wait counts, so the order is: make it, read, Wait, read, Wait, ...
class ChangeWatch {
 public:
  virtual ~ChangeWatch() = default;
  // Blocks until something changed since the last call. kUnavailable when the user interrupted.
  virtual Status Wait() = 0;
};

// Runs that a command wants carried out by an engine in its own process. All functions are called
// on the caller's thread; but for `done` they may be empty. An error ends the engine.
struct EngineRequest {
  std::vector<RunKey> runs;  // also those of paused DAGs; nothing else is started
  // Called after every commit, once `begin` was; true ends the engine.
  std::function<Result<bool>()> done;
  std::string dag_id;               // is imported before all else; "": no file is
  std::function<Status()> begin;    // called once, then; may make the runs
  std::string logs;                 // a folder
  std::function<Status()> written;  // a file below `logs` was written to
  // What a callback of a DAG printed.
  std::function<void(const RunKey& run, const std::string& output)> callback_printed;
  // The user interrupts. It is to let the runs end; the engine waits until their tasks have. A
  // second interruption, or the first where this is empty, ends the engine at once.
  std::function<Status()> interrupted;
};

// One task, run or rendered once without regard to its dependencies, with nothing recorded.
struct TaskTest {
  std::string dag_id;
  std::string task_id;
  int map_index = -1;
  RunRecord run;  // one of the database, or one made up
};

// Of `lab run`.
struct LabRequest {
  BlobLocation out;     // without a url: where the experiment file says
  bool again = false;   // also what has finished
  Variables variables;  // of this process
  std::function<Result<std::unique_ptr<BlobStore>>(const BlobLocation&)> open_blob_store;
  LabProgress* progress = nullptr;
};

// What DAG files define.
struct ImportedDags {
  std::vector<ParsedFile> files;  // without their source
  std::vector<ImportErrorInfo> errors;
};

// A server elsewhere, over its API.
struct RemoteStores {
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<SecretStore> secrets;
  // The log of a try, as text.
  std::function<Result<std::string>(const TaskRecord& task, int try_number)> log;
};

// The streams, the clock and the credentials outlive the call of RunCli; every function is set.
struct CliEnvironment {
  std::istream* in = nullptr;
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  bool in_is_terminal = false;   // questions may be asked
  bool err_is_terminal = false;  // progress may be drawn
  Variables variables;
  Clock* clock = nullptr;
  std::string version;
  std::string user;  // for the audit log
  Credentials* credentials = nullptr;
  // Asks at the terminal, which shows nothing of what is typed.
  std::function<Result<std::string>(const std::string& question)> ask_secret;

  // Opens the database, created and brought up to date where needed.
  std::function<Result<std::unique_ptr<Catalog>>(const Config&)> open_catalog;
  // Variables and Connections of the same database.
  std::function<Result<std::unique_ptr<SecretStore>>(const Config&)> open_secrets;
  std::function<Result<std::unique_ptr<UserStore>>(const Config&)> open_users;
  std::function<Result<std::unique_ptr<ExportSource>>(const Config&)> open_export;
  std::function<Result<std::unique_ptr<DatabaseAdmin>>(const Config&)> open_admin;
  // Where results go: a folder or a bucket.
  std::function<Result<std::unique_ptr<BlobStore>>(const BlobLocation&)> open_blob_store;

  // Errors as those of the stores; nothing is asked of the server before they are used. The token
  // may be "".
  std::function<Result<RemoteStores>(const std::string& url, const std::string& token)> open_remote;

  // Whether a control process works on the database.
  std::function<Result<bool>(const Config&)> server_runs;
  // Watches the database, and `path` too unless it is "": a file, which need not exist yet, or a
  // folder with all files below it.
  std::function<Result<std::unique_ptr<ChangeWatch>>(const Config&, const std::string& path)> watch;
  // Imports the DAG folder and commits the result; of one DAG, only the files that may define it.
  std::function<Status(const Config&, const std::optional<std::string>& dag_id)> refresh_dags;
  // Carries out runs in this process until done() is true.
  std::function<Status(const Config&, const EngineRequest&)> run_in_process;
  // Output of the task goes to stdout as it is written.
  std::function<Status(const Config&, const TaskTest&)> test_task;
  // Template fields and their rendered values, in the order of the operator's template_fields.
  std::function<Result<RenderedFields>(const Config&, const TaskTest&)> render_task;
  // What the author's own timetable infers.
  std::function<Result<DataInterval>(const Config&, const ManualIntervalQuestion&)>
      ask_manual_interval;
  std::function<Result<ConnectionTest>(const Config&, const std::string& conn_id)> test_connection;
  // A folder of the program's own data: "web", "examples/experiments".
  std::function<Result<std::string>(const std::string& name)> find_resource;
  // The content of a page after it has loaded, as an installed browser prints it; kNotFound, with
  // what to install, where there is none.
  std::function<Result<std::string>(const std::string& url)> print_page;
  // Carries out experiments; an interruption ends it early.
  std::function<Result<std::vector<TrialReport>>(const ExperimentFile&, const LabRequest&)> run_lab;
  // Serve until a signal ends it; with `until_eof` until standard input ends, and then end all
  // tasks too. Returns the exit code.
  std::function<int(const Config&, bool until_eof)> run_standalone;
  // Imports a DAG file or a folder of them, without making them part of the database.
  std::function<Result<ImportedDags>(const std::string& path)> import_dags;
  // `beeflow worker ...` and `beeflow demo ...`, with the arguments behind the verb.
  std::function<int(const std::vector<std::string>&)> run_worker;
  std::function<int(const std::vector<std::string>&)> run_demo;
};

}  // namespace beeflow
