import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openRun } from "../../src/engine/compare/read-run.js";
import type { RunDay, RunReader } from "../../src/engine/compare/run-day.js";
import { RunWriter } from "../../src/engine/compare/write-run.js";
import { BardeckError } from "../../src/engine/errors.js";
import { positionPlace } from "../../src/engine/protocol/places.js";
import { fillDisk, hasFullDisk } from "../fixtures/full-disk.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { difference, runOf, type TestRun } from "./runs.js";

async function save(run: TestRun, path: string): Promise<number> {
  const writer = await RunWriter.create(path, run.header);
  try {
    for (const day of run.list) await writer.addDay(day);
    return await writer.finish("somewhere");
  } finally {
    await writer.abandon();
  }
}

async function daysOf(run: RunReader): Promise<RunDay[]> {
  const days: RunDay[] = [];
  for await (const day of run.days()) days.push(day);
  return days;
}

/** What reading the whole file comes to. */
async function readAll(path: string): Promise<RunDay[] | BardeckError> {
  try {
    return await daysOf(await openRun(path));
  } catch (error) {
    if (error instanceof BardeckError) return error;
    throw error;
  }
}

describe("a saved run", () => {
  it("is read back as it was, wherever it stood, and equals the run it was saved from", async () => {
    const folder = tempFolder();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), fc.nat({ max: 12 }), async (seed, position) => {
        const whole = await runOf(seed);
        const slots = whole.plan.sessions[0].minutes * whole.plan.symbols.length;
        const run = position % 2 === 0 ? whole : await runOf(seed, { stopAt: positionPlace(0, position % slots) });
        const path = folder.file("run.ndjson");
        const lines = await save(run, path);
        expect(readFileSync(path, "utf8").split("\n")).toHaveLength(lines + 1);
        const saved = await openRun(path);
        expect(saved.header).toEqual(run.header);
        expect(await daysOf(saved)).toEqual(run.list);
        expect(await difference(run, saved)).toMatchObject({ equal: true, compared: { days: run.list.length } });
        expect(await difference(saved, whole)).toMatchObject({ equal: true });
      }),
      { numRuns: 40 },
    );
  });

  it("begins with what the run was of and ends with its days, a JSON object a line", async () => {
    const path = tempFolder().file("run.ndjson");
    await save(await runOf(5), path);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const parsed = lines.map((line) => JSON.parse(line) as { type: string; kind?: string });
    expect(parsed[0]).toMatchObject({ type: "bardeck-run", version: 1, calendar: "simulated", timeZone: "UTC" });
    expect(parsed[1]).toMatchObject({ type: "day", epoch: 0, date: "2024-01-02", opensAt: "2024-01-02T14:30:00Z" });
    expect(parsed[2]).toMatchObject({ type: "event", kind: "load", id: "0.0.0.0", time: "2024-01-02T14:30:00Z" });
    expect(parsed.at(-1)).toMatchObject({ type: "end", place: "somewhere" });
  });

  it("of a run that has not begun has no days", async () => {
    const path = tempFolder().file("run.ndjson");
    const run = { ...(await runOf(5)), list: [] };
    await save(run, path);
    expect(await readAll(path)).toEqual([]);
  });
});

describe("writing", () => {
  it("replaces a saved run and an empty file, through a link, and nothing else", async () => {
    const folder = tempFolder();
    const run = await runOf(5);
    const path = folder.file("run.ndjson");
    await save(run, path);
    await save(run, path);
    const link = folder.file("link.ndjson");
    symlinkSync(path, link);
    writeFileSync(path, "");
    await save(run, link);
    expect(await readAll(path)).toEqual(run.list);
    const bars = folder.put("SPY.parquet", "PAR1 and so on");
    await expect(save(run, bars)).rejects.toMatchObject({
      exitCode: 4,
      message: `${bars} is there and is not a saved run`,
      hint: expect.stringContaining("another name"),
    });
    expect(readFileSync(bars, "utf8")).toBe("PAR1 and so on");
    expect(readdirSync(folder.path).toSorted()).toEqual(["SPY.parquet", "link.ndjson", "run.ndjson"]);
  });

  it("says why it cannot: a folder that is missing, a folder in the way", async () => {
    const folder = tempFolder();
    const run = await runOf(5);
    await expect(save(run, `${folder.path}/none/run.ndjson`)).rejects.toMatchObject({ exitCode: 4 });
    await expect(save(run, folder.path)).rejects.toMatchObject({ exitCode: 4, message: /it is a folder/ });
  });

  it.runIf(hasFullDisk)("leaves the file of before and nothing else when the disk is full", async () => {
    const folder = tempFolder();
    const run = await runOf(5);
    const path = folder.file("run.ndjson");
    await save(run, path);
    const before = readFileSync(path, "utf8");
    const disk = await fillDisk();
    for (const writes of [0, 1, run.list.length, run.list.length + 1]) {
      disk.left = writes;
      await expect(save(run, path)).rejects.toMatchObject({ exitCode: 4, message: /ENOSPC/ });
      disk.left = Infinity;
      expect(readdirSync(folder.path)).toEqual(["run.ndjson"]);
      expect(readFileSync(path, "utf8")).toBe(before);
    }
    const writer = await RunWriter.create(path, run.header);
    await writer.abandon();
    expect(readdirSync(folder.path)).toEqual(["run.ndjson"]);
  });
});

describe("a file that is no saved run", () => {
  it.each([
    ["an empty file", "", "line 1: the file is empty"],
    ["Parquet", "PAR1\u0015\u0004\u0015", "is not a saved run"],
    ["bytes that are no text", Uint8Array.of(0xff, 0xfe, 0x00, 0x0a), "is not a saved run"],
    ["NDJSON of a run", '{"type":"run","schema":1}\n', "is not a saved run"],
    ["a JSON value", "null\n", "is not a saved run"],
    ["one endless line", "x".repeat(17 << 20), "is not a saved run"],
    [
      "one of a newer version",
      '{"type":"bardeck-run","version":2}\n',
      "of version 2; this bardeck reads up to version 1",
    ],
    ["one without a version", '{"type":"bardeck-run"}\n', "line 1: version"],
  ])("%s is refused", async (_, content, message) => {
    const path = tempFolder().put("file.ndjson", content);
    expect(await readAll(path)).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(message),
      hint: expect.stringMatching(/./),
      place: { file: path },
    });
  });

  it("a file that is not there, a folder and a FIFO give 4, without waiting", async () => {
    const folder = tempFolder();
    expect(await readAll(`${folder.path}/none`)).toMatchObject({ exitCode: 4, message: /there is no such file/ });
    expect(await readAll(folder.path)).toMatchObject({ exitCode: 4, message: /is not a file/ });
    execFileSync("mkfifo", [folder.file("fifo")]);
    expect(await readAll(folder.file("fifo"))).toMatchObject({ exitCode: 4 });
  });
});

describe("a damaged file", () => {
  const written = async (): Promise<{ path: string; lines: string[]; put(lines: string[]): void }> => {
    const path = tempFolder().file("run.ndjson");
    const seed = 5;
    await save(await runOf(seed), path);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    return { path, lines, put: (changed) => writeFileSync(path, `${changed.join("\n")}\n`) };
  };
  const dayAt = (lines: string[], n: number): number =>
    lines.flatMap((line, i) => (line.startsWith('{"type":"day"') ? [i] : []))[n];
  const edit = (lines: string[], i: number, change: (line: Record<string, unknown>) => object): string[] =>
    lines.map((line, at) =>
      at === i ? JSON.stringify({ ...change(JSON.parse(line) as Record<string, unknown>) }) : line,
    );

  type Damage = readonly [what: string, message: RegExp, damage: (lines: string[]) => string[]];
  const DAMAGES: readonly Damage[] = [
    ["cut off after a day", /line \d+: the end is missing/, (lines) => lines.slice(0, -1)],
    ["cut off in a line", /line \d+: it is not JSON/, (lines) => [...lines.slice(0, -1), '{"type":"en']],
    ["with a line too many", /line \d+: there is something after the end/, (lines) => [...lines, lines[2]]],
    [
      "without a day",
      /line \d+: session 1 does not follow/,
      (lines) => lines.filter((_, i) => i > dayAt(lines, 1) - 1 || i < 1),
    ],
    ["with a day twice", /line \d+: session 0 does not follow/, (lines) => lines.toSpliced(3, 0, lines[1])],
    [
      "with an event of another day",
      /line 3: the event is not of the day above it/,
      (lines) => edit(lines, 2, (e) => ({ ...e, epoch: 9 })),
    ],
    [
      "with an event before the days",
      /line 2: the event is not of the day/,
      (lines) => lines.toSpliced(1, 0, lines[2]),
    ],
    ["with an event of no known kind", /line 3: kind/, (lines) => edit(lines, 2, (e) => ({ ...e, kind: "flood" }))],
    [
      "with another number of days",
      /line \d+: the file has \d days, not 9/,
      (lines) => edit(lines, lines.length - 1, (e) => ({ ...e, days: 9 })),
    ],
    ["with a digest that is none", /line 2: digest/, (lines) => edit(lines, 1, (d) => ({ ...d, digest: "x" }))],
    ["with a field nobody knows", /line 2: Unrecognized key/, (lines) => edit(lines, 1, (d) => ({ ...d, more: 1 }))],
    [
      "with more slots than there are",
      /line 2: 9999 slots are more/,
      (lines) => edit(lines, 1, (d) => ({ ...d, position: 9999 })),
    ],
    [
      "with a session that closes before it opens",
      /line 2: a session of -?\d+ minutes/,
      (lines) => edit(lines, 1, (d) => ({ ...d, closesAt: d.opensAt })),
    ],
    [
      "with an endless session",
      /line 2: a session of \d+ minutes/,
      (lines) => edit(lines, 1, (d) => ({ ...d, closesAt: "2100-01-01T00:00:00Z" })),
    ],
    ["with bars that are none", /line 2: /, (lines) => edit(lines, 1, (d) => ({ ...d, bars: "AAAA" }))],
    ["with bars of too few slots", /line 2: /, (lines) => edit(lines, 1, (d) => ({ ...d, bars: "AwA=" }))],
    [
      "with another digest of a minute",
      /line 2: its bars do not give its digests/,
      (lines) => edit(lines, 1, (d) => ({ ...d, minutes: (d.minutes as string[]).map(() => "0".repeat(16)) })),
    ],
    [
      "with too few digests",
      /line 2: its bars do not give its digests/,
      (lines) => edit(lines, 1, (d) => ({ ...d, minutes: (d.minutes as string[]).slice(1) })),
    ],
    [
      "whose first day was not closed",
      /line \d+: session 1 does not follow/,
      (lines) => edit(lines, 1, (d) => ({ ...d, steps: 0 })),
    ],
  ];

  it.each(DAMAGES)("%s is refused with the line", async (_, message, damage) => {
    const { path, lines, put } = await written();
    put(damage(lines));
    expect(await readAll(path)).toMatchObject({ exitCode: 3, code: "damaged-run", message });
  });

  it("a file cut off anywhere is refused, but for its last line feed", async () => {
    const { path, lines } = await written();
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 2 }), async (length) => {
        writeFileSync(path, bytes.subarray(0, length));
        expect(await readAll(path)).toMatchObject({ exitCode: 3 });
      }),
      { numRuns: 60 },
    );
    writeFileSync(path, bytes.subarray(0, -1));
    expect(await readAll(path)).toHaveLength(lines.filter((line) => line.startsWith('{"type":"day"')).length);
  });

  it("another byte anywhere is refused, or read as what it says; nothing else happens", async () => {
    const { path, lines } = await written();
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), async (at, value) => {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        writeFileSync(path, changed);
        const result = await readAll(path);
        if (result instanceof BardeckError) expect(result).toMatchObject({ exitCode: 3, place: { file: path } });
      }),
      { numRuns: 300 },
    );
  });

  it("a file that changes between opening and reading is refused", async () => {
    const { path, lines, put } = await written();
    const saved = await openRun(path);
    put(edit(lines, 0, (header) => ({ ...header, sessions: 99 })));
    await expect(daysOf(saved)).rejects.toMatchObject({ message: /line 1: the file has changed/ });
    rmSync(path);
    mkdirSync(dirname(path), { recursive: true });
    await expect(daysOf(saved)).rejects.toMatchObject({ exitCode: 4 });
  });
});
