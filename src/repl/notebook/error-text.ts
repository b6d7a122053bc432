/**
 * How bardeck's errors print where a front end prints them whole, as tslab does in a cell: message, place and what to do
 * first, then where in the notebook or script it came from, and the cause. Without the engine's own frames.
 */
import { sep } from "node:path";
import { inspect } from "node:util";
import { BardeckError, escapeName } from "../../engine/index.js";
import { inspectAs } from "./display.js";

const OWN_FILES = new URL("../..", import.meta.url).pathname.split("/").join(sep);
const FOREIGN = /node_modules|node:|<anonymous>:/;

inspectAs(BardeckError.prototype, function (this: BardeckError) {
  const { file, row, rowGroup, column } = this.place;
  const place = Object.entries({ file, "row group": rowGroup, row, column })
    .filter(([, value]) => value !== undefined)
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
  return stack.split("\n").filter((line) => /^\s+at /.test(line) && !line.includes(OWN_FILES) && !FOREIGN.test(line));
}
