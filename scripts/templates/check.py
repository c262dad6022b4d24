"""Checks the templates in deploy/azure as far as that goes without Azure and without a Bicep compiler.

1. Each template against resources.schema.json beside this file: the resources that we use, and their properties.
2. What only holds within a template: that parameters and variables are declared and used, that what is depended on is there,
   that no variable asks for the state of a resource, which Azure refuses.
3. Each .bicep, read by pycep (a parser that is not ours), against the template beside it: the same parameters, resources,
   properties, literal values and outputs.

    python3 scripts/templates/check.py deploy/azure

Needs jsonschema and pycep-parser. Ends with 1 and a line for each fault.
"""

import json
import re
import sys
from pathlib import Path

import jsonschema
from pycep import BicepParser

SCHEMA = Path(__file__).with_name("resources.schema.json")
# What a parameter may be, in ARM and in Bicep.
DECORATORS = {
    "allowedValues": "allowed",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minValue": "min_value",
    "maxValue": "max_value",
}
# What a template says of a resource outside of what Bicep has as its body.
AROUND = {"comments", "condition", "type", "apiVersion", "dependsOn"}


def texts(value):
    """Every text in a value, keys of objects as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from texts(one)


def is_expression(value):
    return isinstance(value, str) and value.startswith("[") and not value.startswith("[[")


def of_schema(template):
    for error in jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(template):
        # Of the kinds of resources, the one that is meant tells what is wrong.
        best = jsonschema.exceptions.best_match([error], key=jsonschema.exceptions.by_relevance())
        yield f"{'/'.join(map(str, best.absolute_path))}: {best.message[:300]}"


def of_names(template):
    whole = [text for text in texts(template) if is_expression(text)]
    for kind in ("parameters", "variables"):
        used = {name for text in whole for name in re.findall(kind + r"\('(\w+)'\)", text)}
        declared = set(template[kind])
        yield from (f"{kind}('{name}') is not declared" for name in sorted(used - declared))
        yield from (f"{kind}/{name} is not used" for name in sorted(declared - used))
    both = set(template["parameters"]) & set(template["variables"])
    yield from (f"{name} is a parameter and a variable, which Bicep does not tell apart" for name in sorted(both))
    for text in texts(template["variables"]):
        if is_expression(text) and re.search(r"\b(reference|listKeys)\(", text):
            yield f"a variable cannot ask for a resource: {text}"
    for text in whole:
        if text.count("(") != text.count(")"):
            yield f"parentheses do not match: {text}"


def of_dependencies(template):
    types = {resource["type"] for resource in template["resources"]}
    for resource in template["resources"]:
        for needed in resource.get("dependsOn", []):
            named = re.findall(r"'(Microsoft\.[\w./]+)'", needed)
            if not types & set(named):
                yield f"{resource['type']} depends on what is not in the template: {needed}"


def literal_difference(here, there, path):
    """What differs where both are literal: keys, numbers, texts without expressions."""
    if is_expression(here):
        return
    if isinstance(here, dict) and isinstance(there, dict):
        plain = {key.strip("'"): value for key, value in there.items()}
        keys = {key for key in here if not is_expression(key)}
        others = {key for key in plain if "${" not in key}
        if keys != others:
            yield f"{path}: {sorted(keys ^ others)} on one side only"
        for key in keys & others:
            yield from literal_difference(here[key], plain[key], f"{path}/{key}")
    elif isinstance(here, list) and isinstance(there, list):
        if len(here) != len(there):
            yield f"{path}: {len(here)} and {len(there)} values"
        for index, (one, other) in enumerate(zip(here, there)):
            yield from literal_difference(one, other, f"{path}/{index}")
    elif isinstance(here, str) and isinstance(there, str):
        if here != there.replace("\\'", "'").replace("\\\\", "\\"):
            yield f"{path}: {here!r} and {there!r}"
    elif here != there:
        yield f"{path}: {here!r} and {there!r}"


def of_bicep(template, text):
    try:
        bicep = BicepParser().parse(text=text)
    except Exception as error:  # The parser's own kinds of errors are many; none of them may pass.
        yield f"Bicep cannot be read: {error}"
        return
    for arm, name in (("parameters", "parameters"), ("variables", "variables"), ("outputs", "outputs")):
        if set(template[arm]) != set(bicep.get(name, {})):
            yield f"Bicep has other {name}: {sorted(set(template[arm]) ^ set(bicep.get(name, {})))}"
    for name, value in template["variables"].items():
        yield from literal_difference(value, bicep["variables"][name]["value"], f"variables/{name}")
    for name, value in template["parameters"].items():
        there = bicep["parameters"].get(name, {})
        if value["type"].replace("secure", "") != there.get("type"):
            yield f"parameters/{name}: {value['type']} and {there.get('type')}"
        if ("defaultValue" in value) != ("default" in there and there["default"] is not None):
            yield f"parameters/{name}: a default on one side only"
        said = {one["type"]: one["argument"] for one in there.get("decorators", []) if "argument" in one}
        for key, decorator in DECORATORS.items():
            if value.get(key) != said.get(decorator):
                yield f"parameters/{name}: {key} is {value.get(key)}, and {said.get(decorator)}"
        default = value.get("defaultValue")
        if isinstance(default, (bool, int)) and default != there["default"] and not isinstance(there["default"], dict):
            yield f"parameters/{name}: the default is {default}, and {there['default']}"
    made = [one for one in bicep.get("resources", {}).values() if not one.get("existing")]
    if len(made) != len(template["resources"]):
        yield f"{len(template['resources'])} and {len(made)} resources"
    for here, there in zip(template["resources"], made):
        path = here["type"]
        if (here["type"], here["apiVersion"]) != (there["type"], there["api_version"]):
            yield f"{path}@{here['apiVersion']} and {there['type']}@{there['api_version']}"
        body = there["config"]
        if ("condition" in here) != ("condition" in body):
            yield f"{path}: a condition on one side only"
        body = body["config"] if "condition" in body else body
        wanted = {key: value for key, value in here.items() if key not in AROUND}
        found = {key: value for key, value in body.items() if key != "dependsOn"}
        yield from literal_difference(wanted, found, path)


def main(folder):
    faults, checked = [], 0
    for path in sorted(Path(folder).glob("*.json")):
        template = json.loads(path.read_text())
        found = [*of_schema(template), *of_names(template), *of_dependencies(template)]
        found += of_bicep(template, path.with_suffix(".bicep").read_text())
        faults += [f"{path.name}: {fault}" for fault in found]
        checked += 1
    for fault in faults:
        print(fault)
    print(f"{checked} templates and their Bicep: {len(faults)} faults")
    return 1 if faults or not checked else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
