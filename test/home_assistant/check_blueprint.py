"""Checks deploy/home-assistant/blueprint.yaml and an automation with Home Assistant's own schemas.

Arguments: the blueprint, and a file with an automation. Output: {"version": of Home Assistant, "inputs": of the blueprint,
"notified": times of the day at which the blueprint sends a message, "about": what both say of a face while the entity shows
that of another visitor already, "automations": whether both automations were checked
too; before 2024.10 their keys have other names}.
"""

import ast
import datetime
import inspect
import json
import sys

import stand_ins  # noqa: F401
import jinja2
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.const import __version__ as version
from homeassistant.helpers import config_validation as cv
from homeassistant.util import yaml

INPUTS = {
    "face": "image.haarlem_board1_front_last_face",
    "notify_service": "notify.mobile_app_phone",
    "title": "Somebody is at the door",
    "quiet_from": "22:00:00",
    "quiet_to": "07:00:00",
}


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.parse_yaml(file.read())


def check_automation(automation):
    cv.TRIGGER_SCHEMA(automation["triggers"])
    cv.CONDITIONS_SCHEMA(automation["conditions"])
    cv.SCRIPT_SCHEMA(automation["actions"])


def is_notified(automation, hour):
    template = automation["conditions"][0]["value_template"]
    time = datetime.datetime(2026, 11, 26, hour, 30)
    shown = {"now": lambda: time, "quiet_from": INPUTS["quiet_from"], "quiet_to": INPUTS["quiet_to"]}
    return jinja2.Environment().from_string(template).render(shown).strip() == "True"


def attributes(number, why):
    visit = {"number": number, "why": why, "began": f"2026-11-26T00:00:0{number}.000Z"}
    return {"camera": "front", "captured": f"2026-11-26T00:01:0{number}.000Z", "visit": visit}


def what_is_said(automation, names):
    """The results of all templates with these names: for a first face, while the entity shows the best one of visit 2."""
    environment = jinja2.Environment()
    environment.filters["as_datetime"] = datetime.datetime.fromisoformat
    environment.filters["as_local"] = lambda time: time
    entity = INPUTS["face"]
    shown = {
        "trigger": {"to_state": {"attributes": attributes(1, "first")}},
        "states": {entity: {"attributes": attributes(2, "best")}},
        "state_attr": lambda _, name: attributes(2, "best")[name],
        "face": entity,
    }
    for name, text in automation.get("variables", {}).items():
        if "trigger" in str(text):
            value = environment.from_string(text).render(shown)
            shown[name] = ast.literal_eval(value) if value.startswith("{") else value
    data = automation["actions"][0]["data"]
    templates = {
        "condition": automation["conditions"][0]["value_template"],
        "message": data["message"],
        "tag": data["data"].get("tag", ""),
    }
    return {name: environment.from_string(templates[name]).render(shown) for name in names}


schema = {"schema": BLUEPRINT_SCHEMA} if "schema" in inspect.signature(Blueprint).parameters else {}
blueprint = Blueprint(load(sys.argv[1]), expected_domain="automation", **schema)
automation = yaml.substitute(blueprint.data, INPUTS)
has_new_keys = tuple(map(int, version.split(".")[:2])) >= (2024, 10)
if has_new_keys:
    check_automation(automation)
    check_automation(load(sys.argv[2]))
json.dump(
    {
        "version": version,
        "inputs": sorted(blueprint.inputs),
        "notified": [hour for hour in range(24) if is_notified(automation, hour)],
        "about": [
            what_is_said(load(sys.argv[2]), ["condition", "message"]),
            what_is_said(automation, ["message", "tag"]),
        ],
        "automations": has_new_keys,
    },
    sys.stdout,
)
