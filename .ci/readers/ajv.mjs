// Compiles schemas by ajv in its strict mode, with formats, and compares what it says of documents
// with what is expected: `node ajv.mjs MANIFEST`, run where ajv is installed.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const Ajv = require("ajv/dist/2020").default;
const formats = require("ajv-formats").default;

const { schemas, documents } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const compiled = new Map();
for (const [name, schema] of Object.entries(schemas)) {
    const ajv = new Ajv({ strict: true, allErrors: false });
    formats(ajv);
    compiled.set(name, ajv.compile(schema));
}
let wrong = 0;
for (const { schema, what, document, valid } of documents) {
    const validate = compiled.get(schema);
    if (validate(document) !== valid) {
        wrong += 1;
        const why = validate.errors?.map((it) => `${it.instancePath} ${it.message}`).join("; ");
        console.log(`${what}: ${schema} should be ${valid}: ${why ?? "accepted"}`);
    }
}
console.log(`ajv: ${compiled.size} schemas, ${documents.length} documents, ${wrong} wrong`);
process.exit(wrong === 0 ? 0 : 1);
