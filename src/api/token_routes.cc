// API tokens: list, making, deleting
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"
#include "ports/api_token.h"

namespace beeflow {
namespace {

Json TokenJson(const StoredToken& token) {
  return {{"id", token.id},
          {"name", token.name},
          {"username", token.username},
          {"scope", token.scope},
          {"created", FormatIso(token.created)},
          {"expires", ToJson(token.expires)},
          {"last_used", ToJson(token.last_used)}};
}

// A token that leaks must not outlive its own end, nor its scope.
std::optional<HttpResponse> RefusalOf(const Identity& who) {
  if (who.has_api_token) {
    return ProblemResponse(403, "Forbidden",
                           "a token cannot be used to manage tokens; sign in with a password");
  }
  if (who.may_everything) {
    return ErrorResponse(
        Conflict("nobody has to sign in here; tokens belong to users, see `beeflow users create`"));
  }
  return std::nullopt;
}

// One's own; of others with the right to see, or to change, users.
bool IsOpenTo(const Identity& who, const StoredToken& token, Action action) {
  return token.username == who.username || who.Can(action, resource::kUser);
}

Result<Json> ListTokens(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  QueryReader query(call.request());
  const int64_t limit = query.Limit();
  const int64_t offset = query.Offset();
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<StoredToken> tokens, store->Tokens());
  std::erase_if(tokens, [&](const StoredToken& token) {
    return !IsOpenTo(call.who(), token, Action::kRead);
  });
  Json list = Json::array();
  for (const StoredToken& token : Page(tokens, offset, limit)) list.push_back(TokenJson(token));
  return Collection("tokens", list, static_cast<int64_t>(tokens.size()));
}

Result<Json> PostToken(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(call.request(), {"name", "scope", "expires"}));
  JsonReader in(body, "the body");
  TokenRequest wanted;
  wanted.name = in.String("name");
  wanted.scope = in.String("scope", wanted.scope);
  wanted.expires = in.OptionalTime("expires");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  BEEFLOW_ASSIGN_OR_RETURN(const StoredUser user, store->User(call.who().username));
  BEEFLOW_ASSIGN_OR_RETURN(
      const NewToken token,
      MakeToken(wanted, user.id, call.context().options().credentials, call.Now()));
  StoredToken added;
  BEEFLOW_RETURN_IF_ERROR(
      call.WriteAlso({"token_created", "", "", "", wanted.name}, [&]() -> Status {
        BEEFLOW_ASSIGN_OR_RETURN(added, store->AddToken(token.stored));
        return Ok();
      }));
  Json json = TokenJson(added);
  json["token"] = token.text;
  return json;
}

Result<Json> DeleteToken(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, call.users());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<StoredToken> tokens, store->Tokens());
  const std::string& text = call.Field("token_id");
  for (const StoredToken& token : tokens) {
    if (std::to_string(token.id) != text) continue;
    if (!IsOpenTo(call.who(), token, Action::kEdit)) break;
    BEEFLOW_RETURN_IF_ERROR(call.WriteAlso({"token_deleted", "", "", "", token.name},
                                           [&] { return store->DeleteToken(token.id); }));
    return Json();
  }
  return NotFound("there is no token with the id '" + text + "'");
}

ApiRoutes::Handler UnlessRefused(Result<Json> (*handler)(ApiCall&)) {
  return [handler](ApiCall& call) {
    if (auto refusal = RefusalOf(call.who())) return *refusal;
    const auto json = handler(call);
    if (!json.ok()) return ErrorResponse(json.error());
    return json->is_null() ? HttpResponse{204, "application/json", ""} : JsonResponse(*json);
  };
}

}  // namespace

void AddTokenRoutes(ApiRoutes* routes) {
  const std::string tokens = "/api/v1/tokens";
  routes->Add({"GET",
               tokens,
               "get_tokens",
               "List API tokens: one's own, or all",
               {},
               WithPaging({}),
               "",
               "TokenCollection"},
              UnlessRefused(ListTokens));
  routes->Add({"POST",
               tokens,
               "post_token",
               "Create an API token; only this answer tells it",
               {},
               {},
               "TokenRequest",
               "NewToken"},
              UnlessRefused(PostToken));
  Operation remove{
      "DELETE", tokens + "/{token_id}", "delete_token", "Revoke an API token", {}, {}, "", ""};
  remove.status = 204;
  routes->Add(remove, UnlessRefused(DeleteToken));
}

}  // namespace beeflow
