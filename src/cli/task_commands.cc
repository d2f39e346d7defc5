// tasks list, state, states-for-dag-run, attempts, test, render
#include <cstdio>

#include "cli/commands.h"
#include "cli/dag_graph.h"

namespace beeflow {
namespace {

Status ListTasks(Session& session, const std::string& dag_id, bool tree) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, FindModel(catalog, dag_id));
  if (tree) {
    session.out() << GraphAsTree(*dag);
    return Ok();
  }
  for (const Task& task : dag->tasks) session.out() << task.id << '\n';
  return Ok();
}

// A task instance as it is named on the command line.
struct InstanceOptions {
  std::string dag_id, task_id, run;
  std::string params;  // JSON
  int map_index = -1;
};

Status ShowTaskState(Session& session, const InstanceOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, FindRun(catalog, options.dag_id, options.run));
  const auto task = catalog->Task(run.key, options.task_id, options.map_index);
  if (!task.ok()) {
    if (task.error().code != ErrorCode::kNotFound) return task.error();
    BEEFLOW_ASSIGN_OR_RETURN(const auto dag, catalog->Model(options.dag_id));
    BEEFLOW_RETURN_IF_ERROR(CheckTask(*dag, options.task_id));
    session.out() << "None\n";  // the run has not got to it yet
    return Ok();
  }
  const std::string_view state = ToString(task->record.state);
  session.out() << (state.empty() ? "None" : state) << '\n';
  return Ok();
}

Status ListStates(Session& session, const InstanceOptions& options, OutputFormat format) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, FindRun(catalog, options.dag_id, options.run));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<TaskInfo> tasks, catalog->Tasks(run.key));
  bool mapped = false;
  for (const TaskInfo& task : tasks) mapped = mapped || task.record.map_index >= 0;
  Table table{{"dag_id", "execution_date", "task_id", "state", "start_date", "end_date"}, {}};
  if (mapped) table.columns.insert(table.columns.begin() + 3, "map_index");
  for (const TaskInfo& task : tasks) {
    const std::string state(ToString(task.record.state));
    std::vector<Cell> row = {run.key.dag_id,
                             FormatIso(run.logical_date),
                             task.record.task_id,
                             state.empty() ? Cell() : Cell(state),
                             TimeCell(task.record.start_date),
                             TimeCell(task.record.end_date)};
    if (mapped) {
      const int index = task.record.map_index;
      row.insert(row.begin() + 3, index >= 0 ? std::to_string(index) : "");
    }
    table.rows.push_back(std::move(row));
  }
  session.Print(table, format);
  return Ok();
}

Cell NumberCell(const std::optional<double>& number, const char* format) {
  if (!number) return Cell();
  char text[32];
  std::snprintf(text, sizeof text, format, *number);
  return Cell(text);
}

Cell IntegerCell(const std::optional<int64_t>& number) {
  return number ? Cell(std::to_string(*number)) : Cell();
}

// How each attempt of a run was started, what it took, and why it ended.
Status ListAttempts(Session& session, const InstanceOptions& options, OutputFormat format) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, FindRun(catalog, options.dag_id, options.run));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<AttemptInfo> attempts, catalog->Attempts(run.key));
  Table table{{"task_id", "map_index", "try_number", "state", "start_type", "start_date",
               "end_date", "queue_seconds", "start_seconds", "cpu_seconds", "memory_bytes",
               "environment", "exit_code", "exit_signal", "reason"},
              {}};
  for (const AttemptInfo& attempt : attempts) {
    const AttemptUsage& usage = attempt.usage;
    table.rows.push_back(
        {attempt.task_id,
         attempt.map_index >= 0 ? std::to_string(attempt.map_index) : std::string(),
         std::to_string(attempt.try_number), attempt.state, usage.start_type,
         TimeCell(attempt.start_date), TimeCell(attempt.end_date),
         NumberCell(usage.queue_seconds, "%.6f"), NumberCell(usage.start_seconds, "%.6f"),
         NumberCell(usage.cpu_seconds, "%.6f"), IntegerCell(usage.memory_bytes), usage.environment,
         IntegerCell(usage.exit_code), IntegerCell(usage.exit_signal), attempt.reason});
  }
  session.Print(table, format);
  return Ok();
}

// The run that a task is tested in: one that there is, by its id or date, or one made up.
// Params that are given on the command line are put over its conf.
Result<RunRecord> FindTestRun(Session& session, const DagInfo& dag,
                              const InstanceOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const std::string params, ParseConf("--task-params", options.params));
  const auto date = ParseTime(options.run);
  if (!options.run.empty()) {
    auto found = FindRun(catalog, dag.record.dag_id, options.run);
    if (found.ok() && !options.params.empty()) {
      BEEFLOW_ASSIGN_OR_RETURN(Json conf, ParseJson(found->conf.empty() ? "{}" : found->conf));
      BEEFLOW_ASSIGN_OR_RETURN(const Json more, ParseJson(params));
      conf.update(more);
      found->conf = DumpJson(conf);
    }
    if (found.ok() || found.error().code != ErrorCode::kNotFound || !date.ok()) return found;
  }
  ManualRun request;
  request.conf = params;
  if (date.ok()) request.logical_date = *date;
  BEEFLOW_ASSIGN_OR_RETURN(RunRecord made_up, MakeManualRun(session, dag, request));
  made_up.key.run_id = "__airflow_temporary_run_" + FormatIso(made_up.logical_date);
  made_up.state = RunState::kRunning;
  made_up.start_date = session.Now();
  return made_up;
}

Result<TaskTest> ReadTest(Session& session, const InstanceOptions& options) {
  BEEFLOW_RETURN_IF_ERROR(RefreshDag(session, options.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, FindDag(catalog, options.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const auto model, FindModel(catalog, options.dag_id));
  BEEFLOW_RETURN_IF_ERROR(CheckTask(*model, options.task_id));
  const auto task = model->Find(options.task_id);
  if (options.map_index < 0 && model->tasks[*task].mapping) {
    return Invalid("task '" + options.task_id + "' is mapped: name its --map-index");
  }
  TaskTest test{options.dag_id, options.task_id, options.map_index, {}};
  BEEFLOW_ASSIGN_OR_RETURN(test.run, FindTestRun(session, dag, options));
  return test;
}

Status TestTask(Session& session, const InstanceOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const TaskTest test, ReadTest(session, options));
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  return session.environment().test_task(*config, test);
}

Status RenderTask(Session& session, const InstanceOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const TaskTest test, ReadTest(session, options));
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(const RenderedFields fields,
                           session.environment().render_task(*config, test));
  constexpr const char* kRule = "# ----------------------------------------------------------\n";
  for (const RenderedField& field : fields) {
    session.out() << kRule << "# property: " << field.name << '\n' << kRule << field.text << "\n\n";
  }
  return Ok();
}

std::shared_ptr<InstanceOptions> AddInstance(CLI::App* verb, bool needs_task, bool needs_run) {
  auto options = std::make_shared<InstanceOptions>();
  verb->add_option("dag_id", options->dag_id)->required();
  if (needs_task) {
    verb->add_option("task_id", options->task_id)->required();
    verb->add_option("--map-index", options->map_index, "Of a mapped task")
        ->check(CLI::Range(-1, 1'000'000));
  }
  verb->add_option("execution_date_or_run_id", options->run)->required(needs_run);
  AddIgnoredOptions(verb);
  return options;
}

void AddTaskParams(CLI::App* verb, InstanceOptions* options) {
  verb->add_option("-t,--task-params", options->params, "JSON object of values for params");
}

}  // namespace

void AddTaskCommands(CLI::App* tasks, Commands* commands) {
  auto dag_id = std::make_shared<std::string>();
  auto tree = std::make_shared<bool>(false);
  CLI::App* list = tasks->add_subcommand("list", "List the tasks of a DAG");
  list->add_option("dag_id", *dag_id)->required();
  list->add_flag("-t,--tree", *tree, "As a tree of dependencies");
  AddIgnoredOptions(list);
  commands->On(list, [=](Session& session) { return ListTasks(session, *dag_id, *tree); });

  CLI::App* state = tasks->add_subcommand("state", "Show the state of a task instance");
  const auto instance = AddInstance(state, true, true);
  commands->On(state, [instance](Session& session) { return ShowTaskState(session, *instance); });

  CLI::App* states =
      tasks->add_subcommand("states-for-dag-run", "Show the states of all tasks of a run");
  const auto run = AddInstance(states, false, true);
  auto format = std::make_shared<OutputFormat>(OutputFormat::kTable);
  AddOutput(states, format.get());
  commands->On(states, [=](Session& session) { return ListStates(session, *run, *format); });

  CLI::App* attempts = tasks->add_subcommand(
      "attempts", "Show how each attempt of a run started, what it took and why it ended");
  const auto attempts_of = AddInstance(attempts, false, true);
  auto attempts_format = std::make_shared<OutputFormat>(OutputFormat::kTable);
  AddOutput(attempts, attempts_format.get());
  commands->On(attempts, [=](Session& session) {
    return ListAttempts(session, *attempts_of, *attempts_format);
  });

  CLI::App* test = tasks->add_subcommand(
      "test", "Run one task, without its dependencies and without recording it");
  const auto tested = AddInstance(test, true, false);
  AddTaskParams(test, tested.get());
  commands->On(test, [tested](Session& session) { return TestTask(session, *tested); });

  CLI::App* render = tasks->add_subcommand(
      "render", "Show the template fields of a task as a run would have them");
  const auto rendered = AddInstance(render, true, true);
  AddTaskParams(render, rendered.get());
  commands->On(render, [rendered](Session& session) { return RenderTask(session, *rendered); });
}

}  // namespace beeflow
