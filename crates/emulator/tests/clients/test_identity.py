"""azure-identity signs in at the emulator."""

import os
import time
import unittest
from unittest import mock

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ManagedIdentityCredential

from lab import lab, secret_credential

SCOPE = "https://monitor.azure.com/.default"


class ClientSecret(unittest.TestCase):
    def test_a_secret_opens_the_door_for_an_hour(self):
        token = secret_credential().get_token(SCOPE)
        self.assertAlmostEqual(token.expires_on, time.time() + 3599, delta=120)
        self.assertEqual(token.token.count("."), 2)

    def test_a_token_is_asked_for_once_and_kept(self):
        credential = secret_credential()
        self.assertEqual(credential.get_token(SCOPE).token, credential.get_token(SCOPE).token)

    def test_a_wrong_secret_is_refused_with_the_code_that_says_so(self):
        with self.assertRaisesRegex(ClientAuthenticationError, "AADSTS7000215"):
            secret_credential(secret="wrong").get_token(SCOPE)

    def test_an_expired_secret_is_refused_with_the_code_that_says_so(self):
        with self.assertRaisesRegex(ClientAuthenticationError, "AADSTS7000222"):
            secret_credential("lapsed").get_token(SCOPE)

    def test_an_unknown_resource_is_refused_with_the_code_that_says_so(self):
        with self.assertRaisesRegex(ClientAuthenticationError, "AADSTS500011"):
            secret_credential().get_token("https://nowhere.example/.default")


class ManagedIdentity(unittest.TestCase):
    def test_the_identity_of_a_function_gets_a_token(self):
        identity = lab().known["managed_identity"]
        variables = {"IDENTITY_ENDPOINT": identity["identity_endpoint"], "IDENTITY_HEADER": identity["identity_header"]}
        with mock.patch.dict(os.environ, variables):
            token = ManagedIdentityCredential().get_token(SCOPE)
            self.assertGreater(token.expires_on, time.time())
            named = ManagedIdentityCredential(client_id=identity["client_id"]).get_token(SCOPE)
            self.assertGreater(named.expires_on, time.time())

    def test_a_wrong_header_and_an_identity_that_is_not_there_are_refused(self):
        identity = lab().known["managed_identity"]
        endpoint = {"IDENTITY_ENDPOINT": identity["identity_endpoint"]}
        with mock.patch.dict(os.environ, endpoint | {"IDENTITY_HEADER": "wrong"}):
            with self.assertRaises(ClientAuthenticationError):
                ManagedIdentityCredential().get_token(SCOPE)
        with mock.patch.dict(os.environ, endpoint | {"IDENTITY_HEADER": identity["identity_header"]}):
            with self.assertRaises(ClientAuthenticationError):
                ManagedIdentityCredential(client_id="00000000-0000-0000-0000-000000000001").get_token(SCOPE)

    def test_the_identity_of_a_virtual_machine_gets_a_token(self):
        with mock.patch.dict(os.environ, {"AZURE_POD_IDENTITY_AUTHORITY_HOST": lab().http}):
            token = ManagedIdentityCredential().get_token(SCOPE)
        self.assertGreater(token.expires_on, time.time())


if __name__ == "__main__":
    unittest.main()
