// The stable REST API of Airflow 2.x (/api/v1), as the lab uses it: logs in, tries again what may
// pass, reads lists page by page, and says what an answer means for whoever wrote the experiment.
//
// Threads: one. Calls block, at most for the sum of the time limits.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/json.h"
#include "http/web_client.h"
#include "lab/experiment.h"
#include "lab/lab_system.h"

namespace beeflow {

class AirflowApi {
 public:
  // `name` is the controller's, for messages. `variables` give the secrets that are named by them.
  // `time` outlives it.
  static Result<std::unique_ptr<AirflowApi>> For(
      const std::string& name, const AirflowTarget& target,
      const std::map<std::string, std::string>& variables, LabTime* time);

  // Logs in where that takes a request, and checks that an Airflow 2.x is there which lets us read.
  // Returns its version.
  Result<std::string> Connect();

  // `path` is below /api/v1 and begins with '/'; its parts are encoded (see DagPath). kNotFound and
  // kConflict are answers that a caller may expect; of all others the message says what to do.
  Result<Json> Get(const std::string& path);
  Result<Json> Post(const std::string& path, const Json& body);
  Result<Json> Patch(const std::string& path, const Json& body);
  Status Delete(const std::string& path);  // what is not there is fine

  // All items of a list, page by page. `path` may have a query; `key` is the list's in the answer.
  // `stop` ends the reading after an item for which it is true.
  Result<Json> GetAll(const std::string& path, const std::string& key,
                      const std::function<bool(const Json& item)>& stop = nullptr);

 private:
  AirflowApi(std::string name, const AirflowTarget& target, LabTime* time);

  Result<Json> Send(const std::string& method, const std::string& path, const Json& body);
  Result<WebAnswer> SendUntilAnswered(const WebRequest& request);
  Result<Json> Understand(const WebRequest& request, const WebAnswer& answer) const;
  Error Refused(const WebRequest& request, const WebAnswer& answer) const;
  Status LogInToMwaa();

  const std::string name_;
  const AirflowTarget target_;
  LabTime& time_;
  std::string prefix_;  // the path of base_url
  std::unique_ptr<WebClient> client_;
  std::string authorization_;
  std::string web_token_;
  std::string cookie_;
};

// "/dags/<dag_id>"
std::string DagPath(const std::string& dag_id);
// "/dags/<dag_id>/dagRuns/<run_id>"
std::string RunPath(const RunKey& run);

}  // namespace beeflow
