// tokens list, create, delete
#include "cli/commands.h"
#include "ports/api_token.h"

namespace beeflow {
namespace {

struct TokenOptions {
  std::string username, name, expires;
  std::string scope = "all";
  int64_t id = 0;
  OutputFormat format = OutputFormat::kTable;
};

Status ListTokens(Session& session, const TokenOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<StoredToken> tokens, store->Tokens());
  Table table{{"id", "username", "name", "scope", "created", "expires", "last_used"}, {}};
  for (const StoredToken& token : tokens) {
    if (!options.username.empty() && token.username != options.username) continue;
    table.rows.push_back({std::to_string(token.id), token.username, token.name, token.scope,
                          TimeCell(token.created), TimeCell(token.expires),
                          TimeCell(token.last_used)});
  }
  session.Print(table, options.format);
  return Ok();
}

Status CreateToken(Session& session, const TokenOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_ASSIGN_OR_RETURN(const StoredUser user, store->User(options.username));
  TokenRequest request{options.name, options.scope, {}};
  BEEFLOW_ASSIGN_OR_RETURN(request.expires, ParseOptionalDate("--expires", options.expires));
  BEEFLOW_ASSIGN_OR_RETURN(
      const NewToken token,
      MakeToken(request, user.id, session.environment().credentials, session.Now()));
  BEEFLOW_RETURN_IF_ERROR(store->AddToken(token.stored));
  BEEFLOW_RETURN_IF_ERROR(
      session.Audit("token_created", {}, "", DumpJson({{"details", options.name}})));
  session.err() << "This is shown only now:\n";
  session.out() << token.text << '\n';
  return Ok();
}

Status DeleteToken(Session& session, const TokenOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_RETURN_IF_ERROR(store->DeleteToken(options.id));
  BEEFLOW_RETURN_IF_ERROR(
      session.Audit("token_deleted", {}, "", DumpJson({{"details", std::to_string(options.id)}})));
  session.out() << "Token " << options.id << " deleted\n";
  return Ok();
}

}  // namespace

void AddTokenCommands(CLI::App* tokens, Commands* commands) {
  using Run = Status (*)(Session&, const TokenOptions&);
  const auto add = [&](const char* name, const char* description, Run run) {
    auto options = std::make_shared<TokenOptions>();
    CLI::App* verb = tokens->add_subcommand(name, description);
    commands->On(verb, [options, run](Session& session) { return run(session, *options); });
    return std::pair(verb, options);
  };
  const auto [list, list_options] = add("list", "List tokens", ListTokens);
  list->add_option("-u,--username", list_options->username, "Only those of this user");
  AddOutput(list, &list_options->format);
  const auto [create, create_options] =
      add("create", "Create a token, and print it this once", CreateToken);
  create->add_option("-u,--username", create_options->username, "For whom it acts")->required();
  create->add_option("-n,--name", create_options->name, "What it is for")->required();
  create->add_option("-s,--scope", create_options->scope,
                     "all, read-only, or permissions such as 'can_read on DAGs', separated by "
                     "commas");
  create->add_option("--expires", create_options->expires, "When it ends; without it, in 90 days");
  const auto [remove, remove_options] = add("delete", "Revoke a token", DeleteToken);
  remove->add_option("id", remove_options->id, "Its number in `tokens list`")->required();
}

}  // namespace beeflow
