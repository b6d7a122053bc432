/**
 * How bardeck's errors print where a front end prints them whole, as tslab does in a cell: message, place and what to do
 * first, then where in the notebook or script it came from, and the cause. Without the engine's own frames.
 */
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { BardeckError, escapeName } from "../../engine/index.js";
import { inspectAs } from "./display.js";

const PACKAGE = fileURLToPath(new URL("../../..", import.meta.url));
const OWN_FILES = [join(PACKAGE, "dist", sep), join(PACKAGE, "src", sep)];
const FOREIGN = /node_modules|node:|<anonymous>/;

inspectAs(BardeckError.prototype, function (this: BardeckError) {
  const { file, row, rowGroup, column } = this.place;
  const place = Object.entries({ file, "row group": rowGroup, row, column })
    .filter(([, value]) => value !== undefined && !this.message.includes(String(value)))
    .map(([name, value]) => `${name} ${escapeName(String(value))}`);
  const lines = [`${this.name}: ${this.message.split("\n").map(escapeName).join("\n  ")}`];
  if (place.length > 0) lines.push(`  at ${place.join(", ")}`);
  if (this.hint !== "") lines.push(`  try: ${escapeName(this.hint)}`);
  if (this.code === "internal") lines.push(this.stack ?? "");
  else lines.push(...callers(this.stack ?? ""));
  if (this.cause !== undefined) lines.push(`  cause: ${inspect(this.cause)}`);
  return lines.join("\n");
});

/** The frames of whoever called: neither bardeck's, nor the front end's. */
function callers(stack: string): string[] {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !OWN_FILES.some((own) => line.includes(own)) && !FOREIGN.test(line));
}
