/** The built program in a pseudo-terminal: what it leaves behind on its ways out. */
import { spawn, type IPty } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { CLI, runCli } from "../run-cli.js";

let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "bardeck-pty-"));
  const made = await runCli(["demo", "--json"], { home }); // makes the data, so that the tests only open it
  expect(made.code).toBe(0);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const running: Program[] = [];
afterEach(() => {
  for (const program of running.splice(0)) program.pty.kill("SIGKILL");
});

/** A shell in a pseudo-terminal that runs the program and says how it ended and what state the terminal has then. */
class Program {
  readonly pty: IPty;
  readonly exit: Promise<number>;
  written = "";
  private readonly screen: xterm.Terminal;
  private readonly pidFile: string;

  /** `before` and `then`: what the shell does besides. */
  constructor(args: string, { columns = 100, rows = 30, node = "", env = {}, before = "", then = "" } = {}) {
    this.screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.pidFile = join(home, `pid-${running.length}`);
    // A process of its own that tells its number and becomes the program.
    const program = `echo $$ >"$0"; exec "${process.execPath}" ${node} "${CLI}" ${args}`;
    const script = `${before} /bin/sh -c '${program}' "$0"; ${then} echo "EXIT $?"; stty -a`;
    this.pty = spawn("/bin/sh", ["-c", script, this.pidFile], {
      cols: columns,
      rows,
      name: "xterm-256color",
      env: {
        PATH: process.env.PATH ?? "",
        HOME: home,
        XDG_CACHE_HOME: `${home}/cache`,
        TERM: "xterm-256color",
        ...env,
      },
    });
    this.pty.onData((text) => {
      this.written += text;
      this.screen.write(text);
    });
    this.exit = new Promise((resolve) => this.pty.onExit(({ exitCode }) => resolve(exitCode)));
    running.push(this);
  }

  async text(): Promise<string> {
    await new Promise<void>((resolve) => this.screen.write("", resolve));
    const { active } = this.screen.buffer;
    const lines = Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true) ?? "");
    return lines.join("\n");
  }

  /** Waits until the screen has it. */
  async saw(pattern: RegExp): Promise<string> {
    await expect.poll(() => this.text(), { timeout: 60_000, interval: 50 }).toMatch(pattern);
    return this.text();
  }

  signal(name: NodeJS.Signals): void {
    process.kill(Number(readFileSync(this.pidFile, "utf8")), name);
  }

  get isAlternate(): boolean {
    return this.screen.buffer.active.type === "alternate";
  }

  /** After the end: the main screen, with echo and line editing, and a cursor. */
  async expectRestored(): Promise<string> {
    await this.exit;
    const text = await this.text();
    expect(this.isAlternate).toBe(false);
    expect(text).toMatch(/[^-]icanon/);
    expect(text).toMatch(/ echo /);
    expect(this.written.lastIndexOf("\x1b[?25h")).toBeGreaterThan(this.written.lastIndexOf("\x1b[?25l"));
    expect(this.written.lastIndexOf("\x1b[?7h")).toBeGreaterThan(this.written.lastIndexOf("\x1b[?7l"));
    return text;
  }
}

it("opens the demo on a terminal, obeys keys, and leaves with 0 and a terminal as it was", async () => {
  const program = new Program("demo");
  await program.saw(/PAUSED .* 09:30 EDT/);
  expect(program.isAlternate).toBe(true);
  program.pty.write("30\x1b[CE");
  await program.saw(/16:00 EDT .*before hand-over/);
  program.pty.resize(80, 24);
  program.pty.write("q");
  const text = await program.expectRestored();
  expect(text).toContain("EXIT 0");
  expect(text).toContain("bardeck inspect");
});

it.each([
  ["while it plays", ":speed 60\r ", /PLAYING .* clock 60x/],
  ["while it stands", "", /PAUSED/],
] as const)(
  "tells which thread has died %s, where, when and why; leaves with 1 and a terminal as it was",
  async (_, keys, seen) => {
    const preload = new URL("./kill-worker.mjs", import.meta.url);
    const program = new Program("demo", { node: `--import "${preload.href}"`, columns: 200 });
    await program.saw(/PAUSED/);
    program.pty.write(keys);
    await program.saw(seen);
    program.signal("SIGUSR2");
    const text = await program.expectRestored();
    expect(text).toContain("EXIT 1");
    expect(text).toMatch(
      /error: the upkeep thread died: it has left with code 1 \(STREAMING, Wed 2025-07-02 \d\d:\d\d EDT\)/,
    );
  },
);

it.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
  ["SIGINT", 130],
] as const)("leaves the terminal as it was after %s", async (signal, code) => {
  const program = new Program("demo");
  await program.saw(/PAUSED/);
  program.signal(signal);
  expect(await program.expectRestored()).toContain(`EXIT ${code}`);
});

it.each([
  ["TERM", 143],
  ["HUP", 129],
])("ends where it was stopped with Ctrl-Z, in the background, when it is sent SIG%s", async (signal, code) => {
  const then = `kill -${signal} %1; bg %1; wait %1;`;
  const program = new Program("demo", { before: "set -m;", then });
  await program.saw(/PAUSED/);
  program.pty.write("\x1a");
  expect(await program.expectRestored()).toContain(`EXIT ${code}`);
});

it("prints the error of the data as the command line does, on a terminal that can be used", async () => {
  const program = new Program("open /nowhere/at-all");
  const text = await program.expectRestored();
  const plain = await runCli(["run", "/nowhere/at-all"], { home });
  expect(text).toContain(`EXIT ${plain.code}`);
  expect(text.replaceAll(/\s+/g, " ")).toContain(plain.stderr.trim().replaceAll(/\s+/g, " "));
});

it("prints no colour with NO_COLOR, and nothing but ASCII with --ascii", async () => {
  const program = new Program("demo --ascii", { env: { NO_COLOR: "1" } });
  await program.saw(/PAUSED/);
  program.pty.write("q");
  await program.expectRestored();
  const drawn = program.written.slice(0, program.written.indexOf("\x1b[?1049l"));
  expect(drawn).not.toMatch(/\x1b\[[\d;]+m/);
  expect(drawn).toMatch(/^[\x00-\x7f]*$/);
});
