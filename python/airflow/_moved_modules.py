"""Names that modules had before, and where they are now. Loaded when such a name is imported."""

from __future__ import annotations

_STANDARD_NAMES = {
    "operators": "bash branch datetime empty latest_only python smooth trigger_dagrun weekday",
    "sensors": "bash date_time external_task filesystem python time_delta weekday",
    "triggers": "external_task file temporal",
    "hooks": "filesystem package_index subprocess",
    "decorators": "bash branch_external_python branch_python branch_virtualenv external_python "
    "python python_virtualenv sensor short_circuit",
}

# The standard provider of Airflow 3.
STANDARD = {
    f"airflow.providers.standard.{kind}.{name}": f"airflow.{kind}.{name}"
    for kind, names in _STANDARD_NAMES.items()
    for name in names.split()
} | {
    "airflow.providers.standard.exceptions": "airflow.exceptions",
    "airflow.providers.standard.sensors.time": "airflow.sensors.time_sensor",
    "airflow.providers.standard.utils.python_virtualenv": "airflow.utils.python_virtualenv",
    "airflow.providers.standard.utils.skipmixin": "airflow.models.skipmixin",
    "airflow.providers.standard.utils.weekday": "airflow.utils.weekday",
}


# Other names that are as good as those here.
CURRENT = {
    "airflow.sdk.bases.branch": "airflow.operators.branch",
    "airflow.sdk.bases.skipmixin": "airflow.models.skipmixin",
    "airflow.sdk.definitions.operator_resources": "airflow.utils.operator_resources",
    "airflow.sdk.execution_time.macros": "airflow.macros",
    "airflow.sdk.lineage": "airflow.lineage.hook",
    "airflow.sdk.listener": "airflow.listeners.listener",
    "airflow.sdk.module_loading": "airflow.utils.module_loading",
    "airflow.sdk.plugins_manager": "airflow.plugins_manager",
    "airflow.sdk.serde": "airflow.serialization.serde",
    "airflow.templates": "airflow.template.environment",
}


def _read(package: str, lines: str) -> dict[str, str]:
    """Return lines of an old and a new name as a dict; old ones are of `package`."""
    pairs = (line.split() for line in lines.strip().splitlines())
    return {f"{package}.{old}": f"airflow.{new}" for old, new in pairs}


MODULES = {
    **_read(
        "airflow.operators",
        """
        bash_operator                operators.bash
        branch_operator              operators.branch
        check_operator               operators.sql
        dagrun_operator              operators.trigger_dagrun
        docker_operator              providers.docker.operators.docker
        druid_check_operator         providers.apache.druid.operators.druid_check
        dummy_operator               operators.dummy
        email_operator               operators.email
        gcs_to_s3                    providers.amazon.aws.transfers.gcs_to_s3
        google_api_to_s3_transfer    providers.amazon.aws.transfers.google_api_to_s3
        hive_operator                providers.apache.hive.operators.hive
        hive_stats_operator          providers.apache.hive.operators.hive_stats
        hive_to_druid                providers.apache.druid.transfers.hive_to_druid
        hive_to_mysql                providers.apache.hive.transfers.hive_to_mysql
        hive_to_samba_operator       providers.apache.hive.transfers.hive_to_samba
        http_operator                providers.http.operators.http
        jdbc_operator                providers.jdbc.operators.jdbc
        latest_only_operator         operators.latest_only
        mssql_operator               providers.microsoft.mssql.operators.mssql
        mssql_to_hive                providers.apache.hive.transfers.mssql_to_hive
        mysql_operator               providers.mysql.operators.mysql
        mysql_to_hive                providers.apache.hive.transfers.mysql_to_hive
        oracle_operator              providers.oracle.operators.oracle
        papermill_operator           providers.papermill.operators.papermill
        pig_operator                 providers.apache.pig.operators.pig
        postgres_operator            providers.postgres.operators.postgres
        presto_check_operator        operators.sql
        presto_to_mysql              providers.mysql.transfers.presto_to_mysql
        python_operator              operators.python
        redshift_to_s3_operator      providers.amazon.aws.transfers.redshift_to_s3
        s3_file_transform_operator   providers.amazon.aws.operators.s3
        s3_to_hive_operator          providers.apache.hive.transfers.s3_to_hive
        s3_to_redshift_operator      providers.amazon.aws.transfers.s3_to_redshift
        sensors                      sensors
        slack_operator               providers.slack.operators.slack_webhook
        sql_branch_operator          operators.sql
        sqlite_operator              providers.sqlite.operators.sqlite
        subdag_operator              operators.subdag
        """,
    ),
    **_read(
        "airflow.sensors",
        """
        base_sensor_operator         sensors.base
        bash_sensor                  sensors.bash
        date_time_sensor             sensors.date_time
        external_task_sensor         sensors.external_task
        file_sensor                  sensors.filesystem
        hdfs_sensor                  providers.apache.hdfs.sensors.hdfs
        hive_partition_sensor        providers.apache.hive.sensors.hive_partition
        http_sensor                  providers.http.sensors.http
        metastore_partition_sensor   providers.apache.hive.sensors.metastore_partition
        named_hive_partition_sensor  providers.apache.hive.sensors.named_hive_partition
        python_sensor                sensors.python
        s3_key_sensor                providers.amazon.aws.sensors.s3
        s3_prefix_sensor             providers.amazon.aws.sensors.s3
        sql                          providers.common.sql.sensors.sql
        sql_sensor                   providers.common.sql.sensors.sql
        time_delta_sensor            sensors.time_delta
        web_hdfs_sensor              providers.apache.hdfs.sensors.web_hdfs
        weekday_sensor               sensors.weekday
        """,
    ),
    **_read(
        "airflow.hooks",
        """
        S3_hook                      providers.amazon.aws.hooks.s3
        base_hook                    hooks.base
        dbapi                        providers.common.sql.hooks.sql
        dbapi_hook                   providers.common.sql.hooks.sql
        docker_hook                  providers.docker.hooks.docker
        druid_hook                   providers.apache.druid.hooks.druid
        hdfs_hook                    providers.apache.hdfs.hooks.hdfs
        hive_hooks                   providers.apache.hive.hooks.hive
        http_hook                    providers.http.hooks.http
        jdbc_hook                    providers.jdbc.hooks.jdbc
        mssql_hook                   providers.microsoft.mssql.hooks.mssql
        mysql_hook                   providers.mysql.hooks.mysql
        oracle_hook                  providers.oracle.hooks.oracle
        pig_hook                     providers.apache.pig.hooks.pig
        postgres_hook                providers.postgres.hooks.postgres
        presto_hook                  providers.presto.hooks.presto
        samba_hook                   providers.samba.hooks.samba
        slack_hook                   providers.slack.hooks.slack
        sqlite_hook                  providers.sqlite.hooks.sqlite
        webhdfs_hook                 providers.apache.hdfs.hooks.webhdfs
        zendesk_hook                 providers.zendesk.hooks.zendesk
        """,
    ),
    **_read(
        "airflow.contrib.operators",
        """
        aws_athena_operator                 providers.amazon.aws.operators.athena
        aws_sqs_publish_operator            providers.amazon.aws.operators.sqs
        awsbatch_operator                   providers.amazon.aws.operators.batch
        azure_container_instances_operator  providers.microsoft.azure.operators.container_instances
        bigquery_check_operator             providers.google.cloud.operators.bigquery
        bigquery_get_data                   providers.google.cloud.operators.bigquery
        bigquery_operator                   providers.google.cloud.operators.bigquery
        bigquery_table_delete_operator      providers.google.cloud.operators.bigquery
        bigquery_to_bigquery                providers.google.cloud.transfers.bigquery_to_bigquery
        bigquery_to_gcs                     providers.google.cloud.transfers.bigquery_to_gcs
        databricks_operator                 providers.databricks.operators.databricks
        dataflow_operator                   providers.google.cloud.operators.dataflow
        dataproc_operator                   providers.google.cloud.operators.dataproc
        dingding_operator                   providers.dingding.operators.dingding
        discord_webhook_operator            providers.discord.operators.discord_webhook
        docker_swarm_operator               providers.docker.operators.docker_swarm
        druid_operator                      providers.apache.druid.operators.druid
        ecs_operator                        providers.amazon.aws.operators.ecs
        emr_add_steps_operator              providers.amazon.aws.operators.emr
        emr_create_job_flow_operator        providers.amazon.aws.operators.emr
        emr_terminate_job_flow_operator     providers.amazon.aws.operators.emr
        file_to_gcs                         providers.google.cloud.transfers.local_to_gcs
        file_to_wasb                        providers.microsoft.azure.transfers.local_to_wasb
        gcp_container_operator              providers.google.cloud.operators.kubernetes_engine
        gcp_function_operator               providers.google.cloud.operators.functions
        gcp_sql_operator                    providers.google.cloud.operators.cloud_sql
        gcs_delete_operator                 providers.google.cloud.operators.gcs
        gcs_download_operator               providers.google.cloud.transfers.gcs_to_local
        gcs_list_operator                   providers.google.cloud.operators.gcs
        gcs_operator                        providers.google.cloud.operators.gcs
        gcs_to_bq                           providers.google.cloud.transfers.gcs_to_bigquery
        gcs_to_gcs                          providers.google.cloud.transfers.gcs_to_gcs
        hive_to_dynamodb                    providers.amazon.aws.transfers.hive_to_dynamodb
        jenkins_job_trigger_operator        providers.jenkins.operators.jenkins_job_trigger
        jira_operator                       providers.atlassian.jira.operators.jira
        kubernetes_pod_operator             providers.cncf.kubernetes.operators.pod
        livy_operator                       providers.apache.livy.operators.livy
        mlengine_operator                   providers.google.cloud.operators.mlengine
        mongo_to_s3                         providers.amazon.aws.transfers.mongo_to_s3
        mysql_to_gcs                        providers.google.cloud.transfers.mysql_to_gcs
        opsgenie_alert_operator             providers.opsgenie.operators.opsgenie
        postgres_to_gcs_operator            providers.google.cloud.transfers.postgres_to_gcs
        pubsub_operator                     providers.google.cloud.operators.pubsub
        qubole_operator                     providers.qubole.operators.qubole
        s3_copy_object_operator             providers.amazon.aws.operators.s3
        s3_delete_objects_operator          providers.amazon.aws.operators.s3
        s3_list_operator                    providers.amazon.aws.operators.s3
        s3_to_gcs_operator                  providers.google.cloud.transfers.s3_to_gcs
        s3_to_sftp_operator                 providers.amazon.aws.transfers.s3_to_sftp
        sagemaker_training_operator         providers.amazon.aws.operators.sagemaker
        sagemaker_transform_operator        providers.amazon.aws.operators.sagemaker
        segment_track_event_operator        providers.segment.operators.segment_track_event
        sftp_operator                       providers.sftp.operators.sftp
        sftp_to_s3_operator                 providers.amazon.aws.transfers.sftp_to_s3
        slack_webhook_operator              providers.slack.operators.slack_webhook
        snowflake_operator                  providers.snowflake.operators.snowflake
        sns_publish_operator                providers.amazon.aws.operators.sns
        spark_jdbc_operator                 providers.apache.spark.operators.spark_jdbc
        spark_sql_operator                  providers.apache.spark.operators.spark_sql
        spark_submit_operator               providers.apache.spark.operators.spark_submit
        sqoop_operator                      providers.apache.sqoop.operators.sqoop
        ssh_operator                        providers.ssh.operators.ssh
        vertica_operator                    providers.vertica.operators.vertica
        wasb_delete_blob_operator           providers.microsoft.azure.operators.wasb_delete_blob
        winrm_operator                      providers.microsoft.winrm.operators.winrm
        """,
    ),
    **_read(
        "airflow.contrib.hooks",
        """
        aws_athena_hook        providers.amazon.aws.hooks.athena
        aws_dynamodb_hook      providers.amazon.aws.hooks.dynamodb
        aws_firehose_hook      providers.amazon.aws.hooks.kinesis
        aws_glue_catalog_hook  providers.amazon.aws.hooks.glue_catalog
        aws_hook               providers.amazon.aws.hooks.base_aws
        aws_lambda_hook        providers.amazon.aws.hooks.lambda_function
        aws_sns_hook           providers.amazon.aws.hooks.sns
        aws_sqs_hook           providers.amazon.aws.hooks.sqs
        azure_data_lake_hook   providers.microsoft.azure.hooks.data_lake
        bigquery_hook          providers.google.cloud.hooks.bigquery
        cassandra_hook         providers.apache.cassandra.hooks.cassandra
        databricks_hook        providers.databricks.hooks.databricks
        emr_hook               providers.amazon.aws.hooks.emr
        fs_hook                hooks.filesystem
        ftp_hook               providers.ftp.hooks.ftp
        gcp_api_base_hook      providers.google.common.hooks.base_google
        gcp_dataflow_hook      providers.google.cloud.hooks.dataflow
        gcp_dataproc_hook      providers.google.cloud.hooks.dataproc
        gcp_pubsub_hook        providers.google.cloud.hooks.pubsub
        gcs_hook               providers.google.cloud.hooks.gcs
        imap_hook              providers.imap.hooks.imap
        jira_hook              providers.atlassian.jira.hooks.jira
        mongo_hook             providers.mongo.hooks.mongo
        pinot_hook             providers.apache.pinot.hooks.pinot
        redis_hook             providers.redis.hooks.redis
        redshift_hook          providers.amazon.aws.hooks.redshift_cluster
        sagemaker_hook         providers.amazon.aws.hooks.sagemaker
        salesforce_hook        providers.salesforce.hooks.salesforce
        sftp_hook              providers.sftp.hooks.sftp
        slack_webhook_hook     providers.slack.hooks.slack_webhook
        snowflake_hook         providers.snowflake.hooks.snowflake
        spark_sql_hook         providers.apache.spark.hooks.spark_sql
        spark_submit_hook      providers.apache.spark.hooks.spark_submit
        ssh_hook               providers.ssh.hooks.ssh
        vertica_hook           providers.vertica.hooks.vertica
        wasb_hook              providers.microsoft.azure.hooks.wasb
        winrm_hook             providers.microsoft.winrm.hooks.winrm
        """,
    ),
    **_read(
        "airflow.contrib.sensors",
        """
        aws_athena_sensor                  providers.amazon.aws.sensors.athena
        aws_glue_catalog_partition_sensor  providers.amazon.aws.sensors.glue_catalog_partition
        aws_redshift_cluster_sensor        providers.amazon.aws.sensors.redshift_cluster
        aws_sqs_sensor                     providers.amazon.aws.sensors.sqs
        azure_cosmos_sensor                providers.microsoft.azure.sensors.cosmos
        bash_sensor                        sensors.bash
        bigquery_sensor                    providers.google.cloud.sensors.bigquery
        cassandra_table_sensor             providers.apache.cassandra.sensors.table
        emr_job_flow_sensor                providers.amazon.aws.sensors.emr
        emr_step_sensor                    providers.amazon.aws.sensors.emr
        file_sensor                        sensors.filesystem
        ftp_sensor                         providers.ftp.sensors.ftp
        gcs_sensor                         providers.google.cloud.sensors.gcs
        hdfs_sensor                        providers.apache.hdfs.sensors.hdfs
        imap_attachment_sensor             providers.imap.sensors.imap_attachment
        jira_sensor                        providers.atlassian.jira.sensors.jira
        mongo_sensor                       providers.mongo.sensors.mongo
        pubsub_sensor                      providers.google.cloud.sensors.pubsub
        python_sensor                      sensors.python
        redis_key_sensor                   providers.redis.sensors.redis_key
        sagemaker_training_sensor          providers.amazon.aws.sensors.sagemaker
        sftp_sensor                        providers.sftp.sensors.sftp
        wasb_sensor                        providers.microsoft.azure.sensors.wasb
        weekday_sensor                     sensors.weekday
        """,
    ),
    **_read(
        "airflow.contrib.kubernetes",
        """
        pod                          providers.cncf.kubernetes.pod_generator
        secret                       providers.cncf.kubernetes.secret
        volume                       providers.cncf.kubernetes.backcompat.volume
        volume_mount                 providers.cncf.kubernetes.backcompat.volume_mount
        """,
    ),
    **_read(
        "airflow.kubernetes",
        """
        kube_client                  providers.cncf.kubernetes.kube_client
        kube_config                  providers.cncf.kubernetes.kube_config
        kubernetes_helper_functions  providers.cncf.kubernetes.kubernetes_helper_functions
        pod_generator                providers.cncf.kubernetes.pod_generator
        secret                       providers.cncf.kubernetes.secret
        volume                       providers.cncf.kubernetes.backcompat.volume
        volume_mount                 providers.cncf.kubernetes.backcompat.volume_mount
        """,
    ),
    "airflow.api.common.experimental.mark_tasks": "airflow.api.common.mark_tasks",
    "airflow.contrib.utils.weekday": "airflow.utils.weekday",
    "airflow.utils.log.LoggingMixin": "airflow.utils.log.logging_mixin",
}

# Names that changed when their module moved.
RENAMED = {
    "airflow.contrib.operators.bigquery_operator": {
        "BigQueryOperator": "BigQueryExecuteQueryOperator",
    },
    "airflow.contrib.operators.bigquery_to_gcs": {
        "BigQueryToCloudStorageOperator": "BigQueryToGCSOperator",
    },
    "airflow.contrib.operators.gcs_to_bq": {
        "GoogleCloudStorageToBigQueryOperator": "GCSToBigQueryOperator",
    },
    "airflow.contrib.operators.gcs_to_gcs": {
        "GoogleCloudStorageToGoogleCloudStorageOperator": "GCSToGCSOperator",
    },
    "airflow.contrib.operators.file_to_gcs": {
        "FileToGoogleCloudStorageOperator": "LocalFilesystemToGCSOperator",
    },
    "airflow.contrib.operators.dataproc_operator": {
        "DataprocClusterCreateOperator": "DataprocCreateClusterOperator",
        "DataprocClusterDeleteOperator": "DataprocDeleteClusterOperator",
    },
    "airflow.contrib.operators.ecs_operator": {"ECSOperator": "EcsRunTaskOperator"},
    "airflow.contrib.operators.aws_athena_operator": {"AWSAthenaOperator": "AthenaOperator"},
    "airflow.contrib.operators.awsbatch_operator": {"AWSBatchOperator": "BatchOperator"},
    "airflow.contrib.hooks.aws_hook": {"AwsHook": "AwsBaseHook"},
    "airflow.contrib.hooks.aws_dynamodb_hook": {"AwsDynamoDBHook": "DynamoDBHook"},
    "airflow.contrib.hooks.aws_firehose_hook": {"AwsFirehoseHook": "FirehoseHook"},
    "airflow.contrib.hooks.aws_sns_hook": {"AwsSnsHook": "SnsHook"},
    "airflow.contrib.hooks.aws_sqs_hook": {"SQSHook": "SqsHook"},
    "airflow.contrib.hooks.gcp_dataflow_hook": {"DataFlowHook": "DataflowHook"},
    "airflow.contrib.hooks.gcp_dataproc_hook": {"DataProcHook": "DataprocHook"},
    "airflow.contrib.hooks.gcs_hook": {"GoogleCloudStorageHook": "GCSHook"},
    "airflow.contrib.hooks.gcp_api_base_hook": {"GoogleCloudBaseHook": "GoogleBaseHook"},
    "airflow.contrib.sensors.gcs_sensor": {
        "GoogleCloudStorageObjectSensor": "GCSObjectExistenceSensor",
    },
    "airflow.operators.check_operator": {
        "CheckOperator": "SQLCheckOperator",
        "IntervalCheckOperator": "SQLIntervalCheckOperator",
        "ThresholdCheckOperator": "SQLThresholdCheckOperator",
        "ValueCheckOperator": "SQLValueCheckOperator",
    },
    "airflow.operators.presto_check_operator": {
        "PrestoCheckOperator": "SQLCheckOperator",
        "PrestoIntervalCheckOperator": "SQLIntervalCheckOperator",
        "PrestoValueCheckOperator": "SQLValueCheckOperator",
    },
    "airflow.operators.slack_operator": {"SlackAPIPostOperator": "SlackWebhookOperator"},
    "airflow.operators.sql_branch_operator": {"BranchSqlOperator": "BranchSQLOperator"},
}


def _parents(name: str) -> list[str]:
    """Return the packages that a module lies in, but `airflow` and those that exist."""
    parts = name.split(".")
    return [
        ".".join(parts[:count])
        for count in range(2, len(parts))
        if parts[:count] != ["airflow", "providers"]
    ]


# Packages of which nothing is left but these names.
PACKAGES = frozenset(
    parent
    for name in (*STANDARD, *MODULES)
    if name.startswith(("airflow.providers.", "airflow.contrib.", "airflow.kubernetes."))
    for parent in _parents(name)
)
