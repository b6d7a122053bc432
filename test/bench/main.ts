/**
 * `npm run bench [-- NAME …] [-- --json]`: runs the benches and prints their ratios, or with `--json` a line for each figure.
 * Nothing here passes or fails: a time depends on the machine.
 */
import { BENCHES } from "./benches.js";
import type { Figure } from "./kit.js";

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const json = process.argv.includes("--json");
const size = process.argv.includes("--tiny") ? "tiny" : "full";
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no bench is named ${unknown.join(", ")}; there are ${Object.keys(BENCHES).join(", ")}`);
  process.exit(2);
}

for (const [name, bench] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const figure of await bench(size)) console.log(json ? asLine(figure) : asText(figure));
}

function asLine({ name, symbols, value, unit, reference, ratio, digest }: Figure): string {
  return JSON.stringify({
    name,
    symbols,
    value: round(value),
    unit,
    reference: round(reference),
    ratio: round(ratio),
    digest,
  });
}

function asText({ name, symbols, value, unit, reference, ratio, to, target, digest }: Figure): string {
  const size = symbols > 0 ? `${symbols} symbols` : "";
  const measured = `${String(round(value)).padStart(9)} ${unit.padEnd(10)}`;
  const compared = `× ${String(round(ratio)).padEnd(7)} of ${round(reference)} (${to})`;
  const wanted = target === undefined ? "" : `   target ${target}`;
  return `${name.padEnd(22)} ${size.padEnd(12)} ${measured} ${compared}${wanted}\n${" ".repeat(23)}${digest}`;
}

/** Four significant digits: more would be noise. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}
