#!/usr/bin/env python3
"""Writes each new face of detectors with `--discovery homeassistant` into a folder (docs/HOME-ASSISTANT.md).

    python3 last_face.py --broker mqtt://USER:PASSWORD@HOST:1883 --out faces

Needs paho-mqtt 2. Prints a line of JSON for each file. Faces that were taken while this program or the broker was away do
not come: they are in the store.
"""

import argparse
import hashlib
import json
import os
import re
import sys
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt

FACES = "haarlem/+/+/face"
FACTS = "haarlem/+/+/face/attributes"
MAX_FACE_BYTES = 16 * 2**20
# Cameras whose facts wait for their picture; beyond it the oldest are forgotten.
MAX_CAMERAS = 1000


class Faces:
    """Joins pictures to the facts that come before them, by the SHA-256 of the picture."""

    def __init__(self, folder):
        self.folder = folder
        self.facts = {}

    def take(self, topic, payload):
        """Returns the facts of a written face with its file; None for a message that is none."""
        camera = topic.removesuffix("/attributes").removesuffix("/face")
        if topic.endswith("/attributes"):
            self.facts.pop(camera, None)
            self.facts[camera] = json.loads(payload)
            if len(self.facts) > MAX_CAMERAS:
                self.facts.pop(next(iter(self.facts)))
            return None
        identity = hashlib.sha256(payload).hexdigest()
        facts = self.facts.pop(camera, {})
        if len(payload) > MAX_FACE_BYTES or not payload.startswith(b"\x89PNG") or facts.get("id") != identity:
            return None
        path = os.path.join(self.folder, self.name(facts, identity))
        with open(path + ".tmp", "wb") as file:
            file.write(payload)
        os.replace(path + ".tmp", path)
        return {**facts, "file": path}

    @staticmethod
    def name(facts, identity):
        """A file name, whatever the message holds: any client of the broker may have sent it."""
        parts = (str(facts.get("captured", "")), str(facts.get("camera", "")), identity[:12])
        return "_".join(re.sub(r"[^\w-]", "-", part)[:64] for part in parts) + ".png"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--broker", default="mqtt://127.0.0.1:1883", help="mqtt:// or mqtts://[USER:PASSWORD@]HOST[:PORT]")
    parser.add_argument("--out", default="faces", help="folder for the faces")
    parser.add_argument("--count", type=int, default=0, help="exit after this many faces; 0: never")
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    faces = Faces(arguments.out)
    written = 0

    def on_connect(client, userdata, flags, reason, properties):
        if reason.is_failure:
            sys.exit(f"cannot connect to the broker: {reason}")
        client.subscribe([(FACTS, 1), (FACES, 1)])

    def on_subscribe(client, userdata, message_id, reasons, properties):
        # Faces that are sent before this are not received.
        print("connected", file=sys.stderr, flush=True)

    def on_message(client, userdata, message):
        nonlocal written
        try:
            # A retained message is not new.
            face = None if message.retain else faces.take(message.topic, message.payload)
        except (ValueError, AttributeError, TypeError):
            return  # It is not from a detector.
        if face is None:
            return
        print(json.dumps(face), flush=True)
        written += 1
        if written == arguments.count:
            client.disconnect()

    url = urlsplit(arguments.broker)
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    if url.username is not None:
        client.username_pw_set(unquote(url.username), unquote(url.password or ""))
    if url.scheme == "mqtts":
        client.tls_set()
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    client.connect(url.hostname, url.port or (8883 if url.scheme == "mqtts" else 1883))
    client.loop_forever()


if __name__ == "__main__":
    main()
