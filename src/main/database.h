// Opening the metadata database as the configuration says: an SQLite file, or PostgreSQL.
#pragma once

#include <memory>
#include <string>

#include "cli/environment.h"
#include "config/config.h"
#include "ports/catalog.h"
#include "ports/change_history.h"
#include "ports/history.h"
#include "ports/inventory.h"
#include "ports/overview.h"
#include "ports/request_store.h"
#include "ports/secret_store.h"
#include "ports/user_store.h"

namespace beeflow {

bool UsesPostgres(const Config& config);
// What people call it: the path, or the URL without its password.
std::string DatabaseName(const Config& config);

// Of the PostgreSQL server itself, where [database] url is that of a pooler.
const std::string& DirectDatabaseUrl(const Config& config);
// Whether a control process, of whatever home, works on the PostgreSQL database.
Result<bool> HasLeader(const Config& config);

// Creates the database, or its tables, where there are none, with default_pool as the configuration
// wants it.
Status CreateDatabase(const Config& config);

Result<std::unique_ptr<Catalog>> OpenCatalog(const Config& config);
Result<std::unique_ptr<History>> OpenHistory(const Config& config);
Result<std::unique_ptr<SecretStore>> OpenSecrets(const Config& config);
Result<std::unique_ptr<Overview>> OpenOverview(const Config& config);
Result<std::unique_ptr<ChangeHistory>> OpenChangeHistory(const Config& config);
Result<std::unique_ptr<Inventory>> OpenInventory(const Config& config);
Result<std::unique_ptr<UserStore>> OpenUsers(const Config& config);
// kNotFound where there is no database.
Result<std::unique_ptr<ExportSource>> OpenExport(const Config& config);
Result<std::unique_ptr<DatabaseAdmin>> OpenAdmin(const Config& config);
// What requests of tasks are answered from.
Result<std::unique_ptr<RequestStore>> OpenRequests(const Config& config);

}  // namespace beeflow
