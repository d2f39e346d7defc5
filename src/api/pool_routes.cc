// pools: list, one, creating, changing, deleting
#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_reader.h"

namespace beeflow {
namespace {

constexpr const char* kDefaultPool = "default_pool";

Result<PoolInfo> FindPool(Catalog* catalog, const std::string& name) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto pools, catalog->Pools());
  for (const PoolInfo& pool : pools) {
    if (pool.record.name == name) return pool;
  }
  return NotFound("there is no pool '" + name + "'; see /api/v1/pools");
}

// By name, unless the query says otherwise: pools have no other order that means something.
Result<Json> ListPools(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  QueryReader query(call.request());
  BEEFLOW_ASSIGN_OR_RETURN(
      const ListRange range,
      ReadListRange(&query, {{"id", "name"}, {"name", "name"}, {"slots", "slots"}}));
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(auto pools, catalog->Pools());
  SortList(&pools, range, [&](const PoolInfo& a, const PoolInfo& b) {
    if (range.order_by == "slots") return a.record.slots < b.record.slots;
    return a.record.name < b.record.name;
  });
  Json list = Json::array();
  for (const PoolInfo& pool : Page(pools, range.offset, range.limit)) list.push_back(ToJson(pool));
  return Collection("pools", list, static_cast<int64_t>(pools.size()));
}

Result<Json> GetPool(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const PoolInfo pool, FindPool(catalog, call.Field("pool_name")));
  return ToJson(pool);
}

// Sets what the body says, and leaves the rest.
Status ReadFields(const Json& body, PoolInfo* pool) {
  JsonReader in(body, "the body");
  pool->record.name = in.OptionalString("name").value_or(pool->record.name);
  if (const auto slots = in.OptionalInteger("slots", -1, INT32_MAX)) {
    pool->record.slots = static_cast<int>(*slots);
  }
  if (body.contains("description")) pool->description = in.String("description");
  pool->include_deferred = in.Boolean("include_deferred", pool->include_deferred);
  BEEFLOW_RETURN_IF_ERROR(in.status());
  constexpr size_t kLongestName = 256;
  if (pool->record.name.empty() || pool->record.name.size() > kLongestName) {
    return Invalid("the name of a pool has from 1 to 256 characters");
  }
  return Ok();
}

Status RequireNameAndSlots(const Json& body) {
  std::string missing;
  for (const char* field : {"name", "slots"}) {
    if (!body.contains(field)) missing += (missing.empty() ? "" : " and ") + std::string(field);
  }
  return missing.empty() ? Ok() : Invalid("the body lacks " + missing);
}

Result<Json> PostPool(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json body,
      ReadBody(call.request(), {"name", "slots", "description", "include_deferred"}));
  BEEFLOW_RETURN_IF_ERROR(RequireNameAndSlots(body));
  PoolInfo pool;
  BEEFLOW_RETURN_IF_ERROR(ReadFields(body, &pool));
  const std::string name = pool.record.name;
  AuditNote note{"post_pool"};
  note.extra = DumpJson(body);
  BEEFLOW_RETURN_IF_ERROR(call.Write(note, [&](Catalog* catalog) -> Status {
    if (FindPool(catalog, name).ok()) {
      return Conflict("pool '" + name +
                      "' already exists; change it with PATCH /api/v1/pools/NAME");
    }
    return catalog->SetPool(pool);
  }));
  return ToJson(pool);
}

// The tasks that name no pool are in it, whatever it is called.
Status CheckDefaultPool(const PoolInfo& before, const PoolInfo& after) {
  if (before.record.name != kDefaultPool) return Ok();
  if (after.record.name == kDefaultPool && after.description == before.description) return Ok();
  return Invalid("of default_pool only slots and include_deferred can be changed");
}

Result<Json> PatchPool(ApiCall& call) {
  const std::string& name = call.Field("pool_name");
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_RETURN_IF_ERROR(FindPool(catalog, name));
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json body,
      ReadPatch(call.request(), {"name", "slots", "description", "include_deferred"},
                {"occupied_slots", "running_slots", "queued_slots", "scheduled_slots", "open_slots",
                 "deferred_slots"}));
  if (!call.request().Query("update_mask")) BEEFLOW_RETURN_IF_ERROR(RequireNameAndSlots(body));
  std::string renamed = name;
  AuditNote note{"patch_pool"};
  note.extra = DumpJson({{"pool", name}, {"changes", body}});
  BEEFLOW_ASSIGN_OR_RETURN(Inventory * inventory, call.inventory());
  const auto change = [&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(const PoolInfo before, FindPool(catalog, name));
    PoolInfo pool = before;
    BEEFLOW_RETURN_IF_ERROR(ReadFields(body, &pool));
    BEEFLOW_RETURN_IF_ERROR(CheckDefaultPool(before, pool));
    renamed = pool.record.name;
    if (renamed != name) BEEFLOW_RETURN_IF_ERROR(inventory->RenamePool(name, renamed));
    return catalog->SetPool(pool);
  };
  BEEFLOW_RETURN_IF_ERROR(call.WriteAlso(note, change));
  BEEFLOW_ASSIGN_OR_RETURN(const PoolInfo pool, FindPool(catalog, renamed));
  return ToJson(pool);
}

Result<Json> DeletePool(ApiCall& call) {
  const std::string& name = call.Field("pool_name");
  AuditNote note{"delete_pool"};
  note.extra = DumpJson({{"pool", name}});
  BEEFLOW_RETURN_IF_ERROR(
      call.Write(note, [&](Catalog* catalog) { return catalog->DeletePool(name); }));
  return Json();
}

}  // namespace

void AddPoolRoutes(ApiRoutes* routes) {
  const std::string pools = "/api/v1/pools";
  const std::string pool = pools + "/{pool_name}";
  const auto may = [](Action action) { return std::vector<Permission>{{action, resource::kPool}}; };
  routes->AddJson({"GET", pools, "get_pools", "List pools", may(Action::kRead), WithOrder({}), "",
                   "PoolCollection"},
                  ListPools);
  routes->AddJson(
      {"POST", pools, "post_pool", "Create a pool", may(Action::kCreate), {}, "Pool", "Pool"},
      PostPool);
  routes->AddJson({"GET", pool, "get_pool", "A pool", may(Action::kRead), {}, "", "Pool"}, GetPool);
  routes->AddJson({"PATCH",
                   pool,
                   "patch_pool",
                   "Change a pool",
                   may(Action::kEdit),
                   {{"update_mask", ParameterType::kText, "Fields to change.", true}},
                   "Pool",
                   "Pool"},
                  PatchPool);
  routes->AddJson(
      {"DELETE", pool, "delete_pool", "Delete a pool", may(Action::kDelete), {}, "", "", 204},
      DeletePool);
}

}  // namespace beeflow
