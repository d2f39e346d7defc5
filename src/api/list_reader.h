// What the lists of the API share: limit, offset and order_by in a query, and which fields a PATCH
// is to change.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operation.h"
#include "api/query_reader.h"
#include "ports/inventory.h"

namespace beeflow {

// A name that order_by may have, and the one that the list knows it by.
using OrderName = std::pair<std::string_view, std::string_view>;

// limit, offset and order_by ("-" before a name turns the order around).
Result<ListRange> ReadListRange(QueryReader* query, std::initializer_list<OrderName> names);

// The same parameters for an Operation.
std::vector<Parameter> WithOrder(std::vector<Parameter> query);

// Sorts a list that is in memory. `compare` tells whether `a` comes before `b`.
template <typename T, typename Compare>
void SortList(std::vector<T>* list, const ListRange& range, const Compare& compare) {
  std::stable_sort(list->begin(), list->end(), [&](const T& a, const T& b) {
    return range.descending ? compare(b, a) : compare(a, b);
  });
}

// The fields of the body that a PATCH is to change: those of update_mask, else all. The body may
// also have those of `fixed`, as an object has that was read before; what they say is returned too.
// kInvalid where the mask names one that is not among `fields`, or that the body lacks.
Result<Json> ReadPatch(const HttpRequest& request, std::initializer_list<const char*> fields,
                       std::initializer_list<const char*> fixed);

}  // namespace beeflow
