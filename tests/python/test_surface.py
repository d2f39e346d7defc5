"""Names that public DAG files and provider packages import; each must be there."""

from __future__ import annotations

import subprocess
import sys
import unittest
import warnings
from importlib import import_module

from harness import PYTHON_ROOT

# Lines of `module: names`; an indented line goes on with the one before.
SURFACE = """
airflow.api.client.local_client: Client
airflow.api.common.experimental.pool: create_pool get_pool
airflow.api.common.experimental.trigger_dag: trigger_dag
airflow.api.common.trigger_dag: trigger_dag
airflow.api_internal.internal_api_call: internal_api_call InternalApiConfig
airflow.assets.metadata: Metadata
airflow.assets: Asset Dataset
airflow.auth.managers.models.resource_details: DagAccessEntity DatasetDetails
airflow.callbacks.callback_requests: TaskCallbackRequest DagCallbackRequest CallbackRequest
airflow.compat.functools: cached_property cache
airflow.config_templates.airflow_local_settings: DEFAULT_LOGGING_CONFIG
airflow.configuration: conf get getboolean getint AIRFLOW_HOME AirflowConfigParser
    ensure_secrets_loaded get_airflow_home
airflow.datasets.manager: dataset_manager DatasetManager
airflow.datasets.metadata: Metadata
airflow.datasets: Dataset DatasetAlias DatasetAll DatasetAny expand_alias_to_datasets
airflow.decorators.base: DecoratedMappedOperator DecoratedOperator TaskDecorator
    task_decorator_factory get_unique_task_id
airflow.decorators: dag task task_group setup teardown TaskDecorator
airflow.exceptions: AirflowException AirflowSkipException AirflowFailException
    AirflowSensorTimeout AirflowNotFoundException AirflowBadRequest AirflowConfigException
    AirflowTaskTimeout AirflowRescheduleException AirflowProviderDeprecationWarning
    AirflowOptionalProviderFeatureException AirflowDagCycleException AirflowClusterPolicyViolation
    AirflowTimetableInvalid ConnectionNotUnique DagNotFound DagRunAlreadyExists DagRunNotFound
    DuplicateTaskIdFound ParamValidationError PoolNotFound RemovedInAirflow3Warning
    SerializationError TaskDeferred TaskDeferralError TaskInstanceNotFound TaskNotFound
    XComNotFound UnmappableXComTypePushed AirflowDagDuplicatedIdException BackfillUnfinished
    DeserializingResultError AirflowTaskTerminated
airflow.executors.base_executor: BaseExecutor
airflow.executors.celery_executor: CeleryExecutor
airflow.executors.debug_executor: DebugExecutor
airflow.executors.executor_loader: ExecutorLoader
airflow.executors.local_executor: LocalExecutor
airflow.executors.sequential_executor: SequentialExecutor
airflow.executors: LocalExecutor GetDefaultExecutor
airflow.hooks.base: BaseHook
airflow.hooks.filesystem: FSHook
airflow.hooks.subprocess: SubprocessHook SubprocessResult
airflow.io.path: ObjectStoragePath
airflow.io.typedef: Properties
airflow.io: ObjectStoragePath get_fs has_fs
airflow.jobs.base_job: BaseJob
airflow.jobs.job: Job
airflow.jobs: BaseJob
airflow.lineage.entities: File Table
airflow.lineage.hook: get_hook_lineage_collector HookLineage DatasetLineageInfo LineageContext
    HookLineageCollector HookLineageReader NoOpCollector
airflow.lineage: AUTO apply_lineage prepare_lineage
airflow.listeners.listener: get_listener_manager
airflow.listeners: hookimpl
airflow.logging_config: configure_logging
airflow.macros: ds_add ds_format datetime timedelta dateutil json time uuid random
    datetime_diff_for_humans ds_format_locale
airflow.metrics.protocols: Timer
airflow.models.abstractoperator: AbstractOperator
airflow.models.base: Base ID_LEN
airflow.models.baseoperator: BaseOperator BaseOperatorLink chain chain_linear cross_downstream
airflow.models.connection: Connection
airflow.models.dag: DAG dag DagContext DagModel
airflow.models.dagbag: DagBag
airflow.models.dagrun: DagRun
airflow.models.dataset: DatasetModel DatasetEvent DatasetAliasModel DatasetDagRunQueue
    DagScheduleDatasetReference TaskOutletDatasetReference
airflow.models.errors: ImportError ParseImportError
airflow.models.expandinput: EXPAND_INPUT_EMPTY
airflow.models.log: Log
airflow.models.mappedoperator: MappedOperator OperatorPartial
airflow.models.operator: Operator
airflow.models.param: Param ParamsDict DagParam
airflow.models.pool: Pool
airflow.models.serialized_dag: SerializedDagModel
airflow.models.skipmixin: SkipMixin
airflow.models.slamiss: SlaMiss
airflow.models.taskfail: TaskFail
airflow.models.taskinstance: TaskInstance TaskInstanceKey clear_task_instances
airflow.models.taskinstancekey: TaskInstanceKey
airflow.models.taskmap: TaskMap
airflow.models.taskmixin: DAGNode DependencyMixin
airflow.models.taskreschedule: TaskReschedule
airflow.models.trigger: Trigger
airflow.models.variable: Variable
airflow.models.xcom: XCom XCOM_RETURN_KEY BaseXCom
airflow.models.xcom_arg: XComArg PlainXComArg
airflow.models: DAG BaseOperator BaseOperatorLink Connection DagBag DagModel DagPickle DagRun
    DagTag ImportError Log MappedOperator Operator Param ParamsDict Pool
    RenderedTaskInstanceFields SkipMixin SlaMiss TaskFail TaskInstance TaskInstanceKey
    TaskReschedule Trigger Variable XCom XComArg XCOM_RETURN_KEY Base ID_LEN
airflow.notifications.basenotifier: BaseNotifier
airflow.operators.bash: BashOperator
airflow.operators.branch: BaseBranchOperator
airflow.operators.datetime: BranchDateTimeOperator
airflow.operators.dummy: DummyOperator
airflow.operators.email: EmailOperator
airflow.operators.empty: EmptyOperator
airflow.operators.generic_transfer: GenericTransfer
airflow.operators.latest_only: LatestOnlyOperator
airflow.operators.python: PythonOperator PythonVirtualenvOperator ExternalPythonOperator
    BranchPythonOperator ShortCircuitOperator get_current_context _SERIALIZERS
airflow.operators.trigger_dagrun: TriggerDagRunOperator
airflow.operators.weekday: BranchDayOfWeekOperator
airflow.plugins_manager: AirflowPlugin
airflow.policies: hookimpl
airflow.providers_manager: ProvidersManager
airflow.providers.common.compat.sdk: AirflowException AirflowSkipException Asset BaseHook
    BaseOperator BaseSensorOperator Context DAG TriggerRule XComArg chain conf dag task timezone
airflow.sdk.api.datamodels._generated: DagRunState TaskInstanceState TriggerRule WeightRule
airflow.sdk.bases.decorator: DecoratedMappedOperator DecoratedOperator TaskDecorator
    get_unique_task_id task_decorator_factory
airflow.sdk.bases.hook: BaseHook
airflow.sdk.bases.notifier: BaseNotifier
airflow.sdk.bases.operator: BaseOperator chain
airflow.sdk.bases.sensor: BaseSensorOperator PokeReturnValue
airflow.sdk.configuration: conf
airflow.sdk.definitions.asset.metadata: Metadata
airflow.sdk.definitions.asset: Asset AssetAlias asset AssetAny
airflow.sdk.definitions.callback: AsyncCallback SyncCallback
airflow.sdk.definitions.context: Context context_merge
airflow.sdk.definitions.dag: DAG
airflow.sdk.definitions.deadline: DeadlineAlert DeadlineReference AsyncCallback SyncCallback
airflow.sdk.definitions.edges: Label
airflow.sdk.definitions.mappedoperator: MappedOperator
airflow.sdk.definitions.param: Param ParamsDict
airflow.sdk.definitions.taskgroup: TaskGroup
airflow.sdk.definitions.template: literal
airflow.sdk.definitions.variable: Variable
airflow.sdk.definitions.xcom_arg: XComArg
airflow.sdk.exceptions: AirflowConfigException AirflowException AirflowFailException
    AirflowNotFoundException AirflowSensorTimeout AirflowSkipException AirflowTaskTimeout
    DagRunTriggerException DownstreamTasksSkipped ParamValidationError TaskDeferred XComNotFound
airflow.sdk.execution_time.context: AIRFLOW_VAR_NAME_FORMAT_MAPPING DEFAULT_FORMAT_PREFIX
    context_to_airflow_vars
airflow.sdk.execution_time.secrets_masker: mask_secret
airflow.sdk.execution_time.timeout: timeout
airflow.sdk.execution_time.xcom: XCom
airflow.sdk.io.path: ObjectStoragePath
airflow.sdk.io: ObjectStoragePath
airflow.sdk.log: redact mask_secret
airflow.sdk.observability.stats: Stats
airflow.sdk.timezone: utcnow datetime parse
airflow.sdk: DAG dag task task_group setup teardown Asset AssetAlias AssetAll AssetAny
    AssetWatcher BaseOperator BaseOperatorLink BaseHook BaseNotifier BaseSensorOperator BaseXCom
    Connection Context DagRunState EdgeModifier Label Metadata ObjectStoragePath Param ParamsDict
    PokeReturnValue TaskGroup TaskInstanceState TriggerRule Variable WeightRule XComArg asset
    chain chain_linear cross_downstream get_current_context get_parsing_context literal timezone
    CronDataIntervalTimetable CronTriggerTimetable AssetOrTimeSchedule EventsTimetable
airflow.secrets.base_secrets: BaseSecretsBackend
airflow.secrets.environment_variables: EnvironmentVariablesBackend
airflow.secrets.local_filesystem: LocalFilesystemBackend load_connections_dict
airflow.secrets.metastore: MetastoreBackend
airflow.secrets: BaseSecretsBackend DEFAULT_SECRETS_SEARCH_PATH
airflow.security.kerberos: renew_from_kt get_kerberos_principle
airflow.security.permissions: ACTION_CAN_READ ACTION_CAN_EDIT RESOURCE_DAG
airflow.security: permissions
airflow.sensors.base: BaseSensorOperator PokeReturnValue poke_mode_only
airflow.sensors.bash: BashSensor
airflow.sensors.date_time: DateTimeSensor DateTimeSensorAsync
airflow.sensors.external_task: ExternalTaskSensor ExternalTaskMarker
airflow.sensors.filesystem: FileSensor
airflow.sensors.python: PythonSensor
airflow.sensors.time_delta: TimeDeltaSensor TimeDeltaSensorAsync
airflow.sensors.time_sensor: TimeSensor TimeSensorAsync
airflow.sensors.weekday: DayOfWeekSensor
airflow.serialization.enums: DagAttributeTypes Encoding
airflow.serialization.serde: serialize deserialize
airflow.serialization.serialized_objects: SerializedDAG BaseSerialization SerializedBaseOperator
airflow.settings: Session TIMEZONE DAGS_FOLDER AIRFLOW_HOME json conf
airflow.stats: Stats
airflow.task.priority_strategy: PriorityWeightStrategy
airflow.template.templater: Templater
airflow.templates: NativeEnvironment SandboxedEnvironment
airflow.ti_deps.deps.base_ti_dep: BaseTIDep
airflow.ti_deps.deps.trigger_rule_dep: TriggerRuleDep
airflow.timetables.assets: AssetOrTimeSchedule
airflow.timetables.base: DagRunInfo DataInterval TimeRestriction Timetable
airflow.timetables.datasets: DatasetOrTimeSchedule
airflow.timetables.events: EventsTimetable
airflow.timetables.interval: CronDataIntervalTimetable DeltaDataIntervalTimetable
airflow.timetables.simple: NullTimetable OnceTimetable ContinuousTimetable
    DatasetTriggeredTimetable AssetTriggeredTimetable
airflow.timetables.trigger: CronTriggerTimetable DeltaTriggerTimetable
    MultipleCronTriggerTimetable
airflow.triggers.base: BaseTrigger TriggerEvent
airflow.triggers.external_task: WorkflowTrigger
airflow.triggers.file: FileTrigger
airflow.triggers.temporal: DateTimeTrigger TimeDeltaTrigger
airflow.typing_compat: Literal Protocol TypedDict ParamSpec Self
airflow.utils.airflow_flask_app: AirflowApp
airflow.utils.cli: suppress_logs_and_warning get_dag
airflow.utils.code_utils: get_python_source
airflow.utils.compression: uncompress_file
airflow.utils.context: Context context_merge context_copy_partial OutletEventAccessors
    AirflowContextDeprecationWarning
airflow.utils.dag_cycle_tester: check_cycle
airflow.utils.dag_parsing_context: get_parsing_context
airflow.utils.dates: days_ago cron_presets date_range parse_execution_date timezone timedelta
    datetime
airflow.utils.db: provide_session create_session merge_conn
airflow.utils.decorators: apply_defaults remove_task_decorator fixup_decorator_warning_stack
airflow.utils.deprecation_tools: add_deprecated_classes
airflow.utils.edgemodifier: Label EdgeModifier
airflow.utils.email: send_email send_email_smtp send_mime_email build_mime_message
    get_email_address_list
airflow.utils.entry_points: entry_points_with_dist
airflow.utils.file: TemporaryDirectory mkdirs open_maybe_zipped correct_maybe_zipped
    list_py_file_paths
airflow.utils.hashlib_wrapper: md5
airflow.utils.helpers: chain cross_downstream chunks validate_key merge_dicts prune_dict
    exactly_one at_most_one is_container render_template_to_string parse_template_string
    build_airflow_url_with_query convert_camel_to_snake as_flattened_list
airflow.utils.json: AirflowJsonEncoder WebEncoder XComEncoder XComDecoder
airflow.utils.log.file_task_handler: FileTaskHandler
airflow.utils.log.json_formatter: JSONFormatter
airflow.utils.log.logging_mixin: LoggingMixin StreamLogWriter ExternalLoggingMixin
    remove_escape_codes
airflow.utils.log.secrets_masker: mask_secret redact RedactedIO should_hide_value_for_key
    SecretsMasker Redactable Redacted
airflow.utils.log.timezone_aware: TimezoneAware
airflow.utils.mixins: ResolveMixin
airflow.utils.module_loading: import_string qualname is_valid_dotpath
airflow.utils.net: getfqdn get_host_ip_address get_hostname
airflow.utils.operator_helpers: determine_kwargs context_to_airflow_vars make_kwargs_callable
    KeywordParameters AIRFLOW_VAR_NAME_FORMAT_MAPPING ExecutionCallableRunner
airflow.utils.operator_resources: Resources
airflow.utils.platform: getuser is_tty
airflow.utils.process_utils: execute_in_subprocess execute_interactive patch_environ
    reap_process_group
airflow.utils.providers_configuration_loader: providers_configuration_loaded
airflow.utils.python_virtualenv: prepare_virtualenv write_python_script
airflow.utils.retries: run_with_db_retries
airflow.utils.session: provide_session create_session NEW_SESSION
airflow.utils.setup_teardown: SetupTeardownContext
airflow.utils.singleton: Singleton
airflow.utils.sqlalchemy: UtcDateTime
airflow.utils.state: State TaskInstanceState DagRunState JobState TerminalTIState
airflow.utils.strings: get_random_string to_boolean
airflow.utils.task_group: TaskGroup
airflow.utils.template: literal
airflow.utils.timeout: timeout
airflow.utils.timezone: utcnow make_aware make_naive datetime parse convert_to_utc coerce_datetime
    is_localized is_naive utc utc_epoch from_timestamp td_format parse_timezone
airflow.utils.trigger_rule: TriggerRule
airflow.utils.types: NOTSET ArgNotSet DagRunType DagRunTriggeredByType
airflow.utils.warnings: capture_with_reraise
airflow.utils.weekday: WeekDay
airflow.utils.weight_rule: WeightRule
airflow.utils.xcom: XCOM_RETURN_KEY
airflow.utils.yaml: safe_load dump
airflow.utils: timezone dates
airflow.version: version
airflow.www.views: AirflowBaseView
airflow.www: auth
airflow: DAG XComArg Dataset __version__ AirflowException settings models macros
"""

HEAVY = ("asyncio", "configparser", "croniter", "http.client", "jsonschema", "logging.config")
HEAVY += ("smtplib", "sqlite3", "yaml", "airflow.datasets", "airflow.models.dagbag")


class SurfaceTest(unittest.TestCase):
    maxDiff = None

    def test_every_name_can_be_imported(self) -> None:
        missing = []
        for line in SURFACE.strip().replace("\n    ", " ").splitlines():
            module_name, _, names = line.partition(": ")
            for name in names.split():
                problem = self._find_problem(module_name, name)
                if problem:
                    missing.append(f"from {module_name} import {name}: {problem}")
        self.assertEqual(missing, [])

    def _find_problem(self, module_name: str, name: str) -> str | None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                exec(f"from {module_name} import {name}", {})
            except ImportError as error:
                return str(error)
        return None

    def test_version_can_be_compared(self) -> None:
        import airflow

        numbers = tuple(int(part) for part in airflow.__version__.split("."))
        self.assertEqual(numbers[0], 2)
        self.assertGreaterEqual(numbers, (2, 9, 0))

    def test_lists_of_names_are_true(self) -> None:
        for module_name in ("airflow.models", "airflow.sdk", "airflow.executors"):
            module = import_module(module_name)
            for name in module.__all__:
                self.assertTrue(hasattr(module, name), f"{module_name}.{name}")

    def test_a_plain_file_imports_nothing_heavy(self) -> None:
        program = (
            "import sys\n"
            "from airflow import DAG\n"
            "from airflow.models import Variable\n"
            "from airflow.operators.bash import BashOperator\n"
            "from airflow.operators.python import PythonOperator\n"
            f"print([name for name in {HEAVY!r} if name in sys.modules])"
        )
        output = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": str(PYTHON_ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(output.stdout.strip(), "[]")


if __name__ == "__main__":
    unittest.main()
