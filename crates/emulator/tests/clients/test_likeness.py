"""The program's own requests, held against those of the official clients for the same purpose."""

import unittest

from lab import lab
from test_ingestion_and_query import deliver, rows
from test_vault import vault
from test_workspaces import workspaces

# What MSAL adds about itself: telemetry that the service does not need.
TELEMETRY = {"client_info", "claims"}
# Headers about the connection and the caller, which say nothing about what is asked.
ABOUT_THE_CALLER = {
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "user-agent",
    "x-ms-client-request-id",
    "x-ms-return-client-request-id",
}


def requests(service):
    return [one for one in lab().page("requests") if one["service"] == service]


def collect(configuration, store):
    """One pass of the program; what it asks for is in the emulator's list of requests."""
    lab().page("requests", "DELETE")
    ended = lab().run("--config", configuration, "--state", store, "collect", "--partial-ok")
    assert ended.returncode == 0, ended.stderr


def header(call, name):
    return call["headers"].get(name, "").split(";")[0].lower()


def purpose(call):
    """All that decides what the service does: equal for equal purposes."""
    version = dict(call["query"]).get("api-version")
    asks = [header(call, name) for name in ("authorization", "content-type", "content-encoding")]
    return (call["method"], call["path"].rstrip("/").lower(), version, *asks, call["body"]["kind"])


def own_headers(calls):
    return {name for call in calls for name in call["headers"]} - ABOUT_THE_CALLER


class Likeness(unittest.TestCase):
    def test_tokens_rows_and_secrets_are_asked_for_as_the_official_clients_do(self):
        collect("emulated.toml", "likeness.db")
        ours = {service: requests(service) for service in ("token", "vault", "ingestion")}

        lab().page("requests", "DELETE")
        deliver(rows(1, "likeness"))
        for name in ("delivery-client-secret", "defender-api-token"):
            vault().get_secret(name)
        theirs = {service: requests(service) for service in ("token", "vault", "ingestion")}

        with self.subTest("tokens"):
            posts = [[one for one in calls["token"] if one["method"] == "POST"] for calls in (ours, theirs)]
            self.assertEqual(*({purpose(one) for one in calls} for calls in posts))
            fields = [{name for one in calls for name in one["body"]["names"]} for calls in posts]
            beyond = {name for name in fields[1] - fields[0] if not name.startswith("x-client-")}
            self.assertLessEqual(beyond, TELEMETRY)
            self.assertLessEqual(fields[0], fields[1])

        with self.subTest("secrets"):
            # Each of them takes the api-version of its release.
            def secret(call):
                return purpose(call)[:2] + purpose(call)[3:4] + (call["status"],)

            self.assertLessEqual({secret(one) for one in ours["vault"]}, {secret(one) for one in theirs["vault"]})
            self.assertTrue(all(purpose(one)[2] for one in ours["vault"]))

        with self.subTest("rows"):
            to_one_table = [one for one in ours["ingestion"] if one["path"].endswith("ShareTrailAccess_CL")]
            self.assertEqual({purpose(one) for one in to_one_table}, {purpose(one) for one in theirs["ingestion"]})
            self.assertLessEqual(own_headers(ours["ingestion"]), own_headers(theirs["ingestion"]))

    def test_a_workspace_is_looked_up_as_the_official_client_does(self):
        known = lab().known["workspace"]
        with open(f"{lab().folder}/emulated.toml", encoding="utf-8") as file:
            before, rest = file.read().split("[tenant.sink.logs_ingestion]")
        with open(f"{lab().folder}/legacy.toml", "w", encoding="utf-8") as file:
            rest = "[tenant.classification]" + rest.split("[tenant.classification]")[1]
            file.write(f'{before}[tenant.sink.data_collector]\nworkspace = "{known["name"]}"\n{rest}')
        collect("legacy.toml", "legacy.db")
        ours = requests("arm")

        lab().page("requests", "DELETE")
        list(workspaces().workspaces.list())
        workspaces().shared_keys.get_shared_keys(known["resource_group"], known["name"])
        theirs = requests("arm")

        def of_production(calls):
            return {purpose(one) for one in calls if known["subscription_id"] in one["path"]}

        self.assertEqual(of_production(ours), of_production(theirs))
        self.assertLessEqual(own_headers(ours), own_headers(theirs))


if __name__ == "__main__":
    unittest.main()
