// The classes of flaw that servers of this kind have had, each tried against the whole API:
// whatever operations there are, they are found through the list that the router was filled from.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "api/sign_in_fixture_for_test.h"
#include "ports/log_path.h"

namespace beeflow {
namespace {

class SecurityTest : public SignInFixture {
 protected:
  void SetUp() override {
    SignInFixture::SetUp();
    AddUser("ann", {"Admin"});
    AddUser("vic", {"Viewer"});
    run_ = database_.AddRun("first", "2021-01-01", RunState::kSuccess, TaskState::kSuccess);
  }

  // With these values for the fields of its path; others get "x".
  static std::string PathOf(const Operation& operation,
                            const std::map<std::string, std::string>& values = {}) {
    std::string path;
    std::string_view rest = operation.path;
    while (!rest.empty()) {
      const size_t open = std::min(rest.find('{'), rest.size());
      path += rest.substr(0, open);
      rest.remove_prefix(open);
      if (rest.empty()) break;
      const size_t close = rest.find('}');
      const auto value = values.find(std::string(rest.substr(1, close - 1)));
      path += value == values.end() ? "x" : value->second;
      rest.remove_prefix(close + 1);
    }
    return path;
  }
  Answer Ask(const Operation& operation, const std::string& path, const httplib::Headers& headers) {
    if (operation.method == "GET") return Get(path, headers);
    if (operation.method == "DELETE") return Delete(path, headers);
    if (operation.method == "PATCH") return Patch(path, Json::object(), headers);
    if (operation.method == "PUT") return Put(path, Json::object(), headers);
    return Post(path, Json::object(), headers);
  }
  static std::string NameOf(const Operation& operation) {
    return operation.method + " " + operation.path;
  }
  // What never ends cannot be read to its end here.
  static bool IsStream(const Operation& operation) {
    return operation.answer_type == "text/event-stream";
  }

  RunKey run_;
};

TEST_F(SecurityTest, EveryOperationButTheOpenOnesAsksWhoItIs) {
  std::set<std::string> open;
  for (const Operation& operation : operations_) {
    if (operation.is_open) {
      open.insert(NameOf(operation));
    } else {
      EXPECT_EQ(Ask(operation, PathOf(operation), {}).status, 401) << NameOf(operation);
    }
  }
  for (const std::string& name : open) {
    const bool is_known = name == "POST /api/v1/ui/login" || name == "GET /api/v1/ui/session" ||
                          name.starts_with("POST /auth/token") || name.ends_with("/health") ||
                          name.ends_with("/version") || name.ends_with("/openapi.json");
    EXPECT_TRUE(is_known) << name << " needs no rights; is that meant?";
  }
}

TEST_F(SecurityTest, AViewerGetsNoFurtherThanTheRole) {
  Identity viewer;
  const auto permissions = users_->PermissionsOf({"Viewer"}).value();
  for (const RolePermission& permission : permissions) {
    viewer.permissions.insert({*ParseAction(permission.action), permission.resource});
  }
  int refused = 0;
  for (const Operation& operation : operations_) {
    const auto lacks = [&](const Permission& p) { return !viewer.Can(p.action, p.resource); };
    if (operation.is_open ||
        std::none_of(operation.permissions.begin(), operation.permissions.end(), lacks)) {
      continue;
    }
    EXPECT_EQ(Ask(operation, PathOf(operation), Basic("vic")).status, 403) << NameOf(operation);
    ++refused;
  }
  EXPECT_GT(refused, 5);
  for (const char* resource : {resource::kConnection, resource::kVariable, resource::kUser,
                               resource::kConfig, resource::kAuditLog}) {
    EXPECT_FALSE(viewer.Can(Action::kRead, resource)) << resource;
  }
}

// Airflow's own lists, as its documentation has them.
TEST_F(SecurityTest, RolesMayWhatAirflowsMay) {
  using Rights = std::vector<std::pair<std::string, std::string>>;  // resource, actions by letters
  const std::vector<std::pair<std::string, Rights>> roles = {
      {"Public", {}},
      {"Viewer",
       {{"Backfills", "r"},  // of Airflow 3
        {"Cluster Activity", "rm"},
        {"DAG Code", "r"},
        {"DAG Dependencies", "rm"},
        {"DAG Runs", "rm"},
        {"DAG Warnings", "r"},
        {"DAGs", "rm"},
        {"Datasets", "rm"},
        {"ImportError", "r"},
        {"Jobs", "rm"},
        {"My Password", "re"},
        {"My Profile", "re"},
        {"Plugins", "rm"},
        {"Pools", "r"},
        {"SLA Misses", "rm"},
        {"Task Instances", "rm"},
        {"Task Logs", "r"},
        {"Website", "r"},
        {"XComs", "r"},
        {"Browse", "m"},
        {"Docs", "m"},
        {"Documentation", "m"}}},
      {"User", {{"DAGs", "ed"}, {"DAG Runs", "ced"}, {"Task Instances", "ced"}, {"Datasets", "c"}}},
      {"Op",
       {{"Backfills", "ced"},
        {"Configurations", "rm"},
        {"Connections", "credm"},
        {"Pools", "cedm"},
        {"Providers", "rm"},
        {"Variables", "credm"},
        {"XComs", "dm"},
        {"Admin", "m"},
        {"Datasets", "d"}}},
      {"Admin",
       {{"Audit Logs", "rm"},
        {"Task Reschedules", "rm"},
        {"Triggers", "rm"},
        {"Passwords", "re"},
        {"Roles", "credm"},
        {"Users", "credm"},
        {"Permissions", "rm"}}}};
  const std::map<char, std::string> actions = {{'c', "can_create"},
                                               {'r', "can_read"},
                                               {'e', "can_edit"},
                                               {'d', "can_delete"},
                                               {'m', "menu_access"}};
  std::set<RolePermission> expected;  // each role may what those before it may
  for (const auto& [role, rights] : roles) {
    for (const auto& [resource, letters] : rights) {
      for (const char letter : letters) expected.insert({actions.at(letter), resource});
    }
    const auto stored = users_->Role(role)->permissions;
    EXPECT_EQ(std::set(stored.begin(), stored.end()), expected) << role;
  }
}

// Of DAG "hourly" nobody told this user.
TEST_F(SecurityTest, ADagWithoutAccessAppearsInNoAnswer) {
  std::vector<RolePermission> permissions = users_->PermissionsOf({"Op"}).value();
  std::erase_if(permissions, [](const RolePermission& p) { return p.resource == "DAGs"; });
  permissions.push_back({"can_read", "DAG:etl"});
  ASSERT_TRUE(users_->CreateRole({"Etl", permissions}).ok());
  AddUser("eve", {"Etl"});
  EXPECT_EQ(Get("/api/v1/dags/etl", Basic("eve")).status, 200);
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}, Basic("eve")).status, 403);
  EXPECT_EQ(Get("/api/v1/dags", Basic("eve")).body["total_entries"], 1);
  for (const Operation& operation : operations_) {
    if (IsStream(operation)) continue;
    if (operation.path.find("{dag_id}") == std::string::npos) {
      if (operation.method != "GET" || operation.is_open) continue;
      const Answer answer = Get(PathOf(operation), Basic("eve"));
      EXPECT_EQ(answer.text.find("hourly"), std::string::npos) << NameOf(operation);
      continue;
    }
    const Answer one = Ask(operation, PathOf(operation, {{"dag_id", "hourly"}}), Basic("eve"));
    EXPECT_EQ(one.status, 403) << NameOf(operation);
    if (operation.method != "GET") continue;
    const Answer all = Get(PathOf(operation, {{"dag_id", "~"}}), Basic("eve"));
    EXPECT_EQ(all.text.find("hourly"), std::string::npos) << NameOf(operation);
  }
}

TEST_F(SecurityTest, AccessControlOfADagIsEnough) {
  ASSERT_TRUE(users_->CreateRole({"Sales", {{"can_create", "DAG Runs"}}}).ok());
  AddUser("sam", {"Sales"});
  EXPECT_EQ(Get("/api/v1/dags/etl", Basic("sam")).status, 403);
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(database_.path().c_str(), &handle), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(handle,
                         "INSERT INTO dag_access VALUES ('Sales', 'etl', 'can_read'),"
                         " ('Sales', 'etl', 'can_edit')",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(handle);
  EXPECT_EQ(Get("/api/v1/dags/etl", Basic("sam")).status, 200);
  EXPECT_EQ(Get("/api/v1/dags/hourly", Basic("sam")).status, 403);
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}, Basic("sam")).status, 200);
}

TEST_F(SecurityTest, ScriptsInNamesAndLogsAreData) {
  const std::string script = "<script>alert(1)</script>";
  const RunKey run =
      database_.AddRun(script, "2021-01-02", RunState::kSuccess, TaskState::kSuccess);
  const std::string log = database_.home() + "/logs/" + AttemptLogPath(run, "extract", -1, 1);
  std::filesystem::create_directories(std::filesystem::path(log).parent_path());
  std::ofstream(log) << script << "\n";
  const std::string escaped = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
  const std::string base = "/api/v1/dags/etl/dagRuns";
  for (const std::string& path :
       {base, base + "/" + escaped, base + "/" + escaped + "/taskInstances",
        base + "/" + escaped + "/taskInstances/extract/logs/1", base + "/nothing" + escaped,
        "/api/v1/dags?order_by=" + escaped}) {
    const Answer answer = Get(path, Basic("ann"));
    const std::string type = answer.Header("Content-Type");
    EXPECT_TRUE(type.starts_with("application/") || type.starts_with("text/plain")) << type;
    EXPECT_EQ(answer.Header("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_NE(answer.Header("Content-Security-Policy").find("script-src 'self';"),
              std::string::npos);
    EXPECT_EQ(answer.Header("Content-Security-Policy").find("unsafe"), std::string::npos);
  }
  EXPECT_EQ(Get(base + "/" + escaped + "/taskInstances/extract/logs/1", Basic("ann")).text,
            script + "\n");
}

TEST_F(SecurityTest, IdsOfNewRunsAreValidated) {
  for (const std::string& run_id :
       {std::string("<b>"), std::string("../up"), std::string("/etc/passwd"), std::string("a b"),
        std::string("a\nb"), std::string("a\0b", 3), std::string(300, 'a'), std::string("{{ 7 }}"),
        std::string("a%2Fb")}) {
    EXPECT_EQ(Post("/api/v1/dags/etl/dagRuns", {{"dag_run_id", run_id}}, Basic("ann")).status, 400)
        << run_id;
  }
}

TEST_F(SecurityTest, ALogIsReadBelowItsFolderAlone) {
  std::ofstream(database_.home() + "/secret.log") << "secret";
  std::filesystem::create_directories(database_.home() + "/logs");
  // A run that was not made through the API may be called anything.
  const RunKey up =
      database_.AddRun("../../secret.log", "2021-01-03", RunState::kSuccess, TaskState::kSuccess);
  const std::string log = AttemptLogPath(up, "extract", -1, 1);
  EXPECT_EQ(log.find("/../"), std::string::npos) << log;
  const Answer of_run = Get(
      "/api/v1/dags/etl/dagRuns/..%2F..%2Fsecret.log/taskInstances/extract/logs/1", Basic("ann"));
  EXPECT_TRUE(of_run.text.starts_with("*** There is no log file ")) << of_run.text;
  for (const char* path :
       {"etl/dagRuns/first/taskInstances/..%2F..%2F..%2Fsecret/logs/1",
        "etl/dagRuns/first/taskInstances/extract/logs/..%2F..%2Fsecret",
        "etl/dagRuns/first/taskInstances/extract/logs/%2Fetc%2Fpasswd",
        "etl/dagRuns/first%00/taskInstances/extract/logs/1",
        "..%2F..%2Fetl/dagRuns/first/taskInstances/extract/logs/1",
        "etl/dagRuns/../../../../secret.log", "etl/dagRuns/%2e%2e/%2e%2e/secret.log"}) {
    const Answer answer = Get(std::string("/api/v1/dags/") + path, Basic("ann"));
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_NE(answer.text, "secret") << path;
  }
}

TEST_F(SecurityTest, PagesComeFromTheProgramAlone) {
  for (const char* path :
       {"/ui/../beeflow.db", "/ui/..%2Fbeeflow.db", "/ui/%2e%2e/beeflow.db", "//etc/passwd",
        "/ui//etc/passwd", "/ui/%2Fetc%2Fpasswd", "/ui/index.html%00.js", "/../../etc/passwd",
        "/ui/..\\..\\beeflow.db", "/etc/passwd", "/ui/", "/ui"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
  EXPECT_EQ(Get("/ui/index.html").status, 200);
}

TEST_F(SecurityTest, NoTextStallsTheServer) {
  const std::string longest(7000, 'a');
  EXPECT_EQ(Get("/api/v1/dags/etl/dagRuns/" + longest + "!", Basic("ann")).status, 404);
  EXPECT_EQ(Get("/api/v1/dags?dag_id_pattern=" + longest, Basic("ann")).body["total_entries"], 0);
  std::string wildcards;
  for (int i = 0; i < 2000; ++i) wildcards += "a%25";
  EXPECT_EQ(Get("/api/v1/dags?dag_id_pattern=" + wildcards + "!", Basic("ann")).status, 200);
}

TEST_F(SecurityTest, DeepJsonIsAnError) {
  for (const char* open : {"[", "{\"a\":", "[{\"a\":["}) {
    std::string body = R"({"conf":)";
    while (body.size() < 4'000'000) body += open;
    const auto answer =
        client_->Post("/api/v1/dags/etl/dagRuns", Basic("ann"), body, "application/json");
    ASSERT_TRUE(answer) << httplib::to_string(answer.error());
    EXPECT_EQ(answer->status, 400);
  }
}

TEST_F(SecurityTest, ForeignNamesOfALocalServerAreNotServed) {
  EXPECT_EQ(Get("/api/v1/health", {{"Host", "evil.example"}}).status, 421);
  EXPECT_EQ(Get("/", {{"Host", "evil.example"}}).status, 421);
}

TEST_F(SecurityTest, FormsOfForeignPagesAreNotRead) {
  const auto answer = client_->Post("/api/v1/ui/login", R"({"username": "ann"})", "text/plain");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 415);
}

TEST_F(SecurityTest, AProxyIsBelievedWhereOneIsConfiguredAlone) {
  const httplib::Headers forwarded = {{"X-Forwarded-For", "10.0.0.9"},
                                      {"X-Forwarded-For", "10.1.1.1, 10.2.2.2"},
                                      {"X-Forwarded-Proto", "https"}};
  const Json login = {{"username", "ann"}, {"password", kPassword}};
  const Answer plain = Post("/api/v1/ui/login", login, forwarded);
  EXPECT_EQ(plain.Header("Set-Cookie").find("Secure"), std::string::npos);
  EXPECT_EQ(Audit("login").at(0).extra, R"({"address":"127.0.0.1"})");
  HttpServerOptions listen;
  listen.is_behind_proxy = true;
  Serve(listen);
  httplib::Headers named = forwarded;
  named.emplace("Host", "beeflow.example.com");
  const Answer proxied = Post("/api/v1/ui/login", login, named);
  EXPECT_EQ(proxied.status, 200);
  EXPECT_NE(proxied.Header("Set-Cookie").find("; Secure"), std::string::npos);
  std::set<std::string> addresses;
  for (const AuditEntry& entry : Audit("login")) addresses.insert(entry.extra);
  EXPECT_TRUE(addresses.contains(R"({"address":"10.2.2.2"})"));
}

}  // namespace
}  // namespace beeflow
