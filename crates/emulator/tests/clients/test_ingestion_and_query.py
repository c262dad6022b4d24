"""azure-monitor-ingestion delivers rows to the emulator, and azure-monitor-query finds them."""

import unittest
import uuid
from datetime import datetime, timedelta, timezone

from azure.core.exceptions import HttpResponseError
from azure.monitor.ingestion import LogsIngestionClient
from azure.monitor.query import LogsQueryClient, LogsQueryStatus

from lab import lab, secret_credential

TABLE = "ShareTrailAccess_CL"


def deliver(rows, stream="Custom-" + TABLE, rule=None, **options):
    to = lab().known["ingestion"]
    with LogsIngestionClient(to["endpoint"], secret_credential("tenant"), connection_verify=lab().ca) as client:
        client.upload(rule or to["dcr_immutable_id"], stream, rows, **options)


def rows(count, run, **more):
    now = datetime.now(timezone.utc).isoformat()
    row = {"TimeGenerated": now, "Revision": 1, "Person": run, **more}
    return [row | {"AccessId": f"{run}-{number}"} for number in range(count)]


def query():
    return LogsQueryClient(
        secret_credential("tenant"),
        endpoint=lab().https,
        audience="https://api.loganalytics.io",
        connection_verify=lab().ca,
    )


def ask(text, timespan=timedelta(hours=1), **options):
    return query().query_workspace(lab().known["workspace"]["id"], text, timespan=timespan, **options)


class Ingestion(unittest.TestCase):
    def test_what_is_delivered_is_found_by_a_query(self):
        run = str(uuid.uuid4())
        deliver(rows(3, run))
        answer = ask(f"{TABLE} | where Person == '{run}' | summarize Rows = count(), Ids = dcount(AccessId)")
        self.assertEqual(answer.status, LogsQueryStatus.SUCCESS)
        self.assertEqual([list(row) for row in answer.tables[0].rows], [[3, 3]])
        self.assertEqual(list(answer.tables[0].columns), ["Rows", "Ids"])

    def test_more_than_a_call_takes_is_cut_into_several(self):
        run = str(uuid.uuid4())
        lab().page("requests", "DELETE")
        deliver(rows(60, run, ItemName="x" * 50_000))
        calls = [one for one in lab().page("requests") if one["service"] == "ingestion"]
        self.assertEqual([one["status"] for one in calls], [204] * len(calls))
        self.assertGreaterEqual(len(calls), 3)
        answer = ask(f"{TABLE} | where Person == '{run}' | count")
        self.assertEqual(answer.tables[0].rows[0][0], 60)

    def test_no_rows_at_all_are_accepted(self):
        deliver([])

    def test_the_client_waits_and_repeats_when_it_is_told_to(self):
        run = str(uuid.uuid4())
        lab().page("faults", "POST", ["ingestion:first=1:429:retry-after=1", "ingestion:calls=2-2:503"])
        self.addCleanup(lab().page, "faults", "DELETE")
        deliver(rows(2, run))
        self.assertEqual(ask(f"{TABLE} | where Person == '{run}' | count").tables[0].rows[0][0], 2)

    def test_a_stream_and_a_rule_that_are_not_there_are_named(self):
        with self.assertRaises(HttpResponseError) as refusal:
            deliver(rows(1, "x"), stream="Custom-Absent_CL")
        self.assertEqual((refusal.exception.status_code, refusal.exception.error.code), (400, "InvalidStream"))
        with self.assertRaises(HttpResponseError) as refusal:
            deliver(rows(1, "x"), rule="dcr-00000000000000000000000000000000")
        self.assertEqual((refusal.exception.status_code, refusal.exception.error.code), (404, "NotFound"))

    def test_a_missing_role_is_a_403_that_the_client_can_read(self):
        of = {"client_id": lab().known["applications"]["tenant"]["client_id"], "role": "Monitoring Metrics Publisher"}
        lab().page("roles", "POST", of | {"granted": False})
        self.addCleanup(lab().page, "roles", "POST", of | {"granted": True})
        with self.assertRaises(HttpResponseError) as refusal:
            deliver(rows(1, "x"))
        self.assertEqual((refusal.exception.status_code, refusal.exception.error.code), (403, "OperationFailed"))

    def test_a_failed_part_is_handed_back_and_the_rest_goes_on(self):
        lab().page("faults", "POST", ["ingestion:first=1:413"])
        self.addCleanup(lab().page, "faults", "DELETE")
        failed = []
        deliver(rows(60, str(uuid.uuid4()), ItemName="x" * 50_000), on_error=failed.append)
        self.assertEqual(len(failed), 1)
        self.assertEqual(failed[0].error.status_code, 413)
        self.assertTrue(0 < len(failed[0].failed_logs) < 60)

    def test_the_plain_port_takes_rows_too_when_the_client_is_allowed(self):
        run = str(uuid.uuid4())
        to = lab().known["ingestion"]
        with LogsIngestionClient(lab().http, secret_credential("tenant")) as client:
            client.upload(to["dcr_immutable_id"], "Custom-" + TABLE, rows(1, run), enforce_https=False)
        self.assertEqual(ask(f"{TABLE} | where Person == '{run}' | count").tables[0].rows[0][0], 1)


class Query(unittest.TestCase):
    def test_an_error_of_the_query_is_told_apart_by_its_inner_code(self):
        for text, inner in [(f"{TABLE} | nonsense", "SyntaxError"), ("Absent_CL | count", "SemanticError")]:
            with self.assertRaises(HttpResponseError) as refusal:
                ask(text)
            self.assertEqual(refusal.exception.status_code, 400)
            self.assertEqual(refusal.exception.error.code, "BadArgumentError")
            self.assertEqual(refusal.exception.error.innererror["code"], inner)

    def test_a_span_is_a_duration_or_two_moments_or_nothing(self):
        run = str(uuid.uuid4())
        deliver(rows(1, run))
        now = datetime.now(timezone.utc)
        text = f"{TABLE} | where Person == '{run}' | count"
        hour = timedelta(hours=1)
        for span, found in [(None, 1), (hour, 1), ((now - hour, now + hour), 1), ((now - 2 * hour, hour), 0)]:
            self.assertEqual(ask(text, span).tables[0].rows[0][0], found, span)

    def test_statistics_and_a_picture_may_be_asked_for(self):
        answer = ask(f"{TABLE} | count", server_timeout=60, include_statistics=True, include_visualization=True)
        self.assertEqual(answer.status, LogsQueryStatus.SUCCESS)

    def test_times_and_numbers_have_their_types(self):
        run = str(uuid.uuid4())
        deliver(rows(1, run))
        table = ask(f"{TABLE} | where Person == '{run}' | project TimeGenerated, Revision, Person").tables[0]
        self.assertEqual(list(table.columns_types), ["datetime", "long", "string"])
        self.assertIsInstance(table.rows[0][0], datetime)

    def test_several_queries_go_in_one_batch(self):
        from azure.monitor.query import LogsBatchQuery

        run = str(uuid.uuid4())
        deliver(rows(2, run))
        workspace = lab().known["workspace"]["id"]
        texts = [f"{TABLE} | where Person == '{run}' | count", "Absent_CL | count"]
        good, bad = query().query_batch(
            [LogsBatchQuery(workspace_id=workspace, query=text, timespan=timedelta(hours=1)) for text in texts]
        )
        self.assertEqual((good.status, good.tables[0].rows[0][0]), (LogsQueryStatus.SUCCESS, 2))
        self.assertEqual((bad.status, bad.code), (LogsQueryStatus.FAILURE, "BadArgumentError"))


if __name__ == "__main__":
    unittest.main()
