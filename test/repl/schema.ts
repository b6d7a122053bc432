/** Checks lines of `--json` against the JSON Schema as it is published, made from the same zod schemas as the file in dist. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";
import { OUTPUT_SCHEMAS } from "../../src/repl/output/schema.js";

export type SchemaName = keyof typeof OUTPUT_SCHEMAS;

/** The errors of the first line that does not fit; empty when all do. */
export function schemaErrors(lines: readonly object[], json: object): string[] {
  // The formats date and date-time are checked by the patterns zod writes beside them.
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(json);
  for (const line of lines) {
    if (!validate(line))
      return [
        JSON.stringify(line).slice(0, 300),
        ...(validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`),
      ];
  }
  return [];
}

/** The schema of a command as write-schema.ts makes it. */
export function jsonSchema(name: SchemaName): object {
  return z.toJSONSchema(OUTPUT_SCHEMAS[name], { target: "draft-2020-12" });
}
