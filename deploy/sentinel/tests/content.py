"""The Sentinel content as data: rules, functions, the workbook's queries, and the tables that they are about."""

import glob
import json
import os
import re

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../../..")


def read(pattern):
    """The YAML files of a folder by their file's name."""
    found = {}
    for path in sorted(glob.glob(os.path.join(HERE, "..", pattern))):
        with open(path, encoding="utf-8") as file:
            found[os.path.basename(path).removesuffix(".yaml")] = yaml.safe_load(file)
    assert found, f"nothing is in {pattern}"
    return found


def rules():
    """The analytic rules."""
    return read("Analytic Rules/*.yaml")


def functions():
    """The functions by name, as queries."""
    return {name: parsed["FunctionQuery"] for name, parsed in read("Parsers/*.yaml").items()}


def transformations():
    """What a data collection rule makes of a stream on the way to an ASIM table, by file."""
    found = {}
    for path in sorted(glob.glob(os.path.join(HERE, "../asim/*.kql"))):
        with open(path, encoding="utf-8") as file:
            found[os.path.basename(path)] = file.read()
    return found


def asim():
    """Columns of the ASIM tables that we fill, with their types, by transformation; and those that must be there."""
    with open(os.path.join(HERE, "../asim/columns.json"), encoding="utf-8") as file:
        parsed = json.load(file)
    of = {name: parsed["common"] | own for name, own in parsed.items() if name.endswith(".kql")}
    return of, parsed["mandatory"]


def workbook():
    """The workbook's queries by title."""
    with open(os.path.join(HERE, "../Workbooks/ShareTrail.json"), encoding="utf-8") as file:
        parsed = json.load(file)
    found = {}

    def walk(items):
        for item in items:
            content = item.get("content", {})
            if "query" in content:
                found[content["title"]] = content["query"]
            walk(content.get("items", []))

    walk(parsed["items"])
    assert found, "the workbook asks nothing"
    return found


def tables():
    """Columns of the tables with their types, out of the reference that is written from the row types."""
    with open(os.path.join(ROOT, "docs/reference/columns.md"), encoding="utf-8") as file:
        sections = file.read().split("\n## ")
    found = {}
    for section in sections:
        title, _, body = section.partition("\n")
        table = re.search(r"`(ShareTrail\w+_CL)`", title)
        table = table or re.search(r"Table `(ShareTrail\w+_CL)`", title)
        if table:
            rows = re.findall(r"^\| `(\w+)` \| [^|]* \| (\w+) \|", body, re.MULTILINE)
            found[table.group(1)] = dict(rows)
    assert set(found) == {f"ShareTrail{name}_CL" for name in ("Access", "Share", "Gap", "Activity")}, found.keys()
    return found


if __name__ == "__main__":
    print(json.dumps({
        "tables": tables(),
        "rules": rules(),
        "asim": asim()[0],
        "asim_mandatory": asim()[1],
        "functions": functions(),
        "queries": {name: rule["query"] for name, rule in rules().items()},
        "workbook": workbook(),
        "transformations": transformations(),
    }))
