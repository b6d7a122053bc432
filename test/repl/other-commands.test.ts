import { expect, it } from "vitest";
import { readFileSync } from "node:fs";
import {
  FileError,
  type ExportReport,
  type OpenOptions,
  type SchedulesReport,
  type VerifyReport,
  type verifySchedules,
} from "../../src/engine/index.js";
import { exportCommand } from "../../src/repl/commands/export.js";
import { info } from "../../src/repl/commands/info.js";
import { verifyCommand } from "../../src/repl/commands/verify.js";
import { userPaths } from "../../src/repl/paths.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { fakeContext } from "./fakes.js";
import { parseLines } from "./run-cli.js";
import { jsonSchema, schemaErrors } from "./schema.js";

const good: VerifyReport = {
  ok: true,
  digest: "d1:ab",
  variants: [
    { name: "3600x", digest: "d1:ab", equal: true, seconds: 1.5 },
    { name: "random pauses", digest: "d1:ab", equal: true, seconds: 0.25 },
  ],
  brokenInvariants: [],
};
const differs: VerifyReport = {
  ...good,
  ok: false,
  variants: [{ ...good.variants[0], digest: "d1:cd", equal: false }, good.variants[1]],
};
const broken: VerifyReport = { ...differs, brokenInvariants: ["I4 2013-10-07: 828 rows, 827 accounted for"] };

const held: SchedulesReport = {
  ok: true,
  schedules: 20,
  seed: 5,
  sessions: 6,
  rolls: 5,
  sessionsOfRange: 60,
  steps: 123_456,
  seconds: 1.5,
  digest: "d1:ab",
  failure: null,
};
const failure = { seed: 9, from: "2013-10-07", to: "2013-10-10", what: "drained with work left", step: 2256 };
const failing = (invariant: string): SchedulesReport => ({
  ...held,
  ok: false,
  failure: { ...failure, invariant, actions: ["#2255 upkeep: wait (a turn)"] },
});
const notVariants = async (): Promise<VerifyReport> => Promise.reject(new Error("the variants were run"));

it.each([
  ["0 when all replays agree", good, 0, "one digest, every invariant holds: d1:ab"],
  ["6 when one differs", differs, 6, "1 of 2 replays differ: d1:ab"],
  ["1 when an invariant is broken, whatever the digests say", broken, 1, "broken: I4 2013-10-07"],
])("verify gives %s", async (_, report, code, text) => {
  const context = fakeContext();
  expect(
    await verifyCommand(
      context,
      {},
      "data",
      async () => report,
      async () => held,
    ),
  ).toBe(code);
  expect(context.out.text).toContain(text);
  const json = fakeContext();
  expect(
    await verifyCommand(
      json,
      { json: true },
      "data",
      async () => report,
      async () => held,
    ),
  ).toBe(code);
  expect(schemaErrors(parseLines(json.out.text), jsonSchema("verify"))).toEqual([]);
  expect(parseLines(json.out.text)).toMatchObject([{ type: "verify" }, { type: "schedules", schedules: 20 }]);
});

it("verify goes on with 60 schedules, and the worse of the two decides", async () => {
  const verdict = async (variants: VerifyReport, schedules: SchedulesReport): Promise<number> => {
    const replay = async (...args: Parameters<typeof verifySchedules>): Promise<SchedulesReport> => {
      expect(args.slice(1, 3)).toEqual([60, 1]);
      return schedules;
    };
    return verifyCommand(fakeContext(), {}, "data", async () => variants, replay);
  };
  expect(await verdict(good, held)).toBe(0);
  expect(await verdict(good, failing("I13"))).toBe(6);
  expect(await verdict(differs, failing("I8"))).toBe(1);
  expect(await verdict(differs, held)).toBe(6);
});

it("verify hands on the options and the signal", async () => {
  const context = fakeContext();
  let seen: unknown[] = [];
  await verifyCommand(
    context,
    { symbols: "SPY", derive: "10m" },
    "data",
    async (...args) => {
      seen = args;
      return good;
    },
    async () => held,
  );
  expect(seen[0]).toMatchObject({ path: "data", symbols: ["SPY"], derive: [10] });
  expect(seen[1]).toMatchObject({ signal: context.signal });
});

it.each([
  [
    "0 when all hold",
    held,
    0,
    "20 schedules (seeds 5 to 24) of 6 of 60 sessions with 5 rolls: 123,456 steps in 1.50 s",
  ],
  ["1 when an invariant is broken", failing("I8"), 1, "broken: I8: drained with work left"],
  ["6 when a digest differs", failing("I13"), 6, "differs: I13: drained with work left"],
  [
    "0 for a range without sessions",
    { ...held, schedules: 0, sessions: 0 },
    0,
    "0 sessions: there is nothing to replay",
  ],
])("verify --schedules gives %s", async (_, report, code, text) => {
  const context = fakeContext();
  const raw = { schedules: "20" };
  expect(await verifyCommand(context, raw, "data", notVariants, async () => report)).toBe(code);
  expect(context.out.text).toContain(text);
  const json = fakeContext();
  expect(await verifyCommand(json, { ...raw, json: true }, "data", notVariants, async () => report)).toBe(code);
  expect(schemaErrors(parseLines(json.out.text), jsonSchema("verify"))).toEqual([]);
});

it("verify names the command that replays a schedule that failed, with the options it was given", async () => {
  const context = fakeContext({ env: { BARDECK_SEEDED_BUG: "no-drain" } });
  const raw = { schedules: "20", symbols: "SPY,IBM", fill: "forward", label: "end" };
  await verifyCommand(context, raw, "my data", notVariants, async () => failing("I8"));
  expect(context.out.text).toContain(
    "replay: BARDECK_SEEDED_BUG=no-drain bardeck verify 'my data' --symbols SPY,IBM --fill forward --label end --schedules 1 --seed 9\n",
  );
  expect(context.out.text).toContain("seed 9, sessions 2013-10-07 … 2013-10-10, step 2,256");
  expect(context.out.text).toContain("#2255 upkeep: wait (a turn)");
});

it("verify hands on how many schedules, the seed and the signal; of one alone every action goes to the log", async () => {
  const folder = tempFolder();
  const context = fakeContext();
  const seen: unknown[][] = [];
  const replay = async (...args: Parameters<typeof verifySchedules>): Promise<SchedulesReport> => {
    seen.push(args.slice(1, 3));
    expect(args[0]).toMatchObject({ path: "data", derive: [10] });
    expect(args[3]?.signal).toBe(context.signal);
    args[3]?.onAction?.("#1 main looks");
    return held;
  };
  const run = (raw: object): Promise<number> =>
    verifyCommand(context, { derive: "10m", log: folder.file("log"), ...raw }, "data", notVariants, replay);
  await run({ schedules: "20", seed: "7" });
  await run({ schedules: "20" });
  expect(readFileSync(folder.file("log"), "utf8")).not.toContain("main looks");
  await run({ seed: "7" });
  expect(seen).toEqual([
    [20, 7],
    [20, 1],
    [1, 7],
  ]);
  expect(readFileSync(folder.file("log"), "utf8")).toContain("#1 main looks");
});

it.each([
  [{ schedules: "0" }, "--schedules 0 would verify nothing"],
  [{ schedules: "many" }, '--schedules: "many" is not a whole number'],
  [{ schedules: "3", seed: "-1" }, '--seed: "-1" is not a whole number'],
])("verify refuses %j before it opens anything", async (raw, message) => {
  await expect(verifyCommand(fakeContext(), raw, "data", notVariants)).rejects.toMatchObject({ exitCode: 2, message });
});

const exported: ExportReport = { files: ["bars.parquet", "evil\u001b[2J.parquet"], rows: 1234, digest: "d1:ab" };

it("export lists what was written", async () => {
  const folders: string[] = [];
  const write = async (_: OpenOptions, folder: string): Promise<ExportReport> => {
    folders.push(folder);
    return exported;
  };
  const context = fakeContext();
  expect(await exportCommand(context, { out: "dir" }, "data", write)).toBe(0);
  expect(context.out.text).toBe(
    " bars.parquet\n evil\\x1b[2J.parquet\n written: 1,234 rows in 2 files under dir\n digest   d1:ab\n",
  );
  const json = fakeContext();
  await exportCommand(json, { out: "dir", json: true }, "data", write);
  expect(schemaErrors(parseLines(json.out.text), jsonSchema("export"))).toEqual([]);
  expect(folders).toEqual(["dir", "dir"]);
});

it("export names the first of very many files and counts the others", async () => {
  const files = Array.from({ length: 500 }, (_, i) => `${i}.parquet`);
  const context = fakeContext();
  await exportCommand(context, { out: "dir" }, "data", async () => ({ ...exported, files }));
  expect(context.out.text).toContain(" … and 480 files more\n");
  expect(context.out.text.split("\n").length).toBeLessThan(30);
});

it("export needs a folder, and passes on why it could not write", async () => {
  const write = async (): Promise<never> => Promise.reject(new FileError("cannot-write", "the disk is full"));
  await expect(exportCommand(fakeContext(), {}, "data", write)).rejects.toMatchObject({
    exitCode: 2,
    hint: "add --out FOLDER",
  });
  await expect(exportCommand(fakeContext(), { out: "d" }, "data", write)).rejects.toMatchObject({ exitCode: 4 });
});

it("events are asked of a run in NDJSON, of nothing else", async () => {
  const raw = { events: true, json: true, out: "d" };
  await expect(verifyCommand(fakeContext(), raw, "data", notVariants)).rejects.toMatchObject({ exitCode: 2 });
  await expect(exportCommand(fakeContext(), raw, "data", async () => exported)).rejects.toMatchObject({ exitCode: 2 });
  await expect(verifyCommand(fakeContext(), { events: true }, "data", notVariants)).rejects.toMatchObject({
    message: "--events needs --json",
  });
});

it("info tells version, Node version and folders", async () => {
  const context = fakeContext({ env: { XDG_CACHE_HOME: "/var/cache/me" } });
  expect(await info(context, {})).toBe(0);
  expect(context.out.text).toContain(process.version);
  expect(context.out.text).toContain("/var/cache/me/bardeck");
  const json = fakeContext();
  await info(json, { json: true });
  expect(schemaErrors(parseLines(json.out.text), jsonSchema("info"))).toEqual([]);
});

it("folders follow the XDG variables; a relative or empty one is ignored", () => {
  expect(userPaths({}, "/home/me")).toEqual({
    config: "/home/me/.config/bardeck",
    cache: "/home/me/.cache/bardeck",
    state: "/home/me/.local/state/bardeck",
    log: "/home/me/.local/state/bardeck/bardeck.log",
  });
  expect(
    userPaths({ XDG_CONFIG_HOME: "relative", XDG_CACHE_HOME: "", XDG_STATE_HOME: "/s" }, "/home/me"),
  ).toMatchObject({
    config: "/home/me/.config/bardeck",
    cache: "/home/me/.cache/bardeck",
    state: "/s/bardeck",
  });
});
