"""What resource types mean for data and for recovery: which keep data, and which keep copies in step."""

from __future__ import annotations

DATA = {
    "aws_backup_vault": "recovery points",
    "aws_cloudwatch_log_group": "logs",
    "aws_db_instance": "a database",
    "aws_db_snapshot": "a snapshot",
    "aws_db_cluster_snapshot": "a snapshot",
    "aws_docdb_cluster": "a database",
    "aws_docdb_global_cluster": "a database in several regions",
    "aws_dynamodb_table": "a table",
    "aws_ebs_snapshot": "a snapshot",
    "aws_ebs_volume": "a volume",
    "aws_ecr_repository": "images",
    "aws_efs_file_system": "files",
    "aws_elasticache_cluster": "a cache",
    "aws_elasticache_replication_group": "a cache",
    "aws_elasticache_serverless_cache": "a cache",
    "aws_fsx_lustre_file_system": "files",
    "aws_fsx_ontap_file_system": "files",
    "aws_fsx_openzfs_file_system": "files",
    "aws_fsx_windows_file_system": "files",
    "aws_keyspaces_table": "a table",
    "aws_kinesis_stream": "records not read yet",
    "aws_kms_external_key": "a key, without which what it encrypted is lost",
    "aws_kms_key": "a key, without which what it encrypted is lost",
    "aws_kms_replica_key": "a key, without which what it encrypted is lost",
    "aws_memorydb_cluster": "a database",
    "aws_msk_cluster": "messages",
    "aws_neptune_cluster": "a database",
    "aws_neptune_global_cluster": "a database in several regions",
    "aws_opensearch_domain": "an index",
    "aws_qldb_ledger": "a ledger",
    "aws_rds_cluster": "a database",
    "aws_rds_global_cluster": "a database in several regions",
    "aws_redshift_cluster": "a warehouse",
    "aws_route53_zone": "a zone, whose name servers change",
    "aws_s3_bucket": "objects",
    "aws_s3_directory_bucket": "objects",
    "aws_secretsmanager_secret": "a secret",
    "aws_sqs_queue": "messages not read yet",
    "aws_timestreamwrite_table": "a table",
    "aws_cognito_user_pool": "users",
}
"""Type, and what is lost with a resource of it."""

COPIES = {
    "aws_db_instance_automated_backups_replication": "copies of automated backups",
    "aws_dynamodb_table_replica": "a replica of a global table",
    "aws_docdb_global_cluster": "a global database",
    "aws_dynamodb_global_table": "a global table",
    "aws_ecr_replication_configuration": "the replication of images",
    "aws_efs_replication_configuration": "the replication of files",
    "aws_elasticache_global_replication_group": "a global datastore",
    "aws_kms_replica_external_key": "a replica of a key",
    "aws_kms_replica_key": "a replica of a key",
    "aws_neptune_global_cluster": "a global database",
    "aws_rds_global_cluster": "a global database",
    "aws_s3_bucket_replication_configuration": "the replication of objects",
    "aws_s3control_multi_region_access_point": "one name for the buckets of several regions",
}
"""Type, and what ends with a resource of it: what keeps a standby in step."""

GLOBAL_MEMBERSHIP = {
    "aws_docdb_cluster": "global_cluster_identifier",
    "aws_elasticache_replication_group": "global_replication_group_id",
    "aws_neptune_cluster": "global_cluster_identifier",
    "aws_rds_cluster": "global_cluster_identifier",
}
"""Type, and the argument by which it is a member of a global database."""

FOLLOWS = {
    "aws_db_instance": "replicate_source_db",
    "aws_docdb_cluster": "replication_source_identifier",
    "aws_neptune_cluster": "replication_source_identifier",
    "aws_rds_cluster": "replication_source_identifier",
}
"""Type, and the argument that names what it replicates from; without it, it is promoted and follows no more."""

REPLICA_BLOCKS = {
    "aws_dynamodb_table": ("replica", "region_name"),
    "aws_ecr_replication_configuration": ("replication_configuration", ""),
    "aws_efs_replication_configuration": ("destination", "region"),
    "aws_s3_bucket_replication_configuration": ("rule", "id"),
    "aws_secretsmanager_secret": ("replica", "region"),
}
"""Type, the blocks that each stand for a copy, and what tells them apart (empty: all of it)."""

COPY_ACTIONS = {"aws_backup_plan": ("rule", "copy_action")}
"""Type, and where copies are asked for inside of blocks."""

EVERYWHERE = ("aws_route53_", "aws_iam_", "aws_cloudfront_", "aws_globalaccelerator_", "aws_rds_global_cluster")
"""Types that belong to no region: a change of them touches no region in particular."""

INSIDE = {
    "aws_docdb_cluster_instance": "aws_docdb_cluster",
    "aws_neptune_cluster_instance": "aws_neptune_cluster",
    "aws_rds_cluster_instance": "aws_rds_cluster",
    "aws_efs_mount_target": "aws_efs_file_system",
}
"""What serves what is stored: without the last one of a region nothing there can be promoted at once."""
