/**
 * The command line: exit codes, what goes where, pipes, signals. Each exit code, and what only a process has, is seen
 * from outside, on the built program (`runCli`); the rest in this process (`runHere`). Needs dist (npm test builds it).
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ensureDemoData } from "../../src/engine/index.js";
import { removeFolder, tempFolder, type TempFolder } from "../fixtures/temp-folder.js";
import { parseLines, runCli, startCli, type CliOptions, type CliResult } from "./run-cli.js";
import { runHere } from "./run-here.js";
import { schemaErrors } from "./schema.js";

const REAL = fileURLToPath(new URL("../../../shared/data/", import.meta.url));
const dist = (name: string): URL => new URL(`../../dist/${name}`, import.meta.url);

// Each test starts programs; other tests may be using the cores.
vi.setConfig({ testTimeout: 120_000 });

let home: TempFolder;
let data: string;
let cli: CliOptions;

beforeAll(async () => {
  home = tempFolder({ keep: true });
  cli = { home: home.path };
  data = await ensureDemoData(`${home.path}/cache/bardeck`);
});
afterAll(() => removeFolder(home.path));

/** What `run --json` says of the demo data: asked for once. */
let demoRun: Promise<CliResult> | undefined;
const runOfDemo = (): Promise<CliResult> => (demoRun ??= runHere(["run", data, "--json"], cli));

function publishedSchema(name: string): object {
  return JSON.parse(readFileSync(dist(`${name}-schema.json`), "utf8")) as object;
}

describe("help", () => {
  it("alone, shows where to start", async () => {
    const { code, stdout, stderr } = await runCli([], cli);
    expect([code, stderr]).toEqual([0, ""]);
    for (const start of ["bardeck demo", "bardeck inspect DATA", "bardeck run DATA"]) expect(stdout).toContain(start);
    expect(stdout.split("\n").length).toBeLessThan(12);
  });

  it("lists every command and option, without loading the engine", async () => {
    const { code, stdout } = await runHere(["run", "--help"], cli);
    expect(code).toBe(0);
    for (const option of ["--symbols", "--label", "--fill-from", "--fail-if", "--json", "--ascii"])
      expect(stdout).toContain(option);
    const all = (await runHere(["--help"], cli)).stdout;
    for (const command of ["demo", "open", "run", "inspect", "verify", "export", "kernel", "info"])
      expect(all).toMatch(new RegExp(`^  ${command}`, "m"));
  });

  it("prints the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(await runCli(["--version"], cli)).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("a slip", () => {
  it.each([
    [["rnu", "x"], "did you mean run?"],
    [["run", "DATA", "--symbls", "SPY"], "did you mean --symbols?"],
    [["run", "DATA", "--label", "strat"], "did you mean --label start?"],
    [["run", "DATA", "--speed", "-1"], "0 or max"],
    [["run", "DATA", "--speed", "NaN"], "0 or max"],
    [["run", "DATA", "--from", "2025-02-31"], "write 2025-02-28?"],
    [["run", "DATA", "--from", "2025-07-07", "--to", "2025-07-02"], "did you mean --from 2025-07-02 --to 2025-07-07?"],
    [["run", "DATA", "--symbols", "SPX"], "did you mean SPY?"],
    [["run", "DATA", "--derive", "1h"], "write --derive 60m"],
    [["run", "DATA", "--fail-if", "qualty<95"], "did you mean quality?"],
    [["run", "DATA", "--fail-if", "SPX.quality<95"], "did you mean SPY?"],
    [["run"], "bardeck run DATA"],
    [["run", "a.parquet", "b.parquet"], "quote a glob"],
    [["DATA"], "did you mean bardeck run"],
    [["verify", "DATA", "--schedules", "0"], "write --schedules 200"],
    [["export", "DATA", "--exec", "x"], "it is an option of bardeck open"],
    [["verify", "DATA", "--until=15:58"], "it is an option of bardeck open, bardeck run"],
    [["run", "DATA", "--plain"], "bardeck run takes no --plain"],
    [["run", "DATA", "--exac", "x"], "bardeck run --help lists the options"],
  ])("%j gives 2, a message on stderr and nothing on stdout", async (args, hint) => {
    const { code, stdout, stderr } = await runHere(
      args.map((word) => (word === "DATA" ? data : word)),
      cli,
    );
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(hint === "" ? "is not built yet" : hint);
  });

  it("is shown with control characters written out, from outside too", async () => {
    const { code, stdout, stderr } = await runCli(["\u001b[2Jrun"], cli);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("\\x1b[2Jrun");
    expect(stderr).not.toContain("\u001b");
  });

  it("is an error line on stdout with --json", async () => {
    const { code, stdout } = await runHere(["run", data, "--json", "--lable", "end"], cli);
    expect(code).toBe(2);
    expect(parseLines(stdout)).toMatchObject([{ type: "error", code: "usage", hint: "did you mean --label?" }]);
    expect(schemaErrors(parseLines(stdout), publishedSchema("run"))).toEqual([]);
  });
});

describe("run", () => {
  it("shows the demo data as this table", async () => {
    const { code, stdout, stderr } = await runCli(["run", data], cli);
    expect([code, stderr]).toEqual([0, ""]);
    const steady = stdout
      .replace(/ speed .*/, " speed     (varies)")
      .replace(/([di]\d):[0-9a-f]{32}/g, "$1:(hash)")
      .replace(/^bardeck \S+/, "bardeck (version)");
    await expect(steady).toMatchFileSnapshot("golden/demo-run.txt");
  });

  it("writes NDJSON that fits the published schema, and says the same as the classes of the files", async () => {
    const { code, stdout, stderr } = await runOfDemo();
    expect([code, stderr]).toEqual([0, ""]);
    const lines = parseLines(stdout);
    expect(schemaErrors(lines, publishedSchema("run"))).toEqual([]);
    expect(lines.map((line) => line.type).join(" ")).toMatch(/^run session session session (file )+summary$/);
    const files = lines.filter((line) => line.type === "file") as { rows: number; classes: Record<string, number> }[];
    for (const { rows, classes } of files) expect(Object.values(classes).reduce((a, b) => a + b, 0)).toBe(rows);
    expect(files.reduce((sum, file) => sum + file.rows, 0)).toBe(lines.at(-1)?.rows);
  });

  it("gives the same lines each time, but for the seconds", async () => {
    const steady = async (run: typeof runHere, ...more: string[]): Promise<string> =>
      (await run(["run", data, "--json", ...more], cli)).stdout
        .replace(/"seconds".*?,"barsPerSecond".*?,/, "")
        .replace(/"options":\{.*?\},/, "");
    const once = await steady(runCli);
    expect(await steady(runHere)).toBe(once);
    expect(await steady(runHere, "--speed", "100000")).toBe(once);
  });

  it("writes a line for each data event before the session it belongs to, and none unasked", async () => {
    const { code, stdout } = await runHere(["run", data, "--json", "--events", "--fill", "forward"], cli);
    expect(code).toBe(0);
    const lines = parseLines(stdout);
    expect(schemaErrors(lines, publishedSchema("run"))).toEqual([]);
    const events = lines.filter((line) => line.type === "event");
    const kinds = new Set(events.map((line) => line.kind));
    for (const kind of ["activate", "gap", "fill", "rejected", "conflict", "filtered", "derived", "record"]) {
      expect([...kinds]).toContain(kind);
    }
    for (const [i, line] of lines.entries()) {
      if (line.type === "event")
        expect(lines.slice(i).find((later) => later.type === "session")?.epoch).toBe(line.epoch);
    }
    expect(new Set(events.map((line) => line.id)).size).toBe(events.length);
    expect((await runOfDemo()).stdout).not.toContain('"event"');
  });

  it("gives 0 for a range without sessions", async () => {
    const { code, stdout } = await runHere(["run", data, "--from", "2024-01-01", "--to", "2024-01-31"], cli);
    expect(code).toBe(0);
    expect(stdout).toContain("0 sessions; 21 sessions without data skipped; inside the data: none");
  });

  it("gives 5 when a --fail-if holds and 0 when none does", async () => {
    const held = await runCli(["run", data, "--fail-if", "TSLA.quality<80", "--fail-if", "conflicts>9"], cli);
    expect(held.code).toBe(5);
    expect(held.stderr).toBe("--fail-if held: TSLA 2025-07-07: quality 76.92 (TSLA.quality<80)\n");
    expect((await runHere(["run", data, "--fail-if", "SPY.quality<99"], cli)).code).toBe(0);
  });

  it("gives 4 for a path that does not exist", async () => {
    const { code, stdout, stderr } = await runCli(["run", `${data}x`], cli);
    expect([code, stdout]).toEqual([4, ""]);
    expect(stderr).toMatch(/^error: .*\n {2}try: /);
  });

  it("gives 4 for a log that cannot be written", async () => {
    expect((await runHere(["run", data, "--log", `${data}/no/such/folder`], cli)).code).toBe(4);
  });

  it("demo makes its data once and says what to try next", async () => {
    const fresh = tempFolder();
    const first = await runCli(["demo", "--symbols", "SPY"], { home: fresh.path });
    expect(first.code).toBe(0);
    expect(first.stderr).toContain("Next: bardeck inspect ");
    const [folder] = readdirSync(`${fresh.path}/cache/bardeck`);
    expect(existsSync(`${fresh.path}/cache/bardeck/${folder}/symbol=SPY`)).toBe(true);
    expect((await runHere(["demo", "--symbols", "SPY", "--json"], { home: fresh.path })).stderr).toBe("");
  });

  it("a cache that cannot be written gives 4 and names XDG_CACHE_HOME", async () => {
    const file = home.put("not-a-folder", "");
    const { code, stderr } = await runHere(["demo"], { home: home.path, env: { XDG_CACHE_HOME: file } });
    expect(code).toBe(4);
    expect(stderr).toContain("XDG_CACHE_HOME");
  });
});

describe("verify and export", () => {
  it("verify finds one digest for the demo data", async () => {
    const { code, stdout } = await runHere(["verify", data, "--json", "--to", "2025-07-03"], cli);
    expect(code).toBe(0);
    expect(schemaErrors(parseLines(stdout), publishedSchema("verify"))).toEqual([]);
    expect(parseLines(stdout)).toMatchObject([
      { type: "verify", ok: true, brokenInvariants: [] },
      { type: "schedules", ok: true, schedules: 60, failure: null },
    ]);
  });

  it("verify --schedules replays the days under seeded schedules, and names the one that a switched-off rule breaks", async () => {
    const some = ["verify", data, "--symbols", "SPY,THIN", "--json", "--schedules"];
    const { code, stdout } = await runHere([...some, "5"], cli);
    expect([code, parseLines(stdout)]).toMatchObject([0, [{ type: "schedules", ok: true, schedules: 5, sessions: 3 }]]);
    expect(schemaErrors(parseLines(stdout), publishedSchema("verify"))).toEqual([]);
    const buggy = { ...cli, env: { BARDECK_SEEDED_BUG: "no-drain" } };
    const broken = await runCli([...some, "50"], buggy);
    const [{ failure }] = parseLines(broken.stdout) as [{ failure: { seed: number; step: number; replay: string } }];
    expect(broken.code).toBe(1);
    expect(schemaErrors(parseLines(broken.stdout), publishedSchema("verify"))).toEqual([]);
    const words = failure.replay.split(" ").slice(2);
    expect(words.slice(-4)).toEqual(["--schedules", "1", "--seed", String(failure.seed)]);
    const again = await runCli([...words, "--json"], buggy);
    expect([again.code, parseLines(again.stdout)]).toMatchObject([1, [{ schedules: 1, failure }]]);
  });

  it("Ctrl-C ends the schedules within two seconds", async () => {
    const running = startCli(["verify", data, "--schedules", "1000000", "--log", `${home.path}/schedules.log`], cli);
    await vi.waitFor(() => expect(existsSync(`${home.path}/schedules.log`)).toBe(true), { timeout: 30_000 });
    const since = performance.now();
    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect([code, stdout, stderr]).toEqual([130, "", ""]);
    expect(performance.now() - since).toBeLessThan(2000);
  });

  it("export writes what run can read again, with the same digest as run", async () => {
    const out = `${home.path}/exported`;
    const { code, stdout } = await runCli(["export", data, "--out", out, "--json"], cli);
    expect(code).toBe(0);
    const [line] = parseLines(stdout);
    expect(schemaErrors([line], publishedSchema("export"))).toEqual([]);
    const run = parseLines((await runOfDemo()).stdout).at(-1);
    expect(line.digest).toBe(run?.digest);
    expect((await runHere(["run", `${out}/bars-1m`], cli)).code).toBe(0);
    const again = await runHere(["export", data, "--out", out], cli);
    expect([again.code, again.stdout]).toEqual([4, ""]);
  });
});

describe("inspect", () => {
  it("shows the demo data as this", async () => {
    const { code, stdout, stderr } = await runCli(["inspect", data], cli);
    expect([code, stderr]).toEqual([0, ""]);
    await expect(stdout.replaceAll(data, "DATA")).toMatchFileSnapshot("golden/demo-inspect.txt");
  });

  it("writes NDJSON that fits the published schema", async () => {
    const { code, stdout } = await runHere(["inspect", data, "--json"], cli);
    expect(code).toBe(0);
    const lines = parseLines(stdout);
    expect(schemaErrors(lines, publishedSchema("inspect"))).toEqual([]);
    expect(lines[0].type).toBe("inspect");
    expect(lines.at(-1)).toMatchObject({ type: "summary", rows: 8796 });
  });

  it("says of every symbol and day what a replay says", async () => {
    const inspected = parseLines((await runHere(["inspect", data, "--json"], cli)).stdout).filter(
      (line) => line.type === "day",
    );
    const replayed = parseLines((await runOfDemo()).stdout).filter((line) => line.type === "session");
    const qualities = replayed.map(({ date, symbols }) => ({
      date,
      coverage: Object.fromEntries(
        Object.entries(symbols as Record<string, { quality: number }>).map(([name, { quality }]) => [name, quality]),
      ),
    }));
    expect(inspected.map(({ date, coverage }) => ({ date, coverage }))).toEqual(qualities);
  });

  it("suggests a command line that works", async () => {
    const { stdout } = await runHere(["inspect", data, "--symbols", "NVDA,TSLA"], cli);
    const words = stdout.trimEnd().split("\n").at(-1)?.trim().split(" ").slice(1) ?? [];
    expect(words[0]).toBe("run");
    expect((await runHere(words, cli)).code).toBe(0);
  });

  it("gives 3 with --strict because of bad rows, and 0 where there are none", async () => {
    const strict = await runCli(["inspect", data, "--strict"], cli);
    expect(strict.code).toBe(3);
    expect(strict.stderr).toBe("--strict: 4 rows rejected\n");
    expect((await runHere(["inspect", data, "--strict", "--symbols", "MSFT"], cli)).code).toBe(0);
  });
});

describe("colour", () => {
  it("is absent in a pipe and present when forced, unless --no-color says otherwise", async () => {
    const one = ["run", data, "--symbols", "SPY", "--to", "2025-07-02"];
    expect((await runCli(one, cli)).stdout).not.toContain("\u001b");
    expect((await runHere(one, { ...cli, env: { FORCE_COLOR: "1" } })).stdout).toContain("\u001b[32m100.00%");
    expect((await runHere([...one, "--no-color"], { ...cli, env: { FORCE_COLOR: "1" } })).stdout).not.toContain(
      "\u001b",
    );
    expect((await runHere(one, { ...cli, env: { NO_COLOR: "1" } })).stdout).not.toContain("\u001b");
  });

  it("--ascii leaves nothing but ASCII", async () => {
    for (const command of ["run", "inspect"]) {
      // eslint-disable-next-line no-control-regex
      expect((await runHere([command, data, "--ascii"], cli)).stdout).toMatch(/^[\u0000-\u007f]*$/);
    }
  });
});

describe("the end", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends a replay within two seconds, with %i and a summary", async (signal, expected) => {
    const running = startCli(["run", data, "--speed", "1", "--json"], cli);
    await running.saw('"type":"run"');
    const since = performance.now();
    running.child.kill(signal);
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(expected);
    expect(performance.now() - since).toBeLessThan(2000);
    expect(stderr).toBe("");
    const lines = parseLines(stdout);
    expect(schemaErrors(lines, publishedSchema("run"))).toEqual([]);
    expect(lines.slice(-2)).toMatchObject([
      { type: "stop", reason: "stopped" },
      { type: "summary", status: "stopped" },
    ]);
  });

  it("a replay that is stopped in its first day says how far that had come, and that it is not counted", async () => {
    const running = startCli(["run", data, "--speed", "1", "--start-time", "12:00"], cli);
    await running.saw("3 sessions");
    running.child.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/^ bars +0 streamed from/m);
    expect(stdout).toMatch(/^ open +Wed 2025-07-02 had come to 12:0\d and is not counted/m);
  });

  it("a reader that leaves ends the program quietly, with 0", async () => {
    const running = startCli(["run", data, "--speed", "100000", "--json"], cli);
    await running.saw('"type":"run"');
    running.child.stdout?.destroy();
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([0, ""]);
  });

  it.skipIf(!existsSync("/dev/full"))("results that do not fit on the disk give 4", () => {
    const shell = `"${process.execPath}" "${fileURLToPath(dist("repl/cli.js"))}" run "${data}" > /dev/full`;
    let status: number | undefined;
    let stderr = "";
    try {
      execFileSync("/bin/sh", ["-c", shell], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { HOME: home.path, PATH: process.env.PATH },
      });
    } catch (error) {
      ({ status } = error as { status: number });
      stderr = String((error as { stderr: Buffer }).stderr);
    }
    expect(status).toBe(4);
    expect(stderr).toContain("the disk is full");
  });
});

it("a program that cannot even report its error says so once and gives 1", () => {
  const broken = tempFolder();
  cpSync(fileURLToPath(dist("")), broken.file("dist", "."), { recursive: true });
  for (const name of ["package.json", "node_modules"]) {
    symlinkSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), broken.file(name));
  }
  rmSync(broken.file("dist", "repl", "report-error.js"));
  const { status, stdout, stderr } = spawnSync(process.execPath, [broken.file("dist/repl/cli.js"), "rnu"], {
    encoding: "utf8",
    timeout: 60_000,
  });
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^error: .*unknown command 'rnu'\n {2}and it could not be reported: .*report-error/);
});

describe.skipIf(!existsSync(REAL))("the real data", () => {
  it("stops at end-labelled bars with a hint, and reads them when told", async () => {
    const path = `${REAL}us-equity-endstamped-2016`;
    const { code, stderr, stdout } = await runHere(["run", path, "--json"], cli);
    expect(code).toBe(3);
    expect(stderr).toContain("--label end");
    expect(parseLines(stdout)).toMatchObject([{ type: "error", code: "label-end" }]);
    expect((await runHere(["run", path, "--label", "end"], cli)).code).toBe(0);
  });

  it("replays the whole folder without any option and names the sessions without data", async () => {
    const { code, stdout } = await runHere(["run", `${REAL}us-equity/bars-1m`], cli);
    expect(code).toBe(0);
    expect(stdout).toContain("14 sessions; 1,953 sessions without data skipped; inside the data: none");
  });

  it("inspects it: a split found, a range a symbol, a run to try next", async () => {
    const { code, stdout } = await runHere(["inspect", `${REAL}us-equity/bars-1m`], cli);
    expect(code).toBe(0);
    expect(stdout).toContain("AAPL    Mon 2014-06-09  09:30  645.57  92.69  7:1 overnight");
    expect(stdout).toMatch(/Try next\n bardeck run \S+ --symbols SHY --from 2008-03-07 --to 2008-03-10/);
  });
});
