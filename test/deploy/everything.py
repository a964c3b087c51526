"""Prints what there is on moto as JSON: one start of Python instead of dozens of the AWS CLI."""
import json

import boto3
from botocore.exceptions import ClientError

ec2, iam, s3 = boto3.client("ec2"), boto3.client("iam"), boto3.client("s3")


def if_any(answer, name, **what):
    try:
        return answer(**what)[name]
    except ClientError:
        return None


def rules(groups):
    for group in groups:
        for rule in group["IpPermissions"]:
            ports = "-".join(str(port) for port in sorted({rule["FromPort"], rule["ToPort"]}))
            for network in rule["IpRanges"]:
                yield "%s %s %s" % (rule["IpProtocol"], ports, network["CidrIp"])


def instances():
    alive = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    for reservation in ec2.describe_instances(Filters=alive)["Reservations"]:
        for instance in reservation["Instances"]:
            yield {
                "id": instance["InstanceId"],
                "state": instance["State"]["Name"],
                "type": instance["InstanceType"],
                "image": instance["ImageId"],
                "key": instance["KeyName"],
                "profile": instance["IamInstanceProfile"]["Arn"].split("/")[-1],
                "groups": [group["GroupName"] for group in instance["SecurityGroups"]],
                "tokens": instance["MetadataOptions"]["HttpTokens"],
            }


def role(name):
    policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        "trust": iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"],
        "policies": {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in policies
        },
    }


def bucket(name):
    policy = if_any(s3.get_bucket_policy, "Policy", Bucket=name)
    return {
        "publicAccessBlock": if_any(s3.get_public_access_block, "PublicAccessBlockConfiguration", Bucket=name),
        "encryption": if_any(s3.get_bucket_encryption, "ServerSideEncryptionConfiguration", Bucket=name),
        "lifecycle": if_any(s3.get_bucket_lifecycle_configuration, "Rules", Bucket=name),
        "policy": policy and json.loads(policy),
        "faces": [face["Key"] for face in s3.list_objects_v2(Bucket=name).get("Contents", [])],
    }


groups = [group for group in ec2.describe_security_groups()["SecurityGroups"] if group["GroupName"] != "default"]
print(json.dumps({
    "keyPairs": [pair["KeyName"] for pair in ec2.describe_key_pairs()["KeyPairs"]],
    "groups": [group["GroupName"] for group in groups],
    "rules": sorted(rules(groups)),
    "instances": list(instances()),
    "roles": {each["RoleName"]: role(each["RoleName"]) for each in iam.list_roles()["Roles"]},
    "profiles": [profile["InstanceProfileName"] for profile in iam.list_instance_profiles()["InstanceProfiles"]],
    "buckets": {each["Name"]: bucket(each["Name"]) for each in s3.list_buckets()["Buckets"]},
}))
