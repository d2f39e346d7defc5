// Finds the handler of a request by method and path.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace beeflow {

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// Routes are added before the server starts; Dispatch may then be called from many threads at once.
class HttpRouter {
 public:
  // "/dags/{dag_id}/dagRuns": a segment in braces takes any text, slashes that were sent as %2F
  // included, and hands it to the handler as a field.
  void Add(const std::string& method, const std::string& pattern, HttpHandler handler);

  // Fills in request->fields. 404 where no pattern fits, 405 where one fits for another method.
  HttpResponse Dispatch(HttpRequest* request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    HttpHandler handler;
  };
  std::vector<Route> routes_;
};

}  // namespace beeflow
