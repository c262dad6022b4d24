"""The queries' results, by running them on DuckDB over rows that were delivered to an emulated workspace.

The same tenant is judged by the program's own rules and by the analytic rules, and both must find the same; the functions
must give what `sharetrail report` gives.
"""

import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../crates/emulator/tests/clients"))

import content  # noqa: E402
import duckdb_kql  # noqa: E402
from lab import lab  # noqa: E402

TYPES = {"string": "VARCHAR", "datetime": "TIMESTAMP", "long": "BIGINT", "boolean": "BOOLEAN", "dynamic": "JSON"}
# What is added to the configuration that the emulator writes: every table, and what the tenant calls classified.
TABLES = """
share_stream = "Custom-ShareTrailShare_CL"
activity_stream = "Custom-ShareTrailActivity_CL"
"""


def configure():
    """The emulator's configuration with all streams, its labels and its declared places."""
    path = os.path.join(lab().folder, "emulated.toml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    truth = lab().page("truth")
    lines = ["id,name,parent,order"] + [f'{it["id"]},"{it["name"]}",,{it["order"]}' for it in truth["labels"]]
    with open(os.path.join(lab().folder, "labels.csv"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    names = [it["name"] for it in truth["labels"] if it["classified"]]
    for line in TABLES.strip().splitlines():
        if line.split(" = ")[0] not in text:
            text = text.replace("[tenant.sink.logs_ingestion]\n", f"[tenant.sink.logs_ingestion]\n{line}\n", 1)
    if "[tenant.classification]" not in text:
        text += f'\n[tenant.classification]\nlabels_file = "labels.csv"\nclassified_labels = {json.dumps(names)}\n'
        for url in truth["declared"]:
            text += f'[[tenant.classification.declared]]\nurl = "{url}"\nlevel = "classified"\n'
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def runnable(query):
    """A query as DuckDB can run it: when a row arrived is known to the service alone, here it is when it was concluded,
    or now where rows do not say that."""
    for otherwise in ("TimeGenerated", "unixtime_milliseconds_todatetime(Revision)"):
        query = query.replace(f"coalesce(ingestion_time(), {otherwise})", "now()")
    return re.sub(r"coalesce\(ingestion_time\(\), (.+?)\)(?=$|,$)", r"\1", query, flags=re.MULTILINE)


class Results(unittest.TestCase):
    """One tenant for all tests, collected once."""

    @classmethod
    def setUpClass(cls):
        configure()
        ended = cls.sharetrail("collect")
        assert ended.returncode == 0, ended.stderr
        cls.workspace = duckdb_kql.connect()
        for table, columns in content.tables().items():
            cls.load(table, columns, lab().page(f"rows/{table}"))

    @classmethod
    def load(cls, table, columns, rows):
        """Makes a table of delivered rows; what a row leaves out is null."""
        shape = ", ".join(f'"{column}" {TYPES[kind]}' for column, kind in columns.items())
        cls.workspace.sql(f"CREATE TABLE {table} ({shape})")

        def cell(row, column, kind):
            value = row.get(column)
            if value is None:
                return "" if kind == "string" else None
            if kind == "datetime":
                return value.removesuffix("Z")
            return json.dumps(value) if kind == "dynamic" else value

        cells = [[cell(row, column, kind) for column, kind in columns.items()] for row in rows]
        if cells:
            cls.workspace.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", cells)

    @staticmethod
    def sharetrail(*words):
        return lab().run("--config", "emulated.toml", *words)

    def report(self, kind):
        ended = self.sharetrail("report", kind, "--format", "json")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return json.loads(ended.stdout)

    def asked(self, query):
        """The rows that answer, each as a dictionary."""
        answer = duckdb_kql.query(self.workspace, runnable(query))
        return [dict(zip(answer.columns, row)) for row in answer.fetchall()]

    def rule(self, name):
        return self.asked(content.rules()[name]["query"])

    def found(self, rule):
        """What the program's own rule found."""
        findings = [it for it in self.report("findings") if it["rule"] == rule and not it["withdrawn"]]
        if rule != "feed_behind":
            self.assertTrue(findings, f"{rule} finds nothing, which shows nothing")
        return findings

    def test_rules_about_accesses_find_what_the_program_finds(self):
        for name, rule in [
            ("ClassifiedAccess", "classified_access"),
            ("AccessAfterEnd", "access_after_end"),
            ("UnexplainedNewDomain", "unexplained_new_domain"),
        ]:
            with self.subTest(name):
                ids = [row["AccessId"] for row in self.rule(name)]
                self.assertEqual(sorted(ids), sorted(it["access_id"] for it in self.found(rule)))

    def test_rules_about_shares_find_what_the_program_finds(self):
        for name, rule in [("AnyoneLinkClassified", "anyone_link_classified"), ("GuestSiteAdmin", "guest_site_admin")]:
            with self.subTest(name):
                ids = [row["ShareId"] for row in self.rule(name)]
                self.assertEqual(sorted(ids), sorted(it["share_id"] for it in self.found(rule)))

    def test_a_mass_take_is_found_with_its_number_of_items(self):
        rows = [(row["Person"], row["Items"]) for row in self.rule("MassTake")]
        self.assertEqual(sorted(rows), sorted((it["person"], it["count"]) for it in self.found("mass_take")))

    def test_a_weaker_policy_is_found_and_neither_a_stronger_one_nor_the_service_at_work(self):
        ids = [row["ActivityId"] for row in self.rule("SharingPolicyWeakened")]
        found = self.found("sharing_policy_weakened")
        self.assertEqual(sorted(ids), sorted(it["evidence_ids"][0] for it in found))
        alarms = [it["record"] for it in lab().page("truth")["alarms"] if it["rule"] == "sharing_policy_weakened"]
        self.assertEqual(sorted(ids), sorted(alarms))

    def test_gaps_and_silence_are_found(self):
        self.assertEqual(self.rule("FeedBehind"), [])
        columns = content.tables()["ShareTrailGap_CL"]
        now = self.workspace.sql("SELECT epoch_ms(max(ConcludedAt)) FROM ShareTrailAccess_CL").fetchall()[0][0]
        gap = {"TimeGenerated": "2026-11-01T00:00:00", "GapId": "g", "Revision": now, "TenantName": "contoso",
               "Feed": "defender", "FromTime": "2026-11-01T00:00:00", "ToTime": "2026-11-02T00:00:00", "Reason": "away"}
        self.workspace.execute("BEGIN")
        try:
            cells = [gap[column] for column in columns]
            self.workspace.execute(f"INSERT INTO ShareTrailGap_CL VALUES ({', '.join('?' * len(cells))})", cells)
            self.assertEqual([row["Reason"] for row in self.rule("FeedBehind")], ["away"])
            for table in ("Access", "Share"):
                self.workspace.execute(f"UPDATE ShareTrail{table}_CL SET ConcludedAt = ConcludedAt - INTERVAL 1470 MINUTE")
            reasons = sorted(row["Reason"] for row in self.rule("FeedBehind"))
            self.assertEqual(reasons, ["away", "nothing has arrived for a day"])
        finally:
            self.workspace.execute("ROLLBACK")

    def test_functions_give_what_reports_give(self):
        for function, kind, column, key in [
            ("ShareTrailAccess", "access", "AccessId", "access_id"),
            ("ShareTrailShare", "shares", "ShareId", "share_id"),
            ("ShareTrailUnexplained", "unexplained", "AccessId", "access_id"),
            ("ShareTrailUnused", "unused", "ShareId", "share_id"),
        ]:
            with self.subTest(function):
                rows = self.asked(content.functions()[function])
                if column == "ShareId":
                    out = self.run_out()
                    rows = [row for row in rows if row["ShareId"] not in out]
                report = [row for row in self.report(kind) if row.get("state") != "expired"]
                self.assertTrue(report)
                self.assertEqual(sorted(row[column] for row in rows), sorted(row[key] for row in report))

    def run_out(self):
        """Shares that have run out, which only a report can tell: it knows the time at which it is read."""
        return {row["share_id"] for row in self.report("shares") if row["state"] == "expired"}

    def test_states_of_shares_are_those_of_the_report(self):
        rows = self.asked(content.functions()["ShareTrailShare"])
        out = self.run_out()
        states = {row["ShareId"]: row["State"] for row in rows if row["ShareId"] not in out}
        self.assertTrue(out and states)
        shares = self.report("shares")
        self.assertEqual(states, {row["share_id"]: row["state"] for row in shares if row["state"] != "expired"})

    def test_people_and_domains_are_counted_as_in_reports(self):
        for function, kind, column in [("ShareTrailPeople", "people", "Person"), ("ShareTrailDomains", "domains", "Domain")]:
            with self.subTest(function):
                rows = self.asked(content.functions()[function])
                counted = {row[column]: (row["Accesses"], row["Items"], row["ClassifiedItems"]) for row in rows}
                report = {
                    row[column.lower()]: (row["accesses"], row["items"], row["classified_items"])
                    for row in self.report(kind) if row[column.lower()] is not None
                }
                self.assertEqual(counted, report)

    def test_a_newer_revision_replaces_and_a_withdrawn_row_is_gone(self):
        self.workspace.execute("BEGIN")
        try:
            before = len(self.asked(content.functions()["ShareTrailAccess"]))
            again = "INSERT INTO ShareTrailAccess_CL SELECT * REPLACE (Revision + 1 AS Revision{}) FROM ShareTrailAccess_CL LIMIT 5"
            self.workspace.execute(again.format(""))
            self.assertEqual(len(self.asked(content.functions()["ShareTrailAccess"])), before)
            ids = self.workspace.sql("SELECT AccessId FROM ShareTrailAccess_CL LIMIT 1").fetchall()[0]
            self.workspace.execute("INSERT INTO ShareTrailAccess_CL SELECT * REPLACE (Revision + 9 AS Revision, true AS Withdrawn) "
                                   "FROM ShareTrailAccess_CL WHERE AccessId = ? LIMIT 1", ids)
            self.assertEqual(len(self.asked(content.functions()["ShareTrailAccess"])), before - 1)
        finally:
            self.workspace.execute("ROLLBACK")


class Form(unittest.TestCase):
    """What the service asks of an analytic rule."""

    def test_rules_are_of_the_form_that_the_content_hub_takes(self):
        rules = content.rules()
        self.assertEqual(len({rule["id"] for rule in rules.values()}), len(rules))
        for name, rule in rules.items():
            with self.subTest(name):
                self.assertRegex(rule["id"], r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
                self.assertLessEqual(len(rule["name"]), 256)
                self.assertLessEqual(len(rule["query"]), 10_000)
                self.assertIn(rule["severity"], ("Informational", "Low", "Medium", "High"))
                self.assertEqual((rule["kind"], rule["queryFrequency"], rule["queryPeriod"]), ("Scheduled", "1h", "14d"))
                self.assertLessEqual(len(rule["entityMappings"]), 5)
                self.assertLessEqual(len(rule["customDetails"]), 20)
                for technique in rule["relevantTechniques"]:
                    self.assertRegex(technique, r"^T\d{4}(\.\d{3})?$")
                for key in rule["customDetails"]:
                    self.assertRegex(key, r"^[a-zA-Z]+\w{0,19}$")

    def test_functions_bear_their_files_names(self):
        for name, function in content.read("Parsers/*.yaml").items():
            self.assertEqual((name, name), (function["FunctionName"], function["FunctionAlias"]))


if __name__ == "__main__":
    unittest.main()
