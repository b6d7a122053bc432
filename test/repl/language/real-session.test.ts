/** The command language over real threads: the demo data, and the real data where it is. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureDemoData, EOD_STEPS, open, type OpenOptions, type Session } from "../../../src/engine/index.js";
import { Shell } from "../../../src/repl/language/shell.js";
import type { Answer } from "../../../src/repl/language/verb.js";
import { createTheme } from "../../../src/repl/output/theme.js";
import { userPaths } from "../../../src/repl/paths.js";
import { viewStyle } from "../../../src/repl/views/style.js";
import { removeFolder, tempFolder, type TempFolder } from "../../fixtures/temp-folder.js";

const REAL = fileURLToPath(new URL("../../../../shared/data/us-equity/bars-1m", import.meta.url));

let folder: TempFolder;
let demo: string;
beforeAll(async () => {
  folder = tempFolder({ keep: true });
  demo = await ensureDemoData(folder.path);
});
afterAll(() => removeFolder(folder.path));

const sessions: Session[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.dispose()));
});

async function shellOver(path: string, options: Omit<OpenOptions, "path"> = {}): Promise<[Shell, Session]> {
  const session = await open(path, options);
  sessions.push(session);
  const style = viewStyle(session, createTheme({ color: false, ascii: false }), 160);
  return [new Shell({ session, style, paths: userPaths({}, "/home/me") }), session];
}

/** The answers to a line, none of them an error. */
async function ask(shell: Shell, line: string): Promise<Answer[]> {
  const answers = await shell.execute(line);
  expect(answers.map(({ error }) => error?.message)).toEqual(answers.map(() => undefined));
  return answers;
}

/** Walks from 15:58 over the close, before each step of it and into the next day, and back the same way. */
async function walkTheClose(shell: Shell): Promise<void> {
  const digests: unknown[] = [];
  const note = async (line: string): Promise<Answer> => {
    const [answer, digest] = await ask(shell, `${line}; digest`);
    digests.push(digest.value);
    return answer;
  };
  expect((await note("until 15:58")).stop).toMatchObject({ reason: "until", step: undefined });
  for (const step of EOD_STEPS) {
    const { stop, lines } = await note("step phase");
    expect(stop).toMatchObject({ reason: "step", step });
    expect(lines.join("\n")).toMatch(new RegExp(`before ${step}\\)`));
    expect(lines.join("\n")).toMatch(/\n coordinator +paused {2}.*\n upkeep +paused {2}.*\n prefetch /);
  }
  const there = [...digests];
  expect((await ask(shell, "back 8 phase"))[0].stop?.step).toBe(EOD_STEPS[1]);
  digests.length = 0;
  for (let i = 0; i < 8; i++) await note("n");
  expect(digests).toEqual(there.slice(-8));
  await ask(shell, "goto 15:30");
  expect((await ask(shell, "check"))[0].exitCode).toBe(0);
}

it("walks through the close of the demo data, back, and through it again with the same digests", async () => {
  const [shell] = await shellOver(demo, { symbols: ["SPY", "TSLA"] });
  await walkTheClose(shell);
});

it("shows the close as this", async () => {
  const [shell] = await shellOver(demo, { symbols: ["SPY", "TSLA"] });
  const answers = await ask(shell, "watch SPY.last; until 15:58; n; n; n; n; n; n; n; n; n; n; step bar");
  // Prefetch works ahead, at times of its own.
  const lines = answers.flatMap(({ command, lines: of }) => [`> ${command}`, ...of]);
  const steady = lines.filter((line) => !line.startsWith(" prefetch"));
  await expect(`${steady.join("\n")}\n`).toMatchFileSnapshot("golden/close.txt");
});

it("a thread is held while the other is stepped, and says what it waits for", async () => {
  const [shell] = await shellOver(demo, { symbols: ["SPY", "TSLA"] });
  const [, waits] = await ask(shell, "until 10:00; thread upkeep step");
  expect(waits.stop?.reason).toBe("waits");
  expect(waits.lines[0]).toBe("upkeep waits: SPY 10:00 is not published");
  const [ahead] = await ask(shell, "thread coordinator step 2");
  expect(ahead.lines[1]).toMatch(/minute 30\/390 .*2 published and not taken in/);
  expect(ahead.lines.join("\n")).toMatch(/\n upkeep +HELD {4}held; would take in SPY 10:00/);
  const [taken] = await ask(shell, "thread upkeep step 2");
  expect(taken.stop?.position).toMatchObject({ slots: 62, processed: 62 });
});

it("a script replays a session: places, breakpoints and the digest", async () => {
  const options = { symbols: ["SPY", "TSLA", "THIN"] };
  const [shell, session] = await shellOver(demo, options);
  await ask(shell, "break gap>=3; tb phase=roll; log rejected; c; mark one; watch TSLA.quality; c; ignore 1 2; c; n 3");
  await ask(
    shell,
    "goto one; s 7; step 3 minute; back 2; thread coordinator step; thread upkeep step; info q; del 1; c",
  );
  const [{ lines, value }] = await ask(shell, "script");
  expect(value).toEqual(lines);
  const [again, second] = await shellOver(demo, options);
  await ask(again, `source ${folder.put("script", lines.join("\n"))}`);
  const { run: _, ...place } = session.lastStop.position;
  expect(second.lastStop.position).toMatchObject(place);
  expect(second.digest()).toBe(session.digest());
  expect(second.breakpoints()).toEqual(session.breakpoints());
  expect((await ask(again, "script"))[0].lines).toEqual(lines);
});

it("pausing a clock-driven session gives a script that comes to the same place", async () => {
  const [shell, session] = await shellOver(demo, { symbols: ["SPY"], speed: 60 });
  const playing = shell.execute("play");
  await shell.execute("pause");
  expect((await playing)[0].stop?.reason).toBe("superseded");
  const [{ lines }] = await ask(shell, "script");
  const [again, second] = await shellOver(demo, { symbols: ["SPY"] });
  await ask(again, lines.join("; "));
  expect(second.timeUs).toBe(session.timeUs);
  expect(second.digest()).toBe(session.digest());
});

it("a mark at the end of the range can be gone to", async () => {
  const [shell] = await shellOver(demo, { symbols: ["SPY"] });
  const answers = await ask(shell, "play; mark end; goto 2025-07-02 10:00; goto end");
  expect(answers.at(-1)?.stop).toMatchObject({ phase: "FINISHED" });
});

it("a saved run is equal to itself and differs from another", async () => {
  const file = folder.file("a run.ndjson");
  const [shell] = await shellOver(demo, { symbols: ["SPY", "TSLA"] });
  await ask(shell, `until 2025-07-03 10:00; save '${file}'; export journal '${folder.file("j")}'`);
  expect((await ask(shell, `play; diff '${file}'`))[1]).toMatchObject({ exitCode: 0, value: { equal: true } });
  const [other] = await shellOver(demo, { symbols: ["SPY", "TSLA"], fill: "forward" });
  const [, different] = await ask(other, `play; diff '${file}'`);
  expect(different).toMatchObject({ exitCode: 6, value: { equal: false } });
  expect(different.lines[0]).toMatch(/^differs: fill: forward here, none there/);
});

// ---- anything in any order ----

const UNITS = ["bar", "minute", "event", "phase", "day", "bar TSLA"];
const CONDITIONS = [
  "gap>=2",
  "TSLA.quality<95",
  "phase=roll",
  "phase=activate",
  "15:58",
  "2025-07-03 10:15",
  "rejected",
];
const MORE = ["fill", "derived=incomplete", "day=2025-07-07", "phase=load if day=2025-07-03", "quality30<90", "banana"];
const TIMES = ["10:15", "2025-07-02 09:30", "2025-07-03 13:00", "2025-07-07 16:00", "m1", "m2", "never"];
const TOPICS = ["", "threads", "words", "streams", "eod", "quality", "gaps", "bars SPY 5m", "minutes", "journal", "b"];

/** Lines without end, the same for the same seed. */
function* lines(seed: number): Generator<string> {
  let state = seed;
  const below = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (state >> 8) % limit;
  };
  const one = <Value>(of: readonly Value[]): Value => of[below(of.length)];
  const n = (limit: number): number => 1 + below(limit);
  for (;;) {
    const condition = one([...CONDITIONS, ...MORE]);
    yield one([
      `step ${n(5)} ${one(UNITS)}`,
      `back ${n(5)} ${one(UNITS)}`,
      one(["play", "c", "rc", "", "pause", "why", "check", "script", "help"]),
      `until ${condition}`,
      `goto ${one(TIMES)}`,
      `${one(["break", "tb", "log"])} ${condition}`,
      `${one(["delete", "ignore 1"])} ${n(9)}`,
      `mark ${one(["m1", "m2"])}`,
      `thread ${one(["coordinator", "upkeep"])} step ${n(4)}`,
      one(["speed 100000", "speed max", "mode data", "watch SPY.last", "unwatch SPY.last", "break", "step ;; n"]),
      `info ${one(TOPICS)}`,
    ]);
  }
}

it.each([1, 2, 3])(
  "whatever is asked in whatever order, each command has one answer and a place one digest (seed %i)",
  async (seed) => {
    const [shell, session] = await shellOver(demo, { symbols: ["SPY", "THIN", "TSLA"], fill: "forward" });
    const digests = new Map<string, string>();
    const asked = lines(seed);
    const done: string[] = [];
    for (let i = 0; i < 120; i++) {
      const line = asked.next().value as string;
      done.push(line);
      for (const { error, stop, exitCode } of await shell.execute(line)) {
        if (error) expect([error.code, error.message, ...done.slice(-8)][0], done.slice(-8).join("; ")).toBe("usage");
        else expect(exitCode).toBe(0);
        const { state, date, phase, step, processed } = session.state();
        if (!stop || state === "held") continue;
        const place = [date, phase, step, processed].join(" ");
        expect(digests.get(place) ?? session.digest(), `${place} after ${done.slice(-8).join("; ")}`).toBe(
          session.digest(),
        );
        digests.set(place, session.digest());
      }
    }
    expect(session.check()).toEqual([]);
    expect(digests.size).toBeGreaterThan(10);
  },
);

describe.skipIf(!existsSync(REAL))("the real data", () => {
  it("walks through a close and over days with the same digests", async () => {
    const symbols = ["AIG", "BAC", "IBM", "SPY"];
    const [shell, session] = await shellOver(REAL, { symbols, from: "2013-10-04", to: "2013-10-11" });
    await walkTheClose(shell);
    await ask(shell, "goto 2013-10-08 10:15");
    const before = session.digest();
    expect(session.lastStop.position).toMatchObject({ epoch: 2, slots: 45 * 4 });
    const answers = await ask(shell, "break phase=roll if day=2013-10-09; c; n 3; back 2 day; goto 2013-10-08 10:15");
    expect(answers[1].lines[0]).toBe("breakpoint 1: phase=roll and day=2013-10-09");
    expect(answers[2].lines[1]).toMatch(/^ Thu 2013-10-10 /);
    expect(session.digest()).toBe(before);
  });
});

it("an exported journal says which sessions it has no data events of", async () => {
  const [shell] = await shellOver(demo, { symbols: ["SPY"] });
  const file = folder.file("journal.ndjson");
  const [whole] = await ask(shell, `export journal ${file}`);
  expect(whole.lines).toEqual([expect.stringMatching(/^written: \d+ lines to /)]);
  const [, later] = await ask(shell, `goto 2025-07-07 10:00; export journal ${file}`);
  expect(later.lines[1]).toMatch(/^data events from 2025-07-07 on: of 2 sessions before none is in memory/);
  const [, , arming] = await ask(shell, `goto 2025-07-03 10:00; back 2 phase; export journal ${file}`);
  expect(arming.lines[1]).toMatch(/^data events none: of 1 session before none is in memory/);
  const [, played] = await ask(shell, `play; export journal ${file}`);
  expect(played.lines[1]).toMatch(/^data events from 2025-07-03 on: of 1 session before none is in memory/);
});
