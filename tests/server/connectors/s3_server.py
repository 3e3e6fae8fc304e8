"""
moto's S3 server, with a bucket.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager

import boto3
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

BUCKET = "photos-of-ada"
KEY = re.compile(rb"<Key>[^<]*</Key>")
ACCESS_KEY, SECRET_KEY = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/bPxRfiCYEXAMPLEKEY"


class Bucket:
    """
    `requests` has the paths and queries of the connector's GET requests.
    """

    def __init__(self, url):
        self.url = url
        self.requests = []
        self.client = boto3.client(
            "s3",
            endpoint_url=url,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}),
        )
        self.client.create_bucket(Bucket=BUCKET)

    def put(self, key, content):
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content)

    def delete(self, key):
        self.client.delete_object(Bucket=BUCKET, Key=key)

    def create_keys(self):
        """
        Create a user whose keys may only read.
        """
        iam = boto3.client(
            "iam",
            endpoint_url=self.url,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name="us-east-1",
        )
        iam.create_user(UserName="reader")
        statement = {"Effect": "Allow", "Action": ["s3:List*", "s3:Get*"], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
        key = iam.create_access_key(UserName="reader")["AccessKey"]
        return {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}

    def count_requests(self, part):
        return sum(part in path for path in self.requests)


class Handler(WSGIRequestHandler):
    def log(self, *args):
        pass


def encode_spaces(listing):
    """
    Encode the spaces in keys as Amazon and MinIO do; moto encodes them as %20.
    """
    return KEY.sub(lambda match: match[0].replace(b"%20", b"+"), listing)


@contextmanager
def serve_bucket():
    application = DomainDispatcherApplication(create_backend_app)
    bucket = None

    def record(environ, start_response):
        if bucket and environ["REQUEST_METHOD"] == "GET":
            bucket.requests.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        if "encoding-type=url" not in environ["QUERY_STRING"]:
            return application(environ, start_response)
        response = Response.from_app(application, environ)
        response.data = encode_spaces(response.data)
        return response(environ, start_response)

    server = make_server("127.0.0.1", 0, record, threaded=True, request_handler=Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        bucket = Bucket(f"http://127.0.0.1:{server.server_port}")
        yield bucket
    finally:
        if bucket:
            for key in list_keys(bucket.client):
                bucket.delete(key)
            bucket.client.delete_bucket(Bucket=BUCKET)
        server.shutdown()
        server.server_close()


def list_keys(client):
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return [found["Key"] for page in pages for found in page.get("Contents", ())]
