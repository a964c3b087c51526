"""Checks a device message with the MQTT schemas of Home Assistant itself; reads it on stdin, with a state and an attribute.

Input: {"message": the device message, "state": a state message of the detector}. Output: {"version": of Home Assistant,
"device": what is wrong with the message as a whole, null where this version knows no device messages, "components":
{"<id>": {"error": text or null, "unknown": keys that the schema does not have, "shows": the rendered value template}}}.
"""

import importlib
import importlib.abc
import importlib.machinery
import json
import sys
from unittest.mock import MagicMock

# What Home Assistant takes from the root of a device message for each entity (components/mqtt/schemas.py, SHARED_OPTIONS).
SHARED = ["availability", "availability_mode", "qos", "encoding"]


class StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for packages that Home Assistant imports and that its schemas do not use. Never for its own modules."""

    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in ("homeassistant", "voluptuous"):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__ = []
        module.__spec__ = spec
        return module

    def exec_module(self, module):
        pass


sys.meta_path.append(StandIn())

try:
    from homeassistant.components.mqtt import schemas
except ImportError:
    schemas = None  # Before 2024.10, when there were no device messages.
from homeassistant.const import __version__ as version  # noqa: E402
from homeassistant.helpers import frame  # noqa: E402
import jinja2  # noqa: E402


# A template is checked without a running Home Assistant, which this would report there.
frame.report_usage = lambda *args, **more: None


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
