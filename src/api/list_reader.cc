#include "api/list_reader.h"

namespace beeflow {
namespace {

bool Has(std::initializer_list<const char*> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error CannotChange(const std::string& field, std::initializer_list<const char*> fields) {
  std::string names;
  for (const char* name : fields) names += (names.empty() ? "" : ", ") + std::string(name);
  return Invalid("query parameter update_mask: '" + field +
                 "' is unknown or cannot be changed; use " + names);
}

}  // namespace

Result<ListRange> ReadListRange(QueryReader* query, std::initializer_list<OrderName> names) {
  ListRange range;
  range.limit = query->Limit();
  range.offset = query->Offset();
  std::string order = query->Text("order_by").value_or("");
  if (order.empty()) return range;
  range.descending = order[0] == '-';
  if (range.descending) order.erase(0, 1);
  std::string known;
  for (const auto& [name, column] : names) {
    if (name == order) {
      range.order_by = column;
      return range;
    }
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  return Invalid("query parameter order_by: '" + order + "' is no field to order by; use one of " +
                 known + ", with - before it for the reverse");
}

std::vector<Parameter> WithOrder(std::vector<Parameter> query) {
  query.push_back(
      {"order_by", ParameterType::kText, "A field; - before it turns the order around."});
  return WithPaging(std::move(query));
}

Result<Json> ReadPatch(const HttpRequest& request, std::initializer_list<const char*> fields,
                       std::initializer_list<const char*> fixed) {
  QueryReader query(request);
  const std::vector<std::string> mask = query.Texts("update_mask");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  auto body = ParseJson(request.body.empty() ? "{}" : request.body);
  if (!body.ok()) return Invalid("the body is " + body.error().message);
  if (!body->is_object()) return Invalid("the body must be a JSON object");
  Json patch = Json::object();
  for (const auto& [name, value] : body->items()) {
    const bool is_fixed = Has(fixed, name);
    if (!is_fixed && !Has(fields, name)) {
      return Invalid("the body has a field '" + name + "' that cannot be set here");
    }
    const bool chosen = mask.empty() || std::find(mask.begin(), mask.end(), name) != mask.end();
    if (is_fixed || chosen) patch[name] = value;
  }
  for (const std::string& name : mask) {
    if (!Has(fields, name)) return CannotChange(name, fields);
    if (!patch.contains(name)) {
      return Invalid("query parameter update_mask: the body lacks '" + name + "'");
    }
  }
  return patch;
}

}  // namespace beeflow
