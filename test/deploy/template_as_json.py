"""Prints a CloudFormation template as JSON, with the short forms of functions written out."""
import json
import sys

from cfnlint.decode import cfn_yaml

print(json.dumps(cfn_yaml.load(sys.argv[1])))
