// The dashboard and the report's page in a real browser: what a person does, by mouse, by keyboard, on a narrow screen;
// no error, no request to anybody else, no serious finding of an accessibility check.
//
// Needs the program (SHARETRAIL), Chromium (CHROMIUM) and the packages of package.json; scripts/test brings them.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const program = process.env.SHARETRAIL;
const pictures = process.env.SHARETRAIL_PICTURES;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };

/** What strangers write into every field that they can. */
const ATTACKS = [
  "<img src=x onerror=\"window.attacked=1\">.docx",
  "\"><script>window.attacked=1</script>.docx",
  "' onmouseover='window.attacked=1' x='.docx",
  "javascript:window.attacked=1",
  "=cmd|'/c calc'!A1",
  "../../../../etc/passwd",
  "\u202Excod.exe",
  `${"n".repeat(64 * 1024)}.docx`,
];

let folder, address, browser;
const servings = [];

/** Serves a store of the folder; gives the address, which ends with the token if it asks for one. */
async function serve(store, ...more) {
  const started = spawn(program, ["--state", store, "serve", "--listen", "127.0.0.1:0", ...more], { cwd: folder });
  servings.push(started);
  return new Promise((resolve, reject) => {
    started.stdout.on("data", (data) => resolve(String(data).match(/dashboard: (http:\/\/\S+)/)[1].replace(/\/$/, "")));
    started.on("exit", (code) => reject(new Error(`serve ended with ${code}`)));
  });
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "sharetrail-browser-"));
  execFileSync(program, ["demo", "--seed", "4", "--records", "6000", "--out", "demo"], { cwd: folder, stdio: "ignore" });
  address = await serve("demo/sharetrail.db");
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  for (const started of servings) {
    started.removeAllListeners("exit");
    started.kill();
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a page that fails the test when it complains or asks anybody but its own server. */
async function visit(target, viewport = WIDE, more = {}) {
  const context = await browser.newContext({ viewport, ...more });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (new URL(url).origin !== new URL(target).origin && !url.startsWith("file:") && !url.startsWith("blob:")) complaints.push(`asks ${url}`);
  });
  await page.goto(target);
  return { page, async close() { assert.deepEqual(complaints, []); await context.close(); } };
}

/** No serious finding, and nothing that sticks out of the screen. */
async function accessible(page, what) {
  // Through the debugger: the page's own policy runs no script of ours.
  const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
  const serious = found.violations.filter((violation) => ["serious", "critical"].includes(violation.impact));
  assert.deepEqual(serious.map((violation) => `${violation.id}: ${violation.nodes[0].html.slice(0, 200)}`), [], what);
  const [inside, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(inside <= screen, `${what} is ${inside} wide on a screen of ${screen}`);
}

for (const [name, viewport] of [["wide", WIDE], ["narrow", NARROW]]) {
  test(`from the answer to the raw record and a spreadsheet, on a ${name} screen`, async () => {
    const { page, close } = await visit(address, viewport);
    await page.getByText(/^In the (last 30 days|30 days up to)/).first().waitFor();
    const domain = page.locator("figure", { hasText: "By organisation" }).getByRole("link").first();
    const organisation = await domain.textContent();
    await domain.click();
    assert.equal(new URL(page.url()).searchParams.get("domain"), organisation);
    await page.locator("#rows tbody td:nth-child(3) a").first().click();
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    const unfold = page.locator("#table-access button[aria-controls]").first();
    await unfold.click();
    assert.equal(await unfold.getAttribute("aria-expanded"), "true");
    const here = page.locator("#table-access button[data-record]").first();
    await here.click();
    await page.locator("#table-access pre", { hasText: "CreationTime" }).first().waitFor();
    await page.locator("#table-access .unfolded a[href^='/record']").first().click();
    await page.getByText("as the service sent them").first().waitFor();
    await page.goto(`${address}/access?domain=${encodeURIComponent(organisation)}`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "XLSX", exact: true }).click()]);
    assert.equal(download.suggestedFilename(), "sharetrail-access.xlsx");
    assert.deepEqual([...readFileSync(await download.path()).subarray(0, 2)], [...Buffer.from("PK")]);
    await close();
  });
}

test("the same by keyboard alone", async () => {
  const { page, close } = await visit(address);
  const tabTo = async (what) => {
    for (let steps = 0; steps < 200; steps++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(what)) return;
    }
    assert.fail(`no way by keyboard to ${what}`);
  };
  await tabTo("document.activeElement.matches('.skip')");
  await page.keyboard.press("Enter");
  await tabTo("document.activeElement.matches('table.bars a')");
  await Promise.all([page.waitForURL(/domain=/), page.keyboard.press("Enter")]);
  await tabTo("document.activeElement.matches('td.fold button')");
  await page.keyboard.press("Space");
  assert.equal(await page.evaluate("document.activeElement.getAttribute('aria-expanded')"), "true");
  await tabTo("document.activeElement.matches('.unfolded a[href^=\"/record\"]')");
  await Promise.all([page.waitForURL(/record/), page.keyboard.press("Enter")]);
  await page.getByText("as the service sent them").first().waitFor();
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`no page has a serious accessibility finding, ${colorScheme}, wide and narrow`, async () => {
    const first = async (question) => (await (await fetch(`${address}/api/v1/${question}`)).json()).rows[0];
    const access = await first("access");
    const share = await first("shares");
    const id = (page, value) => `/${page}?id=${encodeURIComponent(value)}`;
    const pages = ["/", "/access", "/people", "/domains", "/items", "/classified", "/unexplained", "/shares", "/unused", "/gaps",
      "/excluded", "/status", "/search?q=a", "/nothing", "/access?domain=nobody.example", id("person", access.person),
      id("item", access.item_id), id("share", share.share_id), id("record", access.evidence_ids[0])];
    for (const viewport of [WIDE, NARROW]) {
      for (const target of pages) {
        const { page } = await visit(address + target, viewport, { colorScheme });
        for (const unfold of (await page.locator("button[aria-controls]").all()).slice(0, 1)) await unfold.click();
        await accessible(page, `${target}, ${viewport.width} wide`);
        await page.context().close();
      }
    }
  });
}

test("a heading orders the whole list, by mouse and by keyboard", async () => {
  const { page, close } = await visit(`${address}/people?days=all`);
  const names = () => page.locator("#rows tbody > tr:first-child td:nth-child(2) a").allTextContents();
  await Promise.all([page.waitForURL(/sort=person/), page.getByRole("link", { name: "person", exact: true }).click()]);
  const first = (await names())[0];
  const all = (await (await fetch(`${address}/api/v1/people?days=all&limit=1000`)).json()).rows.map((row) => row.person.toLowerCase()).sort();
  assert.equal(first.toLowerCase(), all[0]);
  assert.equal(await page.locator("th[aria-sort]").getAttribute("aria-sort"), "ascending");
  await page.getByRole("link", { name: "person", exact: true }).focus();
  await Promise.all([page.waitForURL(/sort=-person/), page.keyboard.press("Enter")]);
  assert.equal((await names())[0].toLowerCase(), all.at(-1));
  await accessible(page, "an ordered list");
  await close();
});

test("who came with a token signs out, and has to come with it again", async () => {
  const opened = await serve("demo/sharetrail.db", "--token");
  const { page } = await visit(opened);
  await page.getByText(/^In the (last 30 days|30 days up to)/).first().waitFor();
  assert.ok(!page.url().includes("token"), "the token leaves the address");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Signed out" }).waitFor();
  await accessible(page, "the page after signing out");
  assert.deepEqual(await page.context().cookies(), []);
  const refused = await page.goto(`${new URL(opened).origin}/access`);
  assert.equal(refused.status(), 401);
  const again = await page.goto(opened);
  assert.equal(again.status(), 200);
  await page.context().close();
});

test("the report's page opens from a disk, sorts, searches and unfolds", async () => {
  const { page, close } = await visit(pathToFileURL(join(folder, "demo/report.html")).href);
  const people = page.locator("#table-people");
  const names = () => people.locator("tbody > tr:first-child td:nth-child(2)").allTextContents();
  await people.getByRole("button", { name: "person", exact: true }).click();
  const sorted = await names();
  assert.deepEqual(sorted, [...sorted].sort(new Intl.Collator("en", { numeric: true }).compare));
  await page.locator("[data-search='table-people']").fill(sorted[0].slice(0, 8));
  assert.ok((await people.locator("tbody:visible").count()) < sorted.length);
  await people.locator("tbody:visible button[aria-controls]").first().click();
  await people.locator("dl.fields:visible").first().waitFor();
  await accessible(page, "the report's page");
  await close();
});

test("in a tenant of attacks nothing is obeyed and nothing breaks", async () => {
  const records = ATTACKS.map((attack, number) => JSON.stringify({
    Id: `3f1e0000-0000-4000-8000-00000000000${number}`, CreationTime: `2026-11-20T10:0${number}:00`, Operation: "FileDownloaded",
    RecordType: 6, UserType: 0, Workload: "SharePoint", UserId: `${number}_fabrikam.example#EXT#@contoso.onmicrosoft.com`,
    OrganizationId: "7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11", UserAgent: attack, ClientIP: "203.0.113.7", ApplicationDisplayName: attack,
    SiteUrl: `https://contoso.sharepoint.com/sites/${attack}/`, SourceFileName: attack, SourceRelativeUrl: attack, ItemType: "File",
    Site: "aaaaaaaa-0000-4000-8000-000000000001", ListItemUniqueId: `bbbbbbbb-0000-4000-8000-00000000000${number}`,
    ObjectId: `https://contoso.sharepoint.com/sites/x/${attack}`, EventData: attack,
  }));
  writeFileSync(join(folder, "attacks.ndjson"), records.join("\n"));
  const state = ["--state", "attacks.db"];
  execFileSync(program, [...state, "import", "--internal-domain", "contoso.onmicrosoft.com", "attacks.ndjson"], { cwd: folder, stdio: "ignore" });
  execFileSync(program, [...state, "report", "access", "--format", "html", "--out", "attacks.html"], { cwd: folder, stdio: "ignore" });
  const attacked = await serve("attacks.db");
  const { rows } = await (await fetch(`${attacked}/api/v1/access?limit=100`)).json();
  assert.equal(rows.length, ATTACKS.length);
  const targets = ["/", "/access", "/people", "/items", "/status", `/search?q=${encodeURIComponent(ATTACKS[0])}`]
    .map((target) => attacked + target);
  for (const row of rows) targets.push(`${attacked}/item?id=${encodeURIComponent(row.item_id)}`, `${attacked}/record?id=${row.evidence_ids[0]}`);
  targets.push(pathToFileURL(join(folder, "attacks.html")).href);
  for (const target of targets) {
    for (const viewport of [WIDE, NARROW]) {
      const { page, close } = await visit(target, viewport);
      for (const unfold of (await page.locator("button[aria-controls]:visible").all()).slice(0, 10)) await unfold.click();
      for (const here of (await page.locator("button[data-record]:visible").all()).slice(0, 3)) await here.click();
      assert.equal(await page.evaluate("window.attacked"), undefined, target);
      const [inside, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      assert.ok(inside <= screen, `${target.slice(0, 200)} is ${inside} wide on a screen of ${screen}`);
      await close();
    }
  }
});

test("pictures for the documents", { skip: pictures ? false : "SHARETRAIL_PICTURES names no folder" }, async () => {
  mkdirSync(pictures, { recursive: true });
  const access = (await (await fetch(`${address}/api/v1/access`)).json()).rows.find((row) => row.share_id);
  for (const [name, target, viewport, colorScheme] of [
    ["overview", "/", { width: 1280, height: 1180 }, "light"],
    ["overview-dark", "/", { width: 1280, height: 1180 }, "dark"],
    ["accesses", "/access", WIDE, "light"],
    ["share", `/share?id=${encodeURIComponent(access.share_id)}`, WIDE, "light"],
    ["narrow", "/", NARROW, "light"],
  ]) {
    const { page, close } = await visit(address + target, viewport, { colorScheme });
    if (name === "accesses") await page.locator("button[aria-controls]").first().click();
    await page.screenshot({ path: join(pictures, `${name}.png`) });
    await close();
  }
});
