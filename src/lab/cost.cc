#include "lab/cost.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

namespace beeflow {
namespace {

constexpr double kHoursPerDay = 24;
constexpr double kMbPerGb = 1024;

// What runs changes by `count` tasks and `memory_mb` at this moment.
struct Change {
  double when = 0;
  int count = 0;
  double memory_mb = 0;
};

std::vector<Change> ChangesOf(const CostUsage& usage, const Prices& prices) {
  std::vector<Change> changes;
  changes.reserve(usage.tasks.size() * 2);
  for (const TaskSpan& task : usage.tasks) {
    const double memory = task.memory_mb.value_or(prices.Size("server_task_mb"));
    changes.push_back({task.start, 1, memory});
    changes.push_back({task.start + task.seconds, -1, -memory});
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return std::pair(a.when, a.count) < std::pair(b.when, b.count);
  });
  return changes;
}

// The most tasks at once in each hour, counted from the first start; hours without any are left
// out.
std::map<int64_t, int> PeaksByHour(const std::vector<Change>& changes) {
  std::map<int64_t, int> peaks;
  int running = 0;
  for (size_t i = 0; i + 1 < changes.size(); ++i) {
    running += changes[i].count;
    if (running == 0 || changes[i + 1].when <= changes[i].when) continue;
    const double from = (changes[i].when - changes.front().when) / 3600;
    const double to = (changes[i + 1].when - changes.front().when) / 3600;
    for (auto hour = static_cast<int64_t>(from); static_cast<double>(hour) < to; ++hour) {
      peaks[hour] = std::max(peaks[hour], running);
    }
  }
  return peaks;
}

double PeakMemoryMb(const std::vector<Change>& changes) {
  double running = 0;
  double peak = 0;
  for (const Change& change : changes) {
    running += change.memory_mb;
    peak = std::max(peak, running);
  }
  return peak;
}

// Hours of workers beyond the first, over the whole usage.
double ExtraWorkerHours(const CostUsage& usage, double tasks_per_worker, const Prices& prices) {
  if (usage.mwaa_workers) return (*usage.mwaa_workers - 1) * usage.days * kHoursPerDay;
  double hours = 0;
  for (const auto& [hour, peak] : PeaksByHour(ChangesOf(usage, prices))) {
    const double needed = std::ceil(peak / tasks_per_worker);
    hours += std::min(needed, prices.Size("mwaa_workers_max")) - 1;
  }
  return hours;
}

// What tasks take of workers, over the whole usage.
struct WorkerUse {
  double functions = 0;
  double gb_seconds = 0;
  double container_hours = 0;
};

WorkerUse UseOf(const CostUsage& usage, ServerlessWorkers workers, const Prices& prices) {
  WorkerUse use;
  for (const TaskSpan& task : usage.tasks) {
    if (workers == ServerlessWorkers::kFunctions &&
        task.seconds <= prices.Size("worker_seconds_max")) {
      const double mb = std::max(prices.Size("worker_mb"), std::ceil(task.memory_mb.value_or(0)));
      const double billed = std::ceil(task.seconds * 1000 - 1e-6) / 1000;
      use.functions += 1;
      use.gb_seconds += billed * mb / kMbPerGb;
    } else {
      const double billed = std::max(prices.Size("container_seconds_min"), std::ceil(task.seconds));
      use.container_hours += billed / 3600;
    }
  }
  return use;
}

// Lines of one option.
class Lines {
 public:
  Lines(std::string option, const Prices& prices) : option_(std::move(option)), prices_(prices) {}

  void Add(const std::string& part, double quantity, const std::string& unit, double usd) {
    lines_.push_back({option_, part, quantity, unit, usd});
  }
  // `quantity` units of `price`.
  void Price(const std::string& part, double quantity, const std::string& unit,
             const std::string& price) {
    Add(part, quantity, unit, quantity * prices_.Usd(price));
  }
  void Hours(const std::string& part, double count, const std::string& price) {
    Price(part, count * kHoursPerDay, "hours", price);
  }
  // Calls of a function that takes `seconds` each time.
  void Calls(const std::string& part, double calls, double seconds, double gb) {
    Add(part, calls, "calls",
        calls * (seconds * gb * prices_.Usd("lambda_gb_second") + prices_.Usd("lambda_request")));
  }
  double PerDay(const std::string& gb_month) const {
    return prices_.Usd(gb_month) / prices_.days_per_month();
  }
  std::vector<CostLine> Take() { return std::move(lines_); }

 private:
  const std::string option_;
  const Prices& prices_;
  std::vector<CostLine> lines_;
};

void Append(std::vector<CostLine> option, const std::string& name, std::vector<CostLine>* all) {
  const double total = TotalUsd(option);
  for (CostLine& line : option) {
    line.option = name;
    all->push_back(std::move(line));
  }
  all->push_back({name, "total", 1, "day", total});
}

}  // namespace

std::vector<CostLine> MwaaCost(const CostUsage& usage, const std::string& size,
                               const Prices& prices) {
  Lines lines("mwaa_" + size, prices);
  lines.Hours("environment", 1, "mwaa_" + size + "_environment");
  const double tasks_per_worker = prices.Size("mwaa_" + size + "_tasks_per_worker");
  lines.Price("worker", ExtraWorkerHours(usage, tasks_per_worker, prices) / usage.days, "hours",
              "mwaa_" + size + "_worker");
  return lines.Take();
}

std::vector<CostLine> ServerlessFixedCost(Availability availability, const Prices& prices) {
  const double zones = availability == Availability::kHigh ? 2 : 1;
  Lines lines("serverless", prices);
  lines.Add("rds_t3_small", zones * kHoursPerDay, "hours",
            zones * (kHoursPerDay * prices.Usd("rds_t3_small") +
                     prices.Size("rds_storage_gb") * lines.PerDay("rds_gp2_gb_month")));
  lines.Hours("dms", zones, "dms");
  lines.Hours("kinesis", prices.Size("kinesis_shards"), "kinesis_shard");
  lines.Hours("nat", zones, "nat_instance");
  lines.Add("ecr", prices.Size("ecr_gb"), "GB",
            prices.Size("ecr_gb") * lines.PerDay("ecr_gb_month"));
  lines.Hours("sql_proxy", prices.Size("rds_proxy_vcpus"), "rds_proxy_vcpu_hour");
  lines.Hours("app_runner", prices.Size("app_runner_gb"), "app_runner_gb_hour");
  return lines.Take();
}

std::vector<CostLine> ServerlessTaskCost(const CostUsage& usage, ServerlessWorkers workers,
                                         const Prices& prices) {
  const WorkerUse use = UseOf(usage, workers, prices);
  const double tasks = static_cast<double>(usage.tasks.size()) / usage.days;
  const auto each = [&](const char* size) { return tasks * prices.Size(size); };
  Lines lines("serverless", prices);
  if (workers == ServerlessWorkers::kFunctions) {
    lines.Add("worker", use.gb_seconds / usage.days, "GB-seconds",
              (use.gb_seconds * prices.Usd("lambda_gb_second") +
               use.functions * prices.Usd("lambda_request")) /
                  usage.days);
  }
  if (workers == ServerlessWorkers::kContainers || use.container_hours > 0) {
    const double hour_usd = prices.Size("container_vcpu") * prices.Usd("fargate_vcpu_hour") +
                            prices.Size("container_gb") * prices.Usd("fargate_gb_hour");
    const double hours = use.container_hours / usage.days;
    lines.Add("container", hours, "hours", hours * hour_usd);
  }
  lines.Calls("executor", tasks, prices.Size("executor_seconds_per_task"),
              prices.Size("executor_gb"));
  lines.Calls("scheduler",
              each("scheduler_passes_per_task") + prices.Size("scheduler_passes_per_day"),
              prices.Size("scheduler_seconds"), prices.Size("scheduler_gb"));
  lines.Calls("cdc_forwarder", each("forwarder_calls_per_task"), prices.Size("forwarder_seconds"),
              prices.Size("forwarder_gb"));
  lines.Price("step_functions", each("transitions_per_task"), "transitions",
              "step_functions_transition");
  lines.Price("dag_pull", each("dag_pulls_per_task"), "requests", "s3_get");
  lines.Price("log_push", each("log_pushes_per_task"), "requests", "s3_put");
  lines.Price("eventbridge", each("events_per_task"), "events", "eventbridge_event");
  lines.Price("sqs_fifo", each("sqs_fifo_requests_per_task"), "requests", "sqs_fifo_request");
  lines.Price("sqs", each("sqs_requests_per_task"), "requests", "sqs_request");
  return lines.Take();
}

std::vector<CostLine> ServerCost(const CostUsage& usage, const Prices& prices) {
  BEEFLOW_CHECK(!prices.servers().empty());
  const double needed = prices.Size("server_base_mb") + PeakMemoryMb(ChangesOf(usage, prices));
  const auto fits = [&](const ServerPrice& server) { return server.memory_mb >= needed; };
  auto server = std::find_if(prices.servers().begin(), prices.servers().end(), fits);
  if (server == prices.servers().end()) --server;
  const double count = std::max(1.0, std::ceil(needed / server->memory_mb));
  Lines lines("beeflow_server", prices);
  lines.Add(server->name, count * kHoursPerDay, "hours",
            count * kHoursPerDay * server->usd_per_hour);
  const double disk_gb = prices.Size("server_disk_gb");
  lines.Add("disk", disk_gb, "GB", disk_gb * lines.PerDay("server_gp3_gb_month"));
  return lines.Take();
}

std::vector<CostLine> AllCosts(const CostUsage& usage, const Prices& prices) {
  std::vector<CostLine> all;
  for (const std::string size : {"small", "medium", "large"}) {
    Append(MwaaCost(usage, size, prices), "mwaa_" + size, &all);
  }
  for (const auto& [name, workers] :
       {std::pair("serverless_faas", ServerlessWorkers::kFunctions),
        std::pair("serverless_caas", ServerlessWorkers::kContainers)}) {
    std::vector<CostLine> lines = ServerlessFixedCost(Availability::kHigh, prices);
    const std::vector<CostLine> by_use = ServerlessTaskCost(usage, workers, prices);
    lines.insert(lines.end(), by_use.begin(), by_use.end());
    Append(std::move(lines), name, &all);
  }
  Append(ServerCost(usage, prices), "beeflow_server", &all);
  return all;
}

double TotalUsd(const std::vector<CostLine>& lines) {
  double total = 0;
  for (const CostLine& line : lines) total += line.usd;
  return total;
}

double RoundUsd(double usd, int decimals) {
  const double scale = std::pow(10, decimals);
  return std::floor(usd * scale + 0.5 + 1e-9) / scale;
}

}  // namespace beeflow
