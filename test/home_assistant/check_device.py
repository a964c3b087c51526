"""Checks a device message with the MQTT schemas of Home Assistant itself; reads it on stdin, with a state.

Input: {"message": the device message, "state": a state message of the detector}. Output: {"version": of Home Assistant,
"device": what is wrong with the message as a whole, null where this version knows no device messages, "components":
{"<id>": {"error": text or null, "unknown": keys that the schema does not have, "shows": the rendered value template}}}.
"""

import importlib
import json
import sys

import stand_ins  # noqa: F401
import jinja2
from homeassistant.const import __version__ as version

# What Home Assistant takes from the root of a device message for each entity (components/mqtt/schemas.py, SHARED_OPTIONS).
SHARED = ["availability", "availability_mode", "qos", "encoding"]

try:
    from homeassistant.components.mqtt import schemas
except ImportError:
    schemas = None  # Before 2024.10, when there were no device messages.


def check(component, message, state):
    shared = {key: message[key] for key in SHARED if key in message}
    given = {**shared, **component, "device": message["device"], "origin": message["origin"]}
    platform = importlib.import_module(f"homeassistant.components.mqtt.{given.pop('platform')}")
    template = component.get("value_template")
    shows = jinja2.Environment().from_string(template).render(value_json=state) if template else None
    try:
        taken = platform.DISCOVERY_SCHEMA(given)
    except Exception as error:
        return {"error": str(error), "unknown": [], "shows": shows}
    return {"error": None, "unknown": sorted(set(given) - set(map(str, taken))), "shows": shows}


def check_device(message):
    schema = getattr(schemas, "DEVICE_DISCOVERY_SCHEMA", None)
    if schema is None:
        return None
    try:
        schema(json.loads(json.dumps(message)))
        return ""
    except Exception as error:
        return str(error)


request = json.load(sys.stdin)
message = request["message"]
components = {
    key: check(component, message, request["state"]) for key, component in message["components"].items()
}
json.dump({"version": version, "device": check_device(message), "components": components}, sys.stdout)
