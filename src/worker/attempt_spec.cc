#include "worker/attempt_spec.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "os/process.h"
#include "ports/xcom_limit.h"
#include "worker/attempt_usage.h"

namespace beeflow {
namespace {

constexpr int kIntMax = std::numeric_limits<int>::max();

std::string DescribeAttempt(const Json& attempt) {
  const auto text = [&attempt](const char* key) {
    const auto it = attempt.is_object() ? attempt.find(key) : attempt.end();
    return it != attempt.end() && it->is_string() ? it->get<std::string>() : "?";
  };
  return fmt::format("attempt {} of {}.{}", text("attempt_id"), text("dag_id"), text("task_id"));
}

void ReadKind(JsonReader* reader, AttemptSpec* spec) {
  const Json& run = reader->Raw("run");
  const std::string kind = run.is_object() ? run.value("kind", Json("python")).dump() : "";
  if (kind == "\"bash\"") {
    spec->kind = AttemptKind::kBash;
  } else if (kind == "\"bash_template\"") {
    spec->kind = AttemptKind::kBashTemplate;
  } else if (kind == "\"container\"") {
    spec->kind = AttemptKind::kContainer;
  } else if (kind == "\"container_template\"") {
    spec->kind = AttemptKind::kContainerTemplate;
  } else if (kind != "\"python\"") {
    reader->Fail(fmt::format("a worker cannot run the kind {}", kind));
  }
}

using Variables = std::map<std::string, std::string, std::less<>>;

// The names that Airflow gives to its tasks.
void AddContext(const AttemptSpec& attempt, Variables* variables) {
  (*variables)["AIRFLOW_CTX_DAG_ID"] = attempt.dag_id;
  (*variables)["AIRFLOW_CTX_TASK_ID"] = attempt.task_id;
  (*variables)["AIRFLOW_CTX_EXECUTION_DATE"] = attempt.logical_date;
  (*variables)["AIRFLOW_CTX_TRY_NUMBER"] = std::to_string(attempt.try_number);
  (*variables)["AIRFLOW_CTX_DAG_RUN_ID"] = attempt.run_id;
  if (!attempt.owner.empty()) (*variables)["AIRFLOW_CTX_DAG_OWNER"] = attempt.owner;
}

}  // namespace

Result<AttemptSpec> ReadAttemptSpec(const Json& attempt) {
  JsonReader reader(attempt, DescribeAttempt(attempt));
  AttemptSpec spec;
  spec.id = reader.String("attempt_id");
  spec.dag_id = reader.String("dag_id");
  spec.run_id = reader.String("run_id");
  spec.task_id = reader.String("task_id");
  spec.owner = reader.String("owner");
  spec.map_index = static_cast<int>(reader.Integer("map_index", -1, -1, kIntMax));
  spec.try_number = static_cast<int>(reader.Integer("try_number", 1, 0, kIntMax));
  spec.max_tries = static_cast<int>(reader.Integer("max_tries", 0, 0, kIntMax));
  spec.file = reader.String("file");
  spec.version = reader.String("version");
  spec.log = reader.String("log");
  spec.logical_date = reader.String("logical_date");
  spec.execution_timeout = reader.OptionalSeconds("execution_timeout");
  spec.start_date = reader.OptionalTime("start_date");
  if (const auto queued_us = reader.OptionalInteger("queued_at", 0, INT64_MAX)) {
    spec.queued_at = Time(Duration(*queued_us));
  }
  spec.do_xcom_push = reader.Boolean("do_xcom_push", true);
  spec.queue = reader.String("queue");
  spec.limits = ReadAttemptLimits(reader.Raw("limits"), &reader);
  spec.foreign_config = ApplyExecutorConfig(reader.Raw("executor_config"), &spec.limits, &reader);
  spec.executor_config = reader.Raw("executor_config");
  ReadKind(&reader, &spec);
  if (spec.id.empty()) reader.Fail("attempt_id is missing");
  if (spec.log.empty()) reader.Fail("log is missing");
  if (reader.status().ok()) return spec;
  if (spec.id.empty() || spec.log.empty()) return reader.status().error();
  spec.refusal = reader.status().error().message;
  return spec;
}

Result<BashPlan> ReadBashPlan(const Json& run) {
  JsonReader reader(run, "the bash plan");
  BashPlan plan;
  plan.command = reader.String("command");
  plan.append_env = reader.Boolean("append_env", false);
  plan.cwd = reader.String("cwd");
  if (const Json& env = reader.Raw("env"); env.is_object()) {
    plan.env.emplace();
    for (const auto& [name, value] : env.items()) {
      if (!value.is_string()) reader.Fail(fmt::format("env: {} must be a string", name));
      plan.env->emplace(name, value.is_string() ? value.get<std::string>() : "");
    }
  } else if (!env.is_null()) {
    reader.Fail("env must be an object");
  }
  plan.skip_exit_codes = {99};
  if (const Json& codes = reader.Raw("skip_exit_codes"); codes.is_array()) {
    plan.skip_exit_codes.clear();
    for (const Json& code : codes) {
      if (code.is_number_integer()) plan.skip_exit_codes.push_back(code.get<int>());
    }
  }
  BEEFLOW_RETURN_IF_ERROR(reader.status());
  // The kernel ends an argument at its first NUL; half a command must not run.
  if (plan.command.find('\0') != std::string::npos) {
    return Invalid("the bash plan: the command contains a NUL character");
  }
  return plan;
}

std::vector<std::string> BashEnvironment(const AttemptSpec& attempt, const BashPlan& plan,
                                         const std::vector<std::string>& inherited) {
  Variables own;
  if (plan.env) own.insert(plan.env->begin(), plan.env->end());
  AddContext(attempt, &own);
  std::vector<std::string> result;
  result.reserve(inherited.size() + own.size());
  if (!plan.env || plan.append_env) {
    for (const std::string& assignment : inherited) {
      const size_t equals = assignment.find('=');
      if (equals == std::string::npos) continue;
      if (!own.contains(std::string_view(assignment).substr(0, equals))) {
        result.push_back(assignment);
      }
    }
  }
  for (const auto& [name, value] : own) result.push_back(name + '=' + value);
  return result;
}

std::string_view ToString(AttemptState state) {
  switch (state) {
    case AttemptState::kSuccess:
      return "success";
    case AttemptState::kFailed:
      return "failed";
    case AttemptState::kFailedWithoutRetry:
      return "fail_without_retry";
    case AttemptState::kSkipped:
      return "skipped";
    case AttemptState::kDeferred:
      return "deferred";
    case AttemptState::kRescheduled:
      return "rescheduled";
    case AttemptState::kTriggered:
      return "triggered";
  }
  return "failed";
}

namespace {

// The end of a command, of which people know it as `what`.
AttemptEnd CommandEnd(const char* what, const std::vector<int>& skips, int wait_status) {
  AttemptEnd end;
  if (WIFSIGNALED(wait_status)) {
    end.usage.exit_signal = WTERMSIG(wait_status);
    end.reason = fmt::format("{} failed. It was ended by {}.", what, DescribeExit(wait_status));
    return end;
  }
  const int code = WEXITSTATUS(wait_status);
  end.usage.exit_code = code;
  if (code == 0) {
    end.state = AttemptState::kSuccess;
  } else if (std::find(skips.begin(), skips.end(), code) != skips.end()) {
    end.state = AttemptState::kSkipped;
    end.reason = fmt::format("{} returned exit code {}. Skipping.", what, code);
  } else {
    end.reason =
        fmt::format("{} failed. The command returned a non-zero exit code {}.", what, code);
  }
  return end;
}

}  // namespace

AttemptEnd BashEnd(const BashPlan& plan, int wait_status) {
  return CommandEnd("Bash command", plan.skip_exit_codes, wait_status);
}

AttemptEnd ContainerExit(const std::vector<int>& skip_exit_codes, int wait_status) {
  return CommandEnd("Container", skip_exit_codes, wait_status);
}

void Fail(const std::string& reason, AttemptEnd* end) {
  end->state = AttemptState::kFailed;
  end->reason = reason;
  end->xcoms = Json::object();
  end->more = Json::object();
  end->skip_tasks = Json::array();
}

void RefuseLargeXComs(const AttemptSpec& attempt, int64_t max_xcom_bytes, AttemptEnd* end) {
  const Status checked =
      CheckXComSizes(end->xcoms, attempt.dag_id + "." + attempt.task_id, max_xcom_bytes);
  if (!checked.ok()) Fail(checked.error().message, end);
}

// Fields of `finished` that concern control alone.
constexpr const char* kPassedOn[] = {
    "map_length", "rendered_map_index", "dataset_events", "trigger",
    "timeout",    "next_method",        "next_kwargs",    "reschedule_date"};

AttemptEnd ReadFinished(const Json& frame) {
  AttemptEnd end;
  JsonReader reader(frame, "the environment's answer");
  const std::string state = reader.String("state");
  end.reason = reader.String("reason");
  for (const AttemptState known :
       {AttemptState::kSuccess, AttemptState::kFailed, AttemptState::kFailedWithoutRetry,
        AttemptState::kSkipped, AttemptState::kDeferred, AttemptState::kRescheduled}) {
    if (state == ToString(known)) end.state = known;
  }
  if (end.state == AttemptState::kFailed && end.reason.empty()) {
    end.reason = fmt::format("the environment answered with the state '{}'", state);
  }
  if (const Json& xcoms = reader.Raw("xcoms"); xcoms.is_object()) end.xcoms = xcoms;
  if (const Json& tasks = reader.Raw("skip_tasks"); tasks.is_array()) end.skip_tasks = tasks;
  for (const char* key : kPassedOn) {
    if (const Json& value = reader.Raw(key); !value.is_null()) end.more[key] = value;
  }
  end.traceback = reader.String("traceback");
  end.usage = AttemptUsageFromJson(reader.Raw("usage"));
  if (const auto began_us = reader.OptionalInteger("began", 0, INT64_MAX)) {
    end.code_began = Time(Duration(*began_us));
  }
  return end;
}

}  // namespace beeflow
