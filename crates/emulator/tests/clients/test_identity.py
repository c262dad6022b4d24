"""azure-identity signs in at the emulator."""

import os
import time
import unittest
from unittest import mock

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from lab import CERTIFICATE, entra, foreign_token_file, lab, register_certificate, secret_credential

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


class Certificate(unittest.TestCase):
    def credential(self, client_id, **options):
        return CertificateCredential(lab().known["tenant_id"], client_id, CERTIFICATE, **entra(), **options)

    def test_a_registered_certificate_opens_the_door_with_and_without_its_chain(self):
        client_id = register_certificate("tenant")
        for options in ({}, {"send_certificate_chain": True}):
            with self.subTest(options):
                token = self.credential(client_id, **options).get_token(SCOPE)
                self.assertAlmostEqual(token.expires_on, time.time() + 3599, delta=120)

    def test_a_certificate_named_by_the_environment_opens_the_door(self):
        variables = {
            "AZURE_TENANT_ID": lab().known["tenant_id"],
            "AZURE_CLIENT_ID": register_certificate("tenant"),
            "AZURE_CLIENT_CERTIFICATE_PATH": CERTIFICATE,
        }
        with mock.patch.dict(os.environ, variables):
            token = EnvironmentCredential(**entra()).get_token(SCOPE)
        self.assertGreater(token.expires_on, time.time())

    def test_a_certificate_that_nobody_registered_is_refused_with_the_code_that_says_so(self):
        client_id = lab().known["applications"]["installation"]["client_id"]
        with self.assertRaisesRegex(ClientAuthenticationError, "AADSTS700027"):
            self.credential(client_id).get_token(SCOPE)


class WorkloadIdentity(unittest.TestCase):
    SUBJECT = "system:serviceaccount:security:sharetrail"

    def credential(self, file, application="tenant"):
        client_id = lab().known["applications"][application]["client_id"]
        tenant_id = lab().known["tenant_id"]
        return WorkloadIdentityCredential(tenant_id=tenant_id, client_id=client_id, token_file_path=file, **entra())

    def trust(self):
        client_id = lab().known["applications"]["tenant"]["client_id"]
        lab().page("subjects", "POST", {"client_id": client_id, "subject": self.SUBJECT})
        return client_id

    def test_the_token_of_a_trusted_workload_opens_the_door(self):
        self.trust()
        token = self.credential(foreign_token_file(self.SUBJECT)).get_token(SCOPE)
        self.assertAlmostEqual(token.expires_on, time.time() + 3599, delta=120)

    def test_a_workload_named_by_the_environment_opens_the_door(self):
        variables = {
            "AZURE_TENANT_ID": lab().known["tenant_id"],
            "AZURE_CLIENT_ID": self.trust(),
            "AZURE_FEDERATED_TOKEN_FILE": foreign_token_file(self.SUBJECT),
        }
        with mock.patch.dict(os.environ, variables):
            token = WorkloadIdentityCredential(**entra()).get_token(SCOPE)
        self.assertGreater(token.expires_on, time.time())

    def test_an_assertion_that_the_caller_fetches_opens_the_door(self):
        client_id = self.trust()
        with open(foreign_token_file(self.SUBJECT), encoding="ascii") as file:
            assertion = file.read().strip()
        credential = ClientAssertionCredential(lab().known["tenant_id"], client_id, lambda: assertion, **entra())
        self.assertGreater(credential.get_token(SCOPE).expires_on, time.time())

    def test_a_workload_that_is_not_trusted_is_refused_with_the_code_that_says_so(self):
        self.trust()
        with self.assertRaisesRegex(ClientAuthenticationError, "AADSTS700213"):
            self.credential(foreign_token_file("system:serviceaccount:other:other")).get_token(SCOPE)
        with self.assertRaisesRegex(ClientAuthenticationError, "AADSTS700213"):
            self.credential(foreign_token_file(self.SUBJECT), "installation").get_token(SCOPE)


class WithoutTls(unittest.TestCase):
    def test_an_application_signs_in_to_no_authority_without_tls(self):
        of = lab().known["applications"]["tenant"]
        plain = {"authority": lab().http, "disable_instance_discovery": True}
        with self.assertRaisesRegex(ValueError, "https"):
            ClientSecretCredential(lab().known["tenant_id"], of["client_id"], of["client_secret"], **plain)
        with self.assertRaisesRegex(ValueError, "https"):
            CertificateCredential(lab().known["tenant_id"], of["client_id"], CERTIFICATE, **plain)


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
