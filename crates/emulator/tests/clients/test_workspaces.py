"""azure-mgmt-loganalytics finds workspaces and reads their keys."""

import unittest

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

from lab import lab, secret_credential


def workspaces(application="installation"):
    return LogAnalyticsManagementClient(
        secret_credential(application),
        lab().known["workspace"]["subscription_id"],
        base_url=lab().known["arm"].rstrip("/"),
        connection_verify=lab().ca,
    )


class Workspaces(unittest.TestCase):
    def test_the_list_goes_over_several_pages(self):
        names = [one.name for one in workspaces().workspaces.list()]
        self.assertEqual(len(names), 3)
        self.assertIn(lab().known["workspace"]["name"], names)

    def test_a_workspace_is_found_by_its_group_and_its_name(self):
        known = lab().known["workspace"]
        client = workspaces()
        found = client.workspaces.get(known["resource_group"], known["name"])
        self.assertEqual(found.customer_id, known["id"])
        in_group = [one.name for one in client.workspaces.list_by_resource_group(known["resource_group"])]
        self.assertIn(known["name"], in_group)

    def test_its_keys_are_read_by_whoever_may(self):
        known = lab().known["workspace"]
        keys = workspaces().shared_keys.get_shared_keys(known["resource_group"], known["name"])
        self.assertTrue(keys.primary_shared_key and keys.secondary_shared_key)
        self.assertNotEqual(keys.primary_shared_key, keys.secondary_shared_key)
        with self.assertRaises((ClientAuthenticationError, HttpResponseError)) as refusal:
            workspaces("tenant").shared_keys.get_shared_keys(known["resource_group"], known["name"])
        self.assertEqual(refusal.exception.error.code, "AuthorizationFailed")

    def test_what_is_not_there_is_not_found(self):
        with self.assertRaises(ResourceNotFoundError) as refusal:
            workspaces().workspaces.get("rg-absent", "law")
        self.assertEqual(refusal.exception.error.code, "ResourceGroupNotFound")


if __name__ == "__main__":
    unittest.main()
