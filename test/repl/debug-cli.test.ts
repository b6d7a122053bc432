/**
 * The debugger with commands from a pipe and from options: what only a process has on the built program (`runCli`), the
 * rest in this process (`runHere`). Needs dist (npm test builds it).
 */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { ensureDemoData } from "../../src/engine/index.js";
import { removeFolder, tempFolder, type TempFolder } from "../fixtures/temp-folder.js";
import { parseLines, runCli, startCli, type CliResult } from "./run-cli.js";
import { runHere } from "./run-here.js";
import { jsonSchema, schemaErrors } from "./schema.js";

// Each test starts programs; other tests may be using the cores.
vi.setConfig({ testTimeout: 120_000 });

let home: TempFolder;
let data: string;
beforeAll(async () => {
  home = tempFolder({ keep: true });
  data = await ensureDemoData(`${home.path}/cache/bardeck`);
});
afterAll(() => removeFolder(home.path));

const openWith =
  (run: typeof runCli) =>
  (input: string | undefined, ...args: string[]): Promise<CliResult> =>
    run(["open", data, "--symbols", "SPY,TSLA", ...args], { home: home.path, input });
const open = openWith(runHere);
const openOutside = openWith(runCli);

it("carries out what a pipe says, to its end, and gives 0", async () => {
  const { code, stdout, stderr } = await openOutside("until 15:58\nn\n\nback 8 phase\ndigest\n");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.split("\n").filter((line) => line.startsWith("> "))).toEqual([
    "> until 15:58",
    "> step phase",
    "> step phase",
    "> back 8 phase",
    "> digest",
  ]);
  expect(stdout).toMatch(/\nd1:[0-9a-f]{32}\n$/);
});

it("every answer is a line of NDJSON that fits the published schema", async () => {
  const topics = ["", "threads", "words", "streams", "eod", "quality", "quality SPY", "gaps", "bars SPY 5m", "minutes"];
  const more = ["minutes TSLA", "journal last 30", "breaks", "marks", "watches", "paths"];
  const looks = [...topics, ...more].map((topic) => `info ${topic}`);
  const lines = ["log gap>=2", "mark here", "watch SPY.last", "until phase=verify", ...looks, "why", "check", "stpe"];
  const { code, stdout, stderr } = await open(lines.join("\n"), "--json", "--events");
  expect(code).toBe(2);
  expect(stderr).toContain("did you mean step?");
  const said = parseLines(stdout);
  expect(schemaErrors(said, jsonSchema("open"))).toEqual([]);
  expect(said.filter((line) => line.type === "answer")).toHaveLength(lines.length);
  const logged = said.filter((line) => line.type === "log").map((line) => line.text);
  expect(logged[0]).toMatch(/^\w+ gap of 2 bars since \d\d:\d\d at \d\d:\d\d$/);
  const threads = said.find((line) => line.command === "info threads")?.value;
  expect(threads).toMatchObject([{ name: "coordinator" }, { name: "upkeep", would: "verify" }, { name: "prefetch" }]);
});

it("--exec needs no pipe, and ends", async () => {
  const { code, stdout } = await openOutside(undefined, "--break", "TSLA.quality<95", "--exec", "c; info breaks");
  expect(code).toBe(0);
  expect(stdout).toMatch(/\nbreakpoint 1: TSLA quality 9[0-4]\.\d+ < 95 at \d\d:\d\d/);
  expect(stdout).toMatch(/ 1 {2}TSLA\.quality<95 {2}stops +1\n$/);
});

it.each([
  ["", ["--until", "banana"], 2, 'there is no condition on "banana"'],
  ["step\nuntil 25:00\nstep", [], 2, '"25:00" is no time of day'],
  ["save /nowhere/x", [], 4, "cannot write /nowhere/x"],
  ["quit\nstpe\n", [], 0, ""],
] as const)("commands %j with %j give %i", async (input, args, expected, message) => {
  const { code, stderr } = await open(input, ...args);
  expect(code).toBe(expected);
  expect(stderr).toContain(message);
});

it("bytes that are no commands are told as such, with nothing in them that moves a cursor", async () => {
  const { code, stdout, stderr } = await openOutside("\u001b[2J\u0000\n\ufffd;;\u0007\nstep \u001b]0;x\u0007\n");
  expect(code).toBe(2);
  // eslint-disable-next-line no-control-regex
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

it("saves a run, and run --baseline finds it equal, or gives 6", async () => {
  const file = `${home.path}/run.ndjson`;
  expect((await open(`play\nsave ${file}\n`)).code).toBe(0);
  const args = ["run", data, "--symbols", "SPY,TSLA", "--baseline", file];
  const same = await runHere(args, { home: home.path });
  expect(same.code).toBe(0);
  expect(same.stdout).toMatch(/\n equal: 3 days, 990 minutes, \d+ events.*\n$/);
  const other = await runCli([...args, "--fill", "forward", "--json"], { home: home.path });
  expect(other.code).toBe(6);
  const lines = parseLines(other.stdout);
  expect(schemaErrors(lines, jsonSchema("run"))).toEqual([]);
  expect(lines.slice(-2)).toMatchObject([{ type: "difference", equal: false }, { type: "summary" }]);
});

it("run --break shows each stop and goes on; run --until stops there and says so", async () => {
  const args = ["--symbols", "SPY,TSLA", "--break", "gap>=4", "--until", "2025-07-03 12:00"];
  const { code, stdout } = await runHere(["run", data, ...args, "--json"], { home: home.path });
  expect(code).toBe(0);
  const lines = parseLines(stdout);
  expect(schemaErrors(lines, jsonSchema("run"))).toEqual([]);
  const stops = lines.filter((line) => line.type === "stop");
  expect(stops.length).toBeGreaterThan(1);
  expect(stops.map((stop) => stop.reason)).toEqual([...stops.slice(1).map(() => "breakpoint"), "until"]);
  expect(stops.at(-1)).toMatchObject({ time: "2025-07-03T16:00:00Z", position: { date: "2025-07-03" } });
  expect(lines.at(-1)).toMatchObject({ type: "summary", status: "stopped", sessions: 1 });
  const text = await runHere(["run", data, ...args], { home: home.path });
  expect(text.stdout).toMatch(/\nbreakpoint 1: TSLA gap of 4 bars since .*\n Wed 2025-07-02 /);
  expect(text.stdout).toMatch(/\nuntil 2025-07-03 12:00\n Thu 2025-07-03 12:00 EDT /);
  expect(text.stdout).toMatch(/\n stopped +1 of 3 sessions/);
});

it("SIGINT ends a session that plays from a pipe within two seconds, with 130", async () => {
  const running = startCli(["open", data, "--speed", "1", "--json"], { home: home.path, input: "log gap>=1\nplay\n" });
  await running.saw('"command":"log gap>=1"');
  const since = performance.now();
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  expect(performance.now() - since).toBeLessThan(2000);
});

it("a range without sessions can be opened and looked at", async () => {
  const { code, stdout } = await open("info\nplay\ninfo q\nwhy\ncheck\n", "--from", "2024-01-01", "--to", "2024-01-31");
  expect(stdout).toContain("no session");
  expect(code).toBe(0);
});
