/** Rules for the tests themselves, each with its reason. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const TESTS = resolve(import.meta.dirname, "..");

const files = readdirSync(TESTS, { recursive: true, encoding: "utf8" }).filter((file) => /\.(ts|mjs)$/.test(file));

/** What is started as another process, as written: the arguments of each such call. */
const started = files.flatMap((file) =>
  [
    ...readFileSync(join(TESTS, file), "utf8").matchAll(/\b(?:exec|execFile|spawn|fork)(?:Sync)?\(([^;]*?)\)(?:;|$)/gm),
  ].map((match) => ({ file, call: match[1].replaceAll(/\s+/g, " ") })),
);

it("nothing builds while tests run: workers and the command line run from dist in other files at that time", () => {
  expect(started.length, "the calls are found").toBeGreaterThan(5);
  const building = started.filter(({ call }) => /\b(npm run|npx|tsc|write-schema)\b/.test(call));
  expect(building).toEqual([]);
});

it("npm test builds first, once, and starts the tests when that is over", () => {
  const { scripts } = JSON.parse(readFileSync(join(TESTS, "../package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(scripts.test).toMatch(/^npm run --silent build && (\w+=\w+ )?vitest run /);
  expect(scripts.pretest ?? scripts.posttest, "no other script runs with it").toBeUndefined();
});
