// For tests: a PostgreSQL server of their own, in a temporary folder, reached by its Unix socket.
#pragma once

#include <fmt/core.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "os/process.h"
#include "store/postgres/connection.h"
#include "store/postgres/migration.h"

namespace beeflow::postgres {

// One server for the whole test program.
class ServerForTest {
 public:
  static ServerForTest& Shared() {
    static ServerForTest server;
    return server;
  }
  ServerForTest(const ServerForTest&) = delete;
  ServerForTest& operator=(const ServerForTest&) = delete;
  ~ServerForTest() {
    Run("stop");
    std::filesystem::remove_all(folder_);
  }

  // Of a database on it.
  std::string Url(const std::string& database) const {
    return "postgresql://postgres@/" + database + "?host=" + folder_ + "&options=-ctimezone%3DUTC";
  }
  // The URL of a new, empty database.
  std::string NewDatabase() {
    const std::string name = "test" + std::to_string(++databases_);
    Execute(Url("postgres"), "CREATE DATABASE " + name);
    return Url(name);
  }
  // The same with Beeflow's tables and a slot.
  std::string NewMigratedDatabase() {
    const std::string name = "test" + std::to_string(++databases_);
    if (!std::exchange(has_template_, true)) {
      Execute(Url("postgres"), "CREATE DATABASE migrated");
      MigrateNow(Url("migrated"));
    }
    Execute(Url("postgres"), "CREATE DATABASE " + name + " TEMPLATE migrated");
    MigrateNow(Url(name));
    return Url(name);
  }
  // On a connection of its own; the first column of the first row.
  static std::string Execute(const std::string& url, const std::string& sql) {
    const auto connection = Connection::Open(url, {});
    BEEFLOW_CHECK(connection.ok());
    const ResultPtr result(PQexec((*connection)->handle(), sql.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      fmt::print(stderr, "{} in {}\n", PQresultErrorMessage(result.get()), sql);
      std::abort();
    }
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }

 private:
  static void MigrateNow(const std::string& url) {
    bool created = false;
    const Status migrated = Migrate(std::make_shared<ConnectionPool>(url), &created);
    BEEFLOW_CHECK(migrated.ok());
  }

  ServerForTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "beeflow-postgres-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    Run("start");
  }
  void Run(const std::string& command) const {
    SpawnRequest request;
    request.argv = {POSTGRES_SERVER, command, folder_};
    const auto process = Spawn(request);
    BEEFLOW_CHECK(process.ok());
    int status = 0;
    BEEFLOW_CHECK(waitpid(process->pid, &status, 0) == process->pid && status == 0);
  }

  std::string folder_;
  int databases_ = 0;
  bool has_template_ = false;
};

}  // namespace beeflow::postgres
