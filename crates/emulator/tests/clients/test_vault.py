"""azure-keyvault-secrets reads the emulator's vault, challenge and all."""

import unittest

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.keyvault.secrets import SecretClient
from azure.keyvault.secrets._shared import http_challenge_cache

from lab import lab, secret_credential


def vault(application="installation"):
    """A client as in a process of its own: challenges are remembered for the whole process."""
    http_challenge_cache.clear()
    return SecretClient(
        lab().known["vault"]["url"],
        secret_credential(application),
        verify_challenge_resource=False,
        connection_verify=lab().ca,
    )


class Vault(unittest.TestCase):
    def test_a_secret_is_read_after_the_challenge(self):
        lab().page("requests", "DELETE")
        secret = vault().get_secret("delivery-client-secret")
        self.assertEqual(secret.value, lab().known["applications"]["tenant"]["client_secret"])
        self.assertTrue(secret.properties.enabled)
        answers = [one["status"] for one in lab().page("requests") if one["service"] == "vault"]
        self.assertEqual(answers, [401, 200])

    def test_a_version_is_read_by_its_name_and_listed(self):
        client = vault()
        version = client.get_secret("defender-api-token").properties.version
        self.assertEqual(client.get_secret("defender-api-token", version).properties.version, version)
        listed = [one.version for one in client.list_properties_of_secret_versions("defender-api-token")]
        self.assertEqual(listed, [version])

    def test_a_secret_that_is_not_there_is_not_found(self):
        with self.assertRaises(ResourceNotFoundError) as refusal:
            vault().get_secret("absent")
        self.assertEqual(refusal.exception.error.code, "SecretNotFound")

    def test_a_disabled_secret_and_one_that_may_not_be_read_are_forbidden(self):
        for client, name, inner in [
            (vault(), "disabled-secret", "SecretDisabled"),
            (vault("tenant"), "delivery-client-secret", "ForbiddenByRbac"),
        ]:
            with self.assertRaises(HttpResponseError) as refusal:
                client.get_secret(name)
            self.assertEqual(refusal.exception.status_code, 403)
            self.assertEqual(refusal.exception.error.innererror["code"], inner)


if __name__ == "__main__":
    unittest.main()
