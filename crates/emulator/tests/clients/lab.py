"""One emulator for all tests of a run, and how its own pages are asked.

SHARETRAIL names the program. The emulator listens on free ports, with its files in a folder that is removed at the end.
`python3 lab.py COMMAND…` runs a command beside an emulator; its environment says where that listens.
"""

import atexit
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.request

# The seed and the size of the tenant; what is delivered by the comparison follows from them.
TENANT = ["--seed", "61", "--records", "1500", "--unlimited"]


class Lab:
    """A running emulator: its addresses, ids and secrets are in `known`."""

    def __init__(self):
        self.program = os.environ["SHARETRAIL"]
        self._folder = tempfile.TemporaryDirectory(prefix="sharetrail-clients-")
        self.folder = self._folder.name
        free = "127.0.0.1:0"
        words = ["emulate", "--listen", free, "--listen-http", free, "--write-config", "emulated.toml"]
        self._process = subprocess.Popen(
            [self.program, *words, *TENANT], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        atexit.register(self.stop)
        # A program that never says where it listens must not hold up the run.
        guard = threading.Timer(120, self._process.kill)
        guard.start()
        heard = [self._process.stdout.readline() for _ in range(3)]
        guard.cancel()
        self.https, self.http = (line.removeprefix("listening: ").strip().rstrip("/") for line in heard[1:])
        assert self.https.startswith("https://"), f"the emulator did not start: {heard}"
        self.ca = os.path.join(self.folder, "emulator-ca.pem")
        self._trust = ssl.create_default_context(cafile=self.ca)
        self.known = self.page("endpoints")

    def page(self, name, method="GET", body=None):
        """Asks one of the emulator's own pages."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.https}/_emulator/{name}", data=data, method=method)
        with urllib.request.urlopen(request, context=self._trust, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def run(self, *words):
        """Runs the program in the lab's folder."""
        return subprocess.run([self.program, *words], cwd=self.folder, capture_output=True, text=True, timeout=300)

    def stop(self):
        """Ends the emulator and removes its files."""
        self._process.terminate()
        self._process.wait(timeout=30)
        self._process.stdout.close()
        self._folder.cleanup()


_lab = None


def lab():
    """The emulator of this run, started by whoever asks first."""
    global _lab
    if _lab is None:
        _lab = Lab()
    return _lab


def secret_credential(application="installation", secret=None):
    """Azure Identity's credential for an application of the emulator, by client secret."""
    from azure.identity import ClientSecretCredential

    of = lab().known["applications"][application]
    return ClientSecretCredential(
        lab().known["tenant_id"], of["client_id"], secret or of["client_secret"], **entra()
    )


def entra():
    """What every credential needs to sign in at a local authority."""
    return {"authority": lab().https, "disable_instance_discovery": True, "connection_verify": lab().ca}


# A certificate with its key, made for tests alone; the program's own tests sign with it, too.
CERTIFICATE = os.path.join(os.path.dirname(__file__), "../../../sharetrail/tests/data/certificates/application.pem")


def register_certificate(application):
    """Makes the emulator take the test certificate as proof of an application."""
    with open(CERTIFICATE, encoding="ascii") as file:
        key, certificate = file.read().split("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE KEY" in key
    client_id = lab().known["applications"][application]["client_id"]
    lab().page("certificates", "POST", {"client_id": client_id, "pem": "-----BEGIN CERTIFICATE-----" + certificate})
    return client_id


def foreign_token_file(subject, seconds=3600):
    """Writes a foreign token for the subject into a file, as a cluster does for its workloads."""
    path = os.path.join(lab().folder, "token-of-" + subject.replace(":", "-"))
    with open(path, "w", encoding="ascii") as file:
        # Without a line's end, as clusters write it: azure-identity sends the file as it is.
        file.write(lab().page("foreign-tokens", "POST", {"subject": subject, "seconds": seconds})["token"])
    return path


def main(command):
    """Runs a command beside an emulator; the exit code is the command's."""
    where = {"EMULATOR_HTTPS": lab().https, "EMULATOR_HTTP": lab().http, "NODE_EXTRA_CA_CERTS": lab().ca}
    return subprocess.run(command, env=os.environ | where, timeout=600).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
