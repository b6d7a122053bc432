import { expect, it } from "vitest";
import { FileError, type ExportReport, type OpenOptions, type VerifyReport } from "../../src/engine/index.js";
import { exportCommand } from "../../src/repl/commands/export.js";
import { info } from "../../src/repl/commands/info.js";
import { verifyCommand } from "../../src/repl/commands/verify.js";
import { userPaths } from "../../src/repl/paths.js";
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

it.each([
  ["0 when all replays agree", good, 0, "one digest, every invariant holds: d1:ab"],
  ["6 when one differs", differs, 6, "1 of 2 replays differ: d1:ab"],
  ["1 when an invariant is broken, whatever the digests say", broken, 1, "broken: I4 2013-10-07"],
])("verify gives %s", async (_, report, code, text) => {
  const context = fakeContext();
  expect(await verifyCommand(context, {}, "data", async () => report)).toBe(code);
  expect(context.out.text).toContain(text);
  const json = fakeContext();
  expect(await verifyCommand(json, { json: true }, "data", async () => report)).toBe(code);
  expect(schemaErrors(parseLines(json.out.text), jsonSchema("verify"))).toEqual([]);
});

it("verify hands on the options and the signal", async () => {
  const context = fakeContext();
  let seen: unknown[] = [];
  await verifyCommand(context, { symbols: "SPY", derive: "10m" }, "data", async (...args) => {
    seen = args;
    return good;
  });
  expect(seen[0]).toMatchObject({ path: "data", symbols: ["SPY"], derive: [10] });
  expect(seen[1]).toMatchObject({ signal: context.signal });
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
  await expect(verifyCommand(fakeContext(), raw, "data", async () => good)).rejects.toMatchObject({ exitCode: 2 });
  await expect(exportCommand(fakeContext(), raw, "data", async () => exported)).rejects.toMatchObject({ exitCode: 2 });
  await expect(verifyCommand(fakeContext(), { events: true }, "data", async () => good)).rejects.toMatchObject({
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
