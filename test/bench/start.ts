/** How soon the built program is there, and what it does once it waits for a key: measured from outside, in a pseudo-terminal. */
import { spawn, type IPty } from "@lydell/node-pty";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { figure, median, timeMs, type Bench, type Figure, type Size } from "./kit.js";

const CLI = fileURLToPath(new URL("../../dist/repl/cli.js", import.meta.url));
const ROUNDS: Record<Size, number> = { full: 7, tiny: 1 };
const REST_MS: Record<Size, number> = { full: 10_000, tiny: 50 };
/** The dashboard has been drawn to its end: a panel of it, and the end of the update the panel came in. */
const FRAME = /Threads[^]*\x1b\[\?2026l/;
const LEAVES_MS = 10_000;

export const startBench: Bench = async (size) => {
  const home = mkdtempSync(join(tmpdir(), "bardeck-start-"));
  const env = { PATH: process.env.PATH ?? "", HOME: home, XDG_CACHE_HOME: `${home}/cache`, TERM: "xterm-256color" };
  const run = (...args: string[]): string => execFileSync(process.execPath, args, { env, encoding: "utf8" });
  try {
    const { digest } = JSON.parse(run(CLI, "demo", "--json").trimEnd().split("\n").at(-1)!) as { digest: string };
    const times = { node: [] as number[], help: [] as number[], frame: [] as number[] };
    for (let round = 0; round < ROUNDS[size]; round++) {
      times.node.push(await timeMs(() => run("-e", "0")));
      times.help.push(await timeMs(() => run(CLI, "--help")));
      const program = new Demo(env);
      times.frame.push(await timeMs(() => program.saw(FRAME)));
      await program.quit();
    }
    const node: [number, string] = [median(times.node), "node -e 0"];
    return [
      figure("first frame", 0, [median(times.frame), "ms"], node, digest, "< 1000 ms"),
      figure("--help", 0, [median(times.help), "ms"], node, digest, "< 150 ms"),
      ...(process.platform === "linux" ? [await atRest(new Demo(env), REST_MS[size], digest)] : []),
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};

/** What all threads of the program use while the session stands and nobody touches a key. */
async function atRest(program: Demo, ms: number, digest: string): Promise<Figure> {
  await program.saw(FRAME);
  await sleep(ms / 2); // what belongs to the start is over
  const before = program.cpuMs;
  await sleep(ms);
  const used = ((program.cpuMs - before) / ms) * 100;
  await program.quit();
  return figure("processor at rest", 0, [used, "% of a core"], [1, "one percent"], digest, "none");
}

/** The dashboard of the demo. */
class Demo {
  private readonly pty: IPty;
  private readonly ended: Promise<void>;
  private written = "";
  private look = (): void => {};

  constructor(env: Record<string, string>) {
    this.pty = spawn(process.execPath, [CLI, "demo"], { cols: 120, rows: 40, name: env.TERM, env });
    this.pty.onData((text) => {
      this.written += text;
      this.look();
    });
    this.ended = new Promise((resolve) => this.pty.onExit(() => resolve()));
  }

  /** Resolves when it has written that. */
  async saw(pattern: RegExp): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      this.look = () => pattern.test(this.written) && resolve();
      this.look();
    });
    await Promise.race([seen, this.ended]);
    if (!pattern.test(this.written)) throw new Error(`ended without its dashboard: ${JSON.stringify(this.written)}`);
  }

  /** Processor time so far, in ticks of 10 ms. */
  get cpuMs(): number {
    // Behind the name, which may contain anything: state first, user and system time as numbers 12 and 13.
    const fields = readFileSync(`/proc/${this.pty.pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  async quit(): Promise<void> {
    const kill = setTimeout(() => this.pty.kill("SIGKILL"), LEAVES_MS);
    this.pty.write("q");
    await this.ended;
    clearTimeout(kill);
  }
}
