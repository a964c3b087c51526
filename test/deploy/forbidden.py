"""Tries what a saver must not do and prints what was said to each try ({name: error code, or null where it worked})."""
import json
import sys

import boto3
from botocore.exceptions import ClientError

bucket, key = sys.argv[1:]
s3, ec2, iam = boto3.client("s3"), boto3.client("ec2"), boto3.client("iam")
TRIES = {
    "delete a face": lambda: s3.delete_object(Bucket=bucket, Key=key),
    "make a face public": lambda: s3.put_object_acl(Bucket=bucket, Key=key, ACL="public-read"),
    "list buckets": lambda: s3.list_buckets(),
    "make a bucket": lambda: s3.create_bucket(
        Bucket="more", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}),
    "delete the bucket": lambda: s3.delete_bucket(Bucket=bucket),
    "change the bucket's policy": lambda: s3.delete_bucket_policy(Bucket=bucket),
    "look at instances": lambda: ec2.describe_instances(),
    "look at users": lambda: iam.list_users(),
}


def said(attempt):
    try:
        attempt()
    except ClientError as error:
        return error.response["Error"]["Code"]


print(json.dumps({name: said(attempt) for name, attempt in TRIES.items()}))
