// connections: list, one, creating, changing, deleting, trying out. Passwords never leave.
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_reader.h"
#include "api/secret_shapes.h"
#include "ports/connection_uri.h"

namespace beeflow {
namespace {

Json Shown(const ApiCall& call, const StoredConnection& connection) {
  return ConnectionWithExtraToJson(connection, call.context().sensitive_names());
}

// What cannot be decrypted is no fault of the request.
Result<StoredConnection> FindConnection(SecretStore* secrets, const std::string& conn_id) {
  auto connection = secrets->Connection(conn_id);
  if (!connection.ok()) return Internal(connection.error().message);
  if (!*connection) {
    return NotFound("there is no connection '" + conn_id + "'; see /api/v1/connections");
  }
  return std::move(**connection);
}

// With the names of the fields that the body sets, and never a value.
AuditNote NoteOf(const char* event, const std::string& conn_id, const Json& body) {
  Json fields = Json::array();
  for (const auto& [name, value] : body.items()) fields.push_back(name);
  AuditNote note{event};
  note.extra = DumpJson({{"connection_id", conn_id}, {"fields", fields}});
  return note;
}

// One that cannot be decrypted is listed with what it is called.
Result<std::vector<StoredConnection>> AllConnections(SecretStore* secrets) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto ids, secrets->ConnectionIds());
  std::vector<StoredConnection> connections;
  for (const std::string& id : ids) {
    auto connection = secrets->Connection(id);
    if (!connection.ok() && connection.error().code != ErrorCode::kInvalid) {
      return connection.error();
    }
    if (connection.ok() && !*connection) continue;  // deleted meanwhile
    StoredConnection listed;
    listed.conn_id = id;
    if (connection.ok()) listed = std::move(**connection);
    connections.push_back(std::move(listed));
  }
  return connections;
}

bool ComesBefore(const StoredConnection& a, const StoredConnection& b, const std::string& order) {
  if (order == "conn_id") return a.conn_id < b.conn_id;
  if (order == "conn_type") return a.conn_type < b.conn_type;
  if (order == "description") return a.description < b.description;
  if (order == "host") return a.host < b.host;
  if (order == "port") return a.port < b.port;
  return a.id < b.id;
}

Result<Json> ListConnections(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, call.secrets());
  QueryReader query(call.request());
  BEEFLOW_ASSIGN_OR_RETURN(const ListRange range,
                           ReadListRange(&query, {{"id", "id"},
                                                  {"connection_id", "conn_id"},
                                                  {"conn_type", "conn_type"},
                                                  {"description", "description"},
                                                  {"host", "host"},
                                                  {"port", "port"}}));
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(auto connections, AllConnections(secrets));
  SortList(&connections, range, [&](const StoredConnection& a, const StoredConnection& b) {
    return ComesBefore(a, b, range.order_by);
  });
  Json list = Json::array();
  for (const StoredConnection& connection : Page(connections, range.offset, range.limit)) {
    list.push_back(ConnectionToJson(connection));
  }
  return Collection("connections", list, static_cast<int64_t>(connections.size()));
}

Result<Json> GetConnection(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, call.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const auto connection,
                           FindConnection(secrets, call.Field("connection_id")));
  return Shown(call, connection);
}

// Sets what the body says, null for nothing, and leaves the rest.
Status ReadFields(const Json& body, StoredConnection* connection) {
  JsonReader in(body, "the body");
  connection->conn_type = in.OptionalString("conn_type").value_or(connection->conn_type);
  const auto read = [&](const char* name, std::optional<std::string>* field) {
    if (body.contains(name)) *field = in.OptionalString(name);
  };
  read("description", &connection->description);
  read("host", &connection->host);
  read("login", &connection->login);
  read("schema", &connection->schema);
  read("password", &connection->password);
  const std::string stored = connection->extra.value_or("");
  read("extra", &connection->extra);
  if (connection->extra) connection->extra = RestoreHidden(*connection->extra, stored);
  if (body.contains("port")) {
    const auto port = in.OptionalInteger("port", 0, 65535);
    connection->port = port ? std::optional<int>(static_cast<int>(*port)) : std::nullopt;
  }
  return in.status();
}

Result<StoredConnection> ReadNew(const HttpRequest& request) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json body,
                           ReadBody(request, {"connection_id", "conn_type", "description", "host",
                                              "login", "schema", "port", "password", "extra"}));
  JsonReader in(body, "the body");
  StoredConnection connection;
  connection.conn_id = in.String("connection_id");
  if (connection.conn_id.empty()) in.Fail("connection_id is missing");
  if (in.String("conn_type").empty()) in.Fail("conn_type is missing; send one such as http");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  BEEFLOW_RETURN_IF_ERROR(ReadFields(body, &connection));
  BEEFLOW_RETURN_IF_ERROR(CheckConnectionId(connection.conn_id));
  return connection;
}

Result<Json> PostConnection(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, call.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const StoredConnection connection, ReadNew(call.request()));
  const AuditNote note =
      NoteOf("connection.create", connection.conn_id, *ParseJson(call.request().body));
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso(note, [&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(const auto ids, secrets->ConnectionIds());
    if (std::find(ids.begin(), ids.end(), connection.conn_id) != ids.end()) {
      return Conflict("connection '" + connection.conn_id +
                      "' already exists; change it with PATCH /api/v1/connections/ID");
    }
    return secrets->SetConnection(connection);
  }));
  return Shown(call, connection);
}

Result<Json> PatchConnection(ApiCall& call) {
  const std::string& conn_id = call.Field("connection_id");
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, call.secrets());
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadPatch(call.request(),
                                                      {"conn_type", "description", "host", "login",
                                                       "schema", "port", "password", "extra"},
                                                      {"connection_id"}));
  if (body.contains("connection_id") && body["connection_id"] != conn_id) {
    return Invalid("the body: connection_id must be that of the path, '" + conn_id +
                   "'; it cannot be changed");
  }
  StoredConnection connection;
  const auto change = [&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(connection, FindConnection(secrets, conn_id));
    BEEFLOW_RETURN_IF_ERROR(ReadFields(body, &connection));
    return secrets->SetConnection(connection);
  };
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso(NoteOf("connection.edit", conn_id, body), change));
  return Shown(call, connection);
}

Result<Json> DeleteConnection(ApiCall& call) {
  const std::string& conn_id = call.Field("connection_id");
  BEEFLOW_ASSIGN_OR_RETURN(SecretStore * secrets, call.secrets());
  AuditNote note{"connection.delete"};
  note.extra = DumpJson({{"connection_id", conn_id}});
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso(note, [&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(const bool existed, secrets->DeleteConnection(conn_id));
    return existed ? Ok() : NotFound("there is no connection '" + conn_id + "'");
  }));
  return Json();
}

HttpResponse TestConnection(ApiCall& call) {
  const ApiOptions& options = call.context().options();
  const EffectiveSetting* setting = options.config.Find("core", "test_connection");
  if (!setting || setting->value != "Enabled" || !options.test_connection) {
    return ProblemResponse(403, "Forbidden",
                           "testing connections is disabled; whoever runs the server can allow it "
                           "with [core] test_connection = Enabled");
  }
  const auto connection = ReadNew(call.request());
  if (!connection.ok()) return ErrorResponse(connection.error());
  const SensitiveNames& names = call.context().sensitive_names();
  const auto pass = call.context().gate().Enter();
  if (!pass.ok()) return ErrorResponse(pass.error());
  const auto test = options.test_connection(*connection);
  if (!test.ok()) {
    return ErrorResponse(
        {test.error().code, WithoutSecrets(test.error().message, *connection, names)});
  }
  return JsonResponse(
      {{"status", test->works}, {"message", WithoutSecrets(test->message, *connection, names)}});
}

}  // namespace

void AddConnectionRoutes(ApiRoutes* routes) {
  const std::string connections = "/api/v1/connections";
  const std::string connection = connections + "/{connection_id}";
  const auto may = [](Action action) {
    return std::vector<Permission>{{action, resource::kConnection}};
  };
  routes->AddJson({"GET", connections, "get_connections", "List connections", may(Action::kRead),
                   WithOrder({}), "", "ConnectionCollection"},
                  ListConnections);
  routes->AddJson({"POST",
                   connections,
                   "post_connection",
                   "Create a connection",
                   may(Action::kCreate),
                   {},
                   "Connection",
                   "Connection"},
                  PostConnection);
  routes->Add({"POST",
               connections + "/test",
               "test_connection",
               "Try a connection out, which need not be stored",
               may(Action::kCreate),
               {},
               "Connection",
               "ConnectionTest"},
              TestConnection);
  routes->AddJson({"GET",
                   connection,
                   "get_connection",
                   "A connection, without its password",
                   may(Action::kRead),
                   {},
                   "",
                   "Connection"},
                  GetConnection);
  routes->AddJson({"PATCH",
                   connection,
                   "patch_connection",
                   "Change a connection",
                   may(Action::kEdit),
                   {{"update_mask", ParameterType::kText, "Fields to change.", true}},
                   "Connection",
                   "Connection"},
                  PatchConnection);
  routes->AddJson({"DELETE",
                   connection,
                   "delete_connection",
                   "Delete a connection",
                   may(Action::kDelete),
                   {},
                   "",
                   "",
                   204},
                  DeleteConnection);
}

}  // namespace beeflow
