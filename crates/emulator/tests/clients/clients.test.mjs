// Official JavaScript clients against the emulator that lab.py started: EMULATOR_HTTPS and EMULATOR_HTTP say where it
// listens, NODE_EXTRA_CA_CERTS names its certificate authority.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { LogsIngestionClient, isAggregateLogsUploadError } from "@azure/monitor-ingestion";

const https = process.env.EMULATOR_HTTPS;
const page = async (name, method = "GET", body = undefined) => {
  const answer = await fetch(`${https}/_emulator/${name}`, { method, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${name}: ${answer.status}`);
  const text = await answer.text();
  return text && JSON.parse(text);
};
const known = await page("endpoints");
const scope = "https://monitor.azure.com/.default";
const table = "ShareTrailShare_CL";
const entra = { authorityHost: https, disableInstanceDiscovery: true };
const credential = (application, secret = application.client_secret) =>
  new ClientSecretCredential(known.tenant_id, application.client_id, secret, entra);
const rows = (count, name) =>
  Array.from({ length: count }, (_, number) => ({
    TimeGenerated: new Date().toISOString(),
    ShareId: `${name}-${number}`,
    Revision: 1,
    ItemName: "x".repeat(50_000),
  }));
const delivered = async (name) =>
  (await page(`rows/${table}`)).filter((row) => row.ShareId.startsWith(`${name}-`)).length;
const deliver = (endpoint, name, count, options = {}, as = credential(known.applications.tenant)) =>
  new LogsIngestionClient(endpoint, as, options).upload(
    known.ingestion.dcr_immutable_id,
    known.ingestion.streams[table],
    rows(count, name),
  );

test("a secret opens the door for an hour", async () => {
  const token = await credential(known.applications.installation).getToken(scope);
  assert.ok(Math.abs(token.expiresOnTimestamp - Date.now() - 3_599_000) < 120_000);
});

test("a wrong secret is refused with the code that says so", async () => {
  await assert.rejects(credential(known.applications.installation, "wrong").getToken(scope), /AADSTS7000215/);
});

test("the identity of a function gets a token", async () => {
  process.env.IDENTITY_ENDPOINT = known.managed_identity.identity_endpoint;
  process.env.IDENTITY_HEADER = known.managed_identity.identity_header;
  const token = await new ManagedIdentityCredential().getToken(scope);
  assert.ok(token.expiresOnTimestamp > Date.now());
  delete process.env.IDENTITY_ENDPOINT;
  delete process.env.IDENTITY_HEADER;
});

// A certificate with its key, made for tests alone.
const certificate = fileURLToPath(
  new URL("../../../sharetrail/tests/data/certificates/application.pem", import.meta.url),
);
const signing = (application, options = {}) =>
  new ClientCertificateCredential(known.tenant_id, application.client_id, certificate, { ...entra, ...options });

test("a registered certificate opens the door, with and without its chain, and rows arrive by it", async () => {
  const { tenant, installation } = known.applications;
  const [pem] = /-----BEGIN CERTIFICATE-----[^]+-----END CERTIFICATE-----/.exec(await readFile(certificate, "ascii"));
  await page("certificates", "POST", { client_id: tenant.client_id, pem });
  for (const options of [{}, { sendCertificateChain: true }]) {
    const token = await signing(tenant, options).getToken(scope);
    assert.ok(Math.abs(token.expiresOnTimestamp - Date.now() - 3_599_000) < 120_000);
  }
  await deliver(known.ingestion.endpoint, "signed", 2, {}, signing(tenant));
  assert.equal(await delivered("signed"), 2);
  await assert.rejects(signing(installation).getToken(scope), /AADSTS700027/);
});

test("the token of a trusted workload opens the door, and rows arrive by it", async () => {
  const { client_id } = known.applications.tenant;
  const folder = await mkdtemp(join(tmpdir(), "sharetrail-clients-"));
  const exchanged = async (subject) => {
    const { token } = await page("foreign-tokens", "POST", { subject });
    const tokenFilePath = join(folder, `${subject}-token`);
    await writeFile(tokenFilePath, token);
    const options = { tenantId: known.tenant_id, clientId: client_id, tokenFilePath, ...entra };
    return [new WorkloadIdentityCredential(options), token];
  };
  try {
    await page("subjects", "POST", { client_id, subject: "trusted" });
    const [workload, token] = await exchanged("trusted");
    assert.ok((await workload.getToken(scope)).expiresOnTimestamp > Date.now());
    await deliver(known.ingestion.endpoint, "federated", 2, {}, workload);
    assert.equal(await delivered("federated"), 2);
    const assertion = new ClientAssertionCredential(known.tenant_id, client_id, async () => token, entra);
    assert.ok((await assertion.getToken(scope)).expiresOnTimestamp > Date.now());
    const [stranger] = await exchanged("stranger");
    await assert.rejects(stranger.getToken(scope), /AADSTS700213/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("rows arrive, in several calls when they are many", async () => {
  await page("requests", "DELETE");
  await deliver(known.ingestion.endpoint, "many", 60);
  assert.equal(await delivered("many"), 60);
  const calls = (await page("requests")).filter((call) => call.service === "ingestion");
  assert.ok(calls.length >= 3 && calls.every((call) => call.status === 204));
});

test("the client repeats what it is told to repeat", async () => {
  await page("faults", "POST", ["ingestion:first=1:429:retry-after=1"]);
  await deliver(known.ingestion.endpoint, "again", 1);
  await page("faults", "DELETE");
  assert.equal(await delivered("again"), 1);
});

test("a refusal is handed back with its reason", async () => {
  const client = new LogsIngestionClient(known.ingestion.endpoint, credential(known.applications.tenant));
  await assert.rejects(client.upload(known.ingestion.dcr_immutable_id, "Custom-Absent_CL", rows(1, "no")), (error) => {
    assert.ok(isAggregateLogsUploadError(error));
    assert.match(String(error.errors[0].cause?.message ?? error.errors[0].cause), /InvalidStream|not configured/);
    return true;
  });
});

test("without TLS the client gives its token to nobody", async () => {
  const refused = deliver(process.env.EMULATOR_HTTP, "plain", 1, { allowInsecureConnection: true });
  await assert.rejects(refused, (error) => /non-TLS/.test(String(error.errors?.[0].cause)));
});
