import { readFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { expect, it } from "vitest";
import { openCommand } from "../../src/repl/commands/open.js";
import type { Open } from "../../src/repl/commands/run.js";
import type { CommandContext, InputStream } from "../../src/repl/context.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { fakeCatalog, fakeContext, fakeDay, fakeStream, type FakeContext } from "./fakes.js";
import { fakeSession, type FakeSession, type FakeSessionOptions } from "./fake-session.js";
import { parseLines } from "./run-cli.js";
import { jsonSchema, schemaErrors } from "./schema.js";

interface Ran {
  readonly code: number;
  readonly context: FakeContext;
  readonly session: FakeSession;
}

async function openWith(
  lines: string | readonly (string | Buffer)[],
  raw: Record<string, unknown> = {},
  options: FakeSessionOptions = {},
): Promise<Ran> {
  const input = Readable.from(typeof lines === "string" ? [Buffer.from(lines)] : lines.map((one) => Buffer.from(one)));
  const context = fakeContext({ input });
  const session = fakeSession(options);
  return { code: await openCommand(context, raw, "data", async () => session), context, session };
}

it("takes commands from a pipe, one a line, and shows each with its answer", async () => {
  const { code, context, session } = await openWith("until 15:58\nn 2\ndigest\n");
  expect(code).toBe(0);
  expect(context.err.text).toBe("");
  const [head, ...lines] = context.out.text.split("\n");
  expect(head).toMatch(/^bardeck \d/);
  expect(lines.slice(1, 7)).toEqual([
    "opened",
    " Mon 2013-10-07 15:58 EDT  minute 388/390  1,551 bars  day 1/1",
    " next: coordinator: publish SPY, minute 389 of 390",
    " baton: coordinator (STREAMING)",
    "> until 15:58",
    "until 15:58",
  ]);
  expect(lines.slice(-3)).toEqual(["> digest", "d1:abcd", ""]);
  expect(session.calls).toEqual(["until 15:58", "step 2 phase"]);
  expect(session.disposed).toBe(true);
});

it("in a pipe a move has its stop before the next line is read", async () => {
  const session = fakeSession({ endless: true });
  const input = new PassThrough();
  const context = fakeContext({ input });
  const ended = openCommand(context, {}, "data", async () => session);
  input.write("play\nstep\n");
  await waitFor(() => session.calls.length === 1);
  // Another client pauses it; only then is the next line taken.
  await session.pause();
  input.end();
  expect(await ended).toBe(0);
  expect(session.calls).toEqual(["play", "pause", "step 1 bar"]);
});

it("lines may end anyhow, come in pieces, be empty or lack their end", async () => {
  const { session } = await openWith(["ste", "p\r\nst", "ep 2\n# remark\n\nback"]);
  expect(session.calls).toEqual(["step 1 bar", "step 2 bar", "step 2 bar", "back 1 bar"]);
});

it("a slip in a pipe is told on stderr, the rest is carried out, and 2 is given in the end", async () => {
  const { code, context, session } = await openWith("stpe\nstep phse\nstep\n");
  expect(code).toBe(2);
  expect(context.err.text).toBe(
    'error: "stpe" is no command\n  try: did you mean step?\nerror: "phse" is no unit\n  try: did you mean phase?\n',
  );
  expect(session.calls).toEqual(["step 1 bar"]);
});

it.each([
  [
    "diff a",
    6,
    {
      difference: {
        equal: false,
        text: "x",
        date: null,
        timeUs: null,
        symbol: null,
        compared: { days: 1, minutes: 1, events: 1 },
      },
    },
  ],
  ["check", 1, { broken: ["I8"] }],
  ["stpe\ncheck\ndiff a", 1, { broken: ["I8"] }],
  ["diff a\nstpe", 0, {}],
] as const)(
  "after %j it gives the code of what went wrong, a broken invariant before all",
  async (lines, code, options) => {
    expect((await openWith(lines.replace("\nstpe", ""), {}, options)).code).toBe(code);
  },
);

it("with --json each answer is a line, and all fit the schema", async () => {
  const commands = [
    "until 15:58; step phase",
    ...["threads", "words", "streams", "eod", "quality", "quality SPY", "gaps", "bars SPY", "bars SPY 5m"].map(
      (t) => `info ${t}`,
    ),
    ...["minutes", "journal", "breaks", "marks", "watches", "paths", ""].map((t) => `info ${t}`),
    "break gap>=3; watch SPY.last; mark x; why; check; digest; script; help step; stpe",
    "step wat",
  ];
  const { code, context } = await openWith(commands.join("\n"), { json: true });
  expect(code).toBe(2);
  const lines = parseLines(context.out.text);
  expect(schemaErrors(lines, jsonSchema("open"))).toEqual([]);
  expect(lines.map((line) => line.type).slice(0, 3)).toEqual(["run", "stop", "answer"]);
  const answers = lines.slice(2) as {
    command: string;
    value: Record<string, unknown>;
    stop: unknown;
    error: unknown;
  }[];
  expect(answers).toHaveLength(2 + 16 + 1 + 1);
  expect(answers[0]).toMatchObject({
    command: "until 15:58",
    stop: { type: "stop", reason: "until", time: "2013-10-07T19:58:00Z" },
  });
  const value = (command: string): unknown => answers.find((answer) => answer.command === command)?.value;
  expect(value("info bars SPY")).toMatchObject({ start: ["2013-10-07T13:30:00Z"], close: [1.5], n: [4] });
  expect(value("info gaps")).toMatchObject([{ start: "2013-10-07T13:30:00Z", end: "2013-10-07T13:31:00Z" }]);
  expect(value("info quality")).toMatchObject({ outages: ["2013-10-07T13:30:00Z"] });
  expect(value("info eod")).toMatchObject({
    steps: [{ durationUs: 40, from: "2013-10-07T13:30:00Z" }, { durationUs: null }],
  });
  expect(answers.at(-1)).toMatchObject({ command: "step wat", stop: null, error: { code: "usage" } });
  // Errors are for people too.
  expect(context.err.text).toContain('"stpe" is no command');
});

it("--break and --until come first, then --exec, and then it ends: nothing is read", async () => {
  const raw = { break: ["gap>=3", "phase=roll  if day=2013-10-08"], until: "15:58", exec: "step; digest\nback" };
  const { code, context, session } = await openWith("quit\n", raw);
  expect(code).toBe(0);
  expect(session.breakpoints().map((point) => point.text)).toEqual(["gap>=3", "phase=roll if day=2013-10-08"]);
  expect(session.calls).toEqual(["until 15:58", "step 1 bar", "back 1 bar"]);
  expect(context.out.text).not.toContain("quit");
});

it("--until and --break alone leave the pipe to be read", async () => {
  const { session } = await openWith("step\n", { until: "15:58" });
  expect(session.calls).toEqual(["until 15:58", "step 1 bar"]);
});

it("a --break that makes no sense ends it with 2 before anything moves", async () => {
  const { code, context, session } = await openWith("step\n", { break: ["nonsense"], until: "15:58", exec: "step" });
  expect(code).toBe(2);
  expect(context.err.text).toContain('"nonsense" is no condition');
  expect(session.calls).toEqual([]);
});

it("a slip in --exec gives 2; what stands before it on other lines is done", async () => {
  const { code, session } = await openWith("", { exec: "step\nstpe; step\nback" });
  expect(code).toBe(2);
  expect(session.calls).toEqual(["step 1 bar", "back 1 bar"]);
});

it("quit ends it, and what follows is not read", async () => {
  const { code, session } = await openWith("step\nquit\nstep\n");
  expect([code, session.calls]).toEqual([0, ["step 1 bar"]]);
});

it("hits of log points and, when asked for, data events are lines of their own", async () => {
  const session = fakeSession({
    days: [{ ...fakeDay(), events: [{ id: "0.0.1.0", kind: "activate", epoch: 0, position: 0, timeUs: 0 }] }],
  });
  const entry = { breakpoint: 3, epoch: 0, date: "2013-10-07", timeUs: 0, text: "SPY last 168.02 > 168 at 10:14" };
  const play = session.play;
  session.play = () => (session.hitLogPoint(entry), play());
  const open: Open = async () => session;
  const json = fakeContext({ input: Readable.from([Buffer.from("play\n")]) });
  await openCommand(json, { json: true, events: true }, "data", open);
  expect(schemaErrors(parseLines(json.out.text), jsonSchema("open"))).toEqual([]);
  expect(parseLines(json.out.text).map((line) => line.type)).toEqual(["run", "stop", "log", "event", "answer"]);
  const text = fakeContext({ input: Readable.from([Buffer.from("play\n")]) });
  await openCommand(text, {}, "data", open);
  expect(text.out.text).toContain("\nlog 3: 2013-10-07 SPY last 168.02 > 168 at 10:14\n> play\n");
});

it("a script begins with the command line that opens the data", async () => {
  const { context } = await openWith("step\nscript\n");
  expect(context.out.text).toContain("> script\n# bardeck open data\nstep\n");
});

it("colour and ASCII are as asked for", async () => {
  const input = (): Readable => Readable.from([Buffer.from("info eod\ninfo quality\nhelp\n")]);
  const open: Open = async () => fakeSession();
  const forced = fakeContext({ input: input(), env: { FORCE_COLOR: "1" } });
  await openCommand(forced, {}, "data", open);
  expect(forced.out.text).toContain("\u001b[");
  const plain = fakeContext({ input: input(), env: { FORCE_COLOR: "1" } });
  await openCommand(plain, { color: false, ascii: true }, "data", open);
  // eslint-disable-next-line no-control-regex
  expect(plain.out.text).toMatch(/^[\n\u0020-\u007e]*$/);
});

it("a pipe that cannot be read gives 4", async () => {
  const input = new PassThrough();
  input.destroy(new Error("EISDIR: illegal operation on a directory"));
  const session = fakeSession();
  await expect(openCommand(fakeContext({ input }), {}, "data", async () => session)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining("EISDIR"),
  });
  expect(session.disposed).toBe(true);
});

it("a line that never ends is refused", async () => {
  await expect(openWith(["x".repeat(700_000), "x".repeat(700_000)])).rejects.toMatchObject({
    exitCode: 4,
    message: "a line of the input never ends",
  });
});

it("a reader that has gone ends it, and the session with it", async () => {
  const session = fakeSession();
  const context = fakeContext({
    out: fakeStream({ failAfter: 2 }),
    input: Readable.from([Buffer.from("step\nstep\n")]),
  });
  await expect(openCommand(context, {}, "data", async () => session)).rejects.toMatchObject({ isClosedPipe: true });
  expect([session.calls, session.disposed]).toEqual([["step 1 bar"], true]);
});

it("a request to stop ends a move and the waiting for lines", async () => {
  for (const text of ["play\n", ""]) {
    const stop = new AbortController();
    const input = new PassThrough();
    const context = fakeContext({ input, signal: stop.signal });
    const session = fakeSession({ endless: true });
    const ended = openCommand(context, {}, "data", async () => session);
    input.write(text);
    await waitFor(() => context.out.text.includes("baton") && session.calls.length === (text === "" ? 0 : 1));
    stop.abort();
    await ended;
    expect(session.disposed).toBe(true);
  }
});

it("logs what it was asked and what came of it", async () => {
  const log = tempFolder().file("log.ndjson");
  await openWith("step\nstpe\n", { log });
  const lines = parseLines(readFileSync(log, "utf8"));
  expect(lines.map((line) => [line.event, line.command ?? line.code])).toEqual([
    ["start", "open"],
    ["answer", "step"],
    ["answer", "stpe"],
    ["end", 2],
  ]);
});

// ---- on a terminal ----

interface Terminal {
  readonly session: FakeSession;
  readonly context: FakeContext;
  readonly ended: Promise<number>;
  type(text: string): void;
  /** Resolves when the screen has the text, counted from the last call. */
  sees(text: string): Promise<void>;
}

function atTerminal(raw: Record<string, unknown> = {}, options: FakeSessionOptions = {}): Terminal {
  const input: InputStream & PassThrough = Object.assign(new PassThrough(), { isTTY: true });
  const context: FakeContext & CommandContext = fakeContext({ input, out: fakeStream({ columns: 120 }) });
  const session = fakeSession({ catalog: fakeCatalog({ symbols: ["AIG", "SPY"] }), ...options });
  let seen = 0;
  return {
    session,
    context,
    ended: openCommand(context, { plain: true, color: false, ...raw }, "data", async () => session),
    type: (text) => void input.write(text),
    async sees(text) {
      await waitFor(() => context.out.text.indexOf(text, seen) >= 0);
      seen = context.out.text.indexOf(text, seen) + text.length;
    },
  };
}

it("on a terminal it asks for lines until quit, and slips give 0", async () => {
  const { session, context, ended, type, sees } = atTerminal();
  await sees("bardeck> ");
  type("step 2\r");
  await sees("step 2\r\n> step 2\nstep 2 bar\n");
  await sees("bardeck> ");
  type("stpe\r");
  await sees("bardeck> ");
  type("\r");
  await sees("> step 2\n");
  type("quit\r");
  expect(await ended).toBe(0);
  expect(session.calls).toEqual(["step 2 bar", "step 2 bar"]);
  expect(context.err.text).toContain("did you mean step?");
  expect(session.disposed).toBe(true);
});

it("on a terminal Tab completes", async () => {
  const { session, ended, type, sees } = atTerminal();
  await sees("bardeck> ");
  type("unt\t15:58\r");
  await sees("> until 15:58\n");
  type("\u0004");
  expect(await ended).toBe(0);
  expect(session.calls).toEqual(["until 15:58"]);
});

it("on a terminal pause can be typed while the session plays", async () => {
  const { session, ended, type, sees } = atTerminal({}, { endless: true });
  await sees("bardeck> ");
  type("play\r");
  await waitFor(() => session.calls.length === 1);
  type("info threads\r");
  await sees("> info threads");
  type("pause\r");
  await sees("> play\npaused\n");
  await sees("> pause\npaused\n");
  type("quit\r");
  expect(await ended).toBe(0);
});

it("a dumb terminal is sent nothing that moves a cursor", async () => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const context = fakeContext({ input, out: fakeStream({ columns: 80 }), env: { TERM: "dumb" } });
  const ended = openCommand(context, {}, "data", async () => fakeSession());
  input.end("step\nquit\n");
  expect(await ended).toBe(0);
  expect(context.out.text).toContain("> step\n");
  expect(context.out.text).not.toContain("\u001b");
});

it("Ctrl-C pauses, and a second one ends it with 130", async () => {
  const { session, ended, type, sees } = atTerminal({}, { endless: true });
  await sees("bardeck> ");
  type("play\r");
  await waitFor(() => session.calls.length === 1);
  type("\u0003");
  await sees("> pause");
  await sees("bardeck> ");
  type("\u0003");
  expect(await ended).toBe(130);
  expect(session.calls).toEqual(["play", "pause"]);
  expect(session.disposed).toBe(true);
});

it("while the session plays, Ctrl-C drops what is being typed before it pauses", async () => {
  const { session, context, ended, type, sees } = atTerminal({}, { endless: true });
  await sees("bardeck> ");
  type("play\r");
  await waitFor(() => session.calls.length === 1);
  type("ste");
  await sees("ste");
  type("\u0003");
  await sees("bardeck> ");
  expect(session.calls).toEqual(["play"]);
  type("\u0003");
  await sees("> pause");
  // The prompt that was shown again has made room.
  expect(context.out.text).not.toMatch(/bardeck> (\u001b\[\d+G)?> /);
  type("quit\r");
  expect(await ended).toBe(0);
});

it("Ctrl-C drops a line that is being typed, and asks before it ends", async () => {
  const { session, ended, type, sees } = atTerminal();
  await sees("bardeck> ");
  type("step 99");
  await sees("step 99");
  type("\u0003");
  type("\u0003");
  await sees("Ctrl-C again ends the session");
  type("step\r");
  await sees("> step\n");
  type("\u0003");
  await sees("Ctrl-C again");
  type("\u0003");
  expect(await ended).toBe(130);
  expect(session.calls).toEqual(["step 1 bar"]);
});

it("on a terminal the prompt stays after --exec, and an option that makes no sense ends it", async () => {
  const { session, ended, type, sees } = atTerminal({ exec: "step; digest" });
  await sees("> digest");
  await sees("bardeck> ");
  type("quit\r");
  expect(await ended).toBe(0);
  expect(session.calls).toEqual(["step 1 bar"]);
  expect(await atTerminal({ break: ["nonsense"] }).ended).toBe(2);
});

/** Waits for a state; gives up with the test's own time limit. */
async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
