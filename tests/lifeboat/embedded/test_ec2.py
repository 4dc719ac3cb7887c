"""EC2: what moto does not do."""

from __future__ import annotations

from tests.lifeboat.embedded.aws import Aws, Check, promises


def vpc(aws: Aws, cidr: str = "10.60.0.0/16", region: str = "us-east-1") -> str:
    return str(aws("ec2", region).create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"])


def check_rule_description(aws: Aws) -> None:
    ec2, network = aws("ec2"), vpc(aws)
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=network)["GroupId"]
        for name in ("caller", "called")
    ]
    lists = ec2.describe_managed_prefix_lists()["PrefixLists"]
    peers: list[dict[str, object]] = [
        {"UserIdGroupPairs": [{"GroupId": groups[0], "Description": "from the caller"}]},
        {"PrefixListIds": [{"PrefixListId": lists[0]["PrefixListId"], "Description": "from a list"}]},
        {"IpRanges": [{"CidrIp": "10.60.0.0/16", "Description": "from inside"}]},
    ]
    for port, peer in enumerate(peers, start=443):
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port} | peer
        ec2.authorize_security_group_ingress(GroupId=groups[1], IpPermissions=[permission])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [groups[1]]}])
    seen = {rule["FromPort"]: rule.get("Description") for rule in rules["SecurityGroupRules"] if not rule["IsEgress"]}
    assert seen == {443: "from the caller", 444: "from a list", 445: "from inside"}


def flow_log(aws: Aws, *, folder: str = "", **options: object) -> dict[str, object]:
    """Keep the flow logs of a VPC in a bucket, and return what is told of them."""
    ec2, bucket = aws("ec2"), aws.name("flow")
    aws("s3").create_bucket(Bucket=bucket)
    created = ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc(aws)],
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=f"arn:aws:s3:::{bucket}{folder}",
        **options,
    )
    (seen,) = ec2.describe_flow_logs(FlowLogIds=created["FlowLogIds"])["FlowLogs"]
    return dict(seen)


def check_flow_log_options(aws: Aws) -> None:
    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": False}
    assert flow_log(aws, DestinationOptions=options)["DestinationOptions"] == options


def check_flow_log_folder(aws: Aws) -> None:
    assert str(flow_log(aws, folder="/vpc/")["LogDestination"]).endswith("/vpc/")


def check_peering_tags(aws: Aws) -> None:
    near, far = aws("ec2"), aws("ec2", "us-west-2")
    connection = near.create_vpc_peering_connection(
        VpcId=vpc(aws), PeerVpcId=vpc(aws, "10.61.0.0/16", "us-west-2"), PeerRegion="us-west-2"
    )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    far.accept_vpc_peering_connection(VpcPeeringConnectionId=connection)
    seen = []
    for client, side in ((near, "requester"), (far, "accepter")):
        client.create_tags(Resources=[connection], Tags=[{"Key": "Side", "Value": side}])
    for client in (near, far):
        found = client.describe_vpc_peering_connections(VpcPeeringConnectionIds=[connection])
        seen.append(found["VpcPeeringConnections"][0]["Tags"])
    assert seen == [[{"Key": "Side", "Value": "requester"}], [{"Key": "Side", "Value": "accepter"}]]


def check_vpc_acl(aws: Aws) -> None:
    ec2, made = aws("ec2"), vpc(aws)
    ec2.delete_vpc(VpcId=made)
    mine = [{"Name": "vpc-id", "Values": [made]}]
    assert ec2.describe_network_acls(Filters=mine)["NetworkAcls"] == []


def check_nat_interface(aws: Aws) -> None:
    ec2 = aws("ec2")
    subnet = ec2.create_subnet(VpcId=vpc(aws), CidrBlock="10.60.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    mine = [{"Name": "subnet-id", "Values": [subnet]}]
    assert ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"] == []


CHECKS: dict[str, Check] = {
    "ec2.rule_description": check_rule_description,
    "ec2.flow_log_options": check_flow_log_options,
    "ec2.flow_log_folder": check_flow_log_folder,
    "ec2.peering_tags": check_peering_tags,
    "ec2.vpc_acl": check_vpc_acl,
    "ec2.nat_interface": check_nat_interface,
}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
