"""Cloud: stores every face of the cloud broker in a bucket, under the time of its arrival.

The name is as fine as one second: a later face of the same second replaces an earlier one.
"""
import os
import time

import boto3

from settings import CLOUD_PORT, connect

BUCKET = os.environ.get("BUCKET", "faces")
s3 = boto3.client("s3", endpoint_url=os.environ.get("S3_ENDPOINT"))


def store(png):
    key = time.strftime("HW3/%m-%d-%Y-%H-%M-%S_image.png")
    s3.put_object(Bucket=BUCKET, Key=key, Body=png, ContentType="image/png")
    print(f"stored {key} {len(png)} bytes", flush=True)


connect(CLOUD_PORT, store).loop_forever()
