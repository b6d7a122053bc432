/**
 * Writes the JSON Schemas of `--json` beside the built program: dist/run-schema.json, dist/inspect-schema.json, ….
 * Run by `npm run build` after tsc: `node dist/repl/output/write-schema.js`.
 */
import { writeFileSync } from "node:fs";
import { z } from "zod";
import { OUTPUT_SCHEMAS } from "./schema.js";

for (const [command, schema] of Object.entries(OUTPUT_SCHEMAS)) {
  const json = {
    ...z.toJSONSchema(schema, { target: "draft-2020-12" }),
    title: `A line of bardeck ${command} --json`,
  };
  writeFileSync(new URL(`../../${command}-schema.json`, import.meta.url), `${JSON.stringify(json, null, 2)}\n`);
}
