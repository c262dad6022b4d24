// Every query is asked to Microsoft's own language service, which knows the columns of our tables: a misspelt column or a
// wrong type is an error here and not in somebody's workspace.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";
import vm from "node:vm";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const here = import.meta.dirname;

// The service is written for browsers: its two scripts run one after the other in the global scope.
for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
    const file = require.resolve(`@kusto/language-service-next/${script}`);
    vm.runInThisContext(readFileSync(file, "utf8"), { filename: file });
}
const { Language } = globalThis.Kusto;
const { Symbols } = Language;

const content = JSON.parse(
    execFileSync("python3", [path.join(here, "content.py")], { encoding: "utf8", maxBuffer: 1 << 26 }),
);

const TYPES = { boolean: "bool" };

function tableOf(name, columns) {
    const schema = Object.entries(columns).map(([column, type]) => `${column}: ${TYPES[type] ?? type}`);
    return new Symbols.TableSymbol.$ctor7(name, `(${schema.join(", ")})`, null);
}

// As a transformation sees it: `source` is the stream.
function globalsOf(more = []) {
    const tables = Object.entries(content.tables).map(([name, columns]) => tableOf(name, columns));
    const database = new Symbols.DatabaseSymbol.ctor("workspace", [...tables, ...more]);
    return Language.GlobalState.Default.WithDatabase(database);
}

/** What is wrong with a query, and the columns of its answer. */
function analyze(query, more) {
    const code = Language.KustoCode.ParseAndAnalyze(query, globalsOf(more));
    const wrong = [];
    const found = code.GetDiagnostics();
    for (let index = 0; index < found.Count; index += 1) {
        const { Message, Severity } = found.getItem(index);
        if (Severity === "Error") wrong.push(Message);
    }
    const columns = {};
    const answer = code.ResultType?.Columns;
    for (let index = 0; index < (answer?.Count ?? 0); index += 1) {
        columns[answer.getItem(index).Name] = answer.getItem(index).Type.Name;
    }
    return { wrong, columns };
}

test("the service refuses a column that is not there", () => {
    assert.match(analyze("ShareTrailAccess_CL | where Persom == 'a'").wrong.join(), /Persom/);
    assert.deepEqual(analyze("ShareTrailAccess_CL | where Person == 'a'").wrong, []);
});

for (const kind of ["queries", "functions"]) {
    for (const [name, query] of Object.entries(content[kind])) {
        test(`${kind}: ${name} is understood`, () => assert.deepEqual(analyze(query).wrong, []));
    }
}

for (const [title, query] of Object.entries(content.workbook)) {
    test(`workbook: ${title} is understood`, () => {
        const filled = query.replaceAll("{TimeRange}", "> ago(30d)").replaceAll("{Tenant}", "'*'");
        assert.deepEqual(analyze(filled).wrong, []);
    });
}

test("rules name columns that their queries give", () => {
    for (const [name, rule] of Object.entries(content.rules)) {
        const given = Object.keys(analyze(rule.query).columns);
        const entities = rule.entityMappings.flatMap((entity) => entity.fieldMappings.map((field) => field.columnName));
        const shown = rule.alertDetailsOverride.alertDisplayNameFormat.matchAll(/{{(\w+)}}/g);
        for (const column of [...entities, ...Object.values(rule.customDetails), ...Array.from(shown, (match) => match[1])]) {
            assert.ok(given.includes(column), `${name}: ${column} is not among ${given}`);
        }
    }
});

test("transformations are understood and give the columns of their tables with the right types", () => {
    for (const [file, query] of Object.entries(content.transformations)) {
        const table = file.startsWith("file") ? "ShareTrailAccess_CL" : "ShareTrailShare_CL";
        const { wrong, columns } = analyze(query, [tableOf("source", content.tables[table])]);
        assert.deepEqual(wrong, [], file);
        const known = content.asim[file];
        for (const [column, type] of Object.entries(columns)) {
            assert.equal(known[column], type, `${file}: ${column} is ${type}`);
        }
        for (const [column, type] of Object.entries(known)) {
            if (content.asim_mandatory.includes(column)) assert.equal(columns[column], type, `${file}: ${column}`);
        }
    }
});
