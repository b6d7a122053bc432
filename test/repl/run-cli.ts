/** The built program as a child process, in an environment of its own: no colours asked for, folders under `home`. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

export const CLI = fileURLToPath(new URL("../../dist/repl/cli.js", import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** HOME and the XDG folders lie here. */
  readonly home: string;
  readonly env?: Record<string, string>;
  /** What stdin gives; nothing when absent. */
  readonly input?: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
  /** Resolves when stdout contains the text; rejects when the program ends before. */
  saw(text: string): Promise<void>;
}

/** Starts `bardeck …`. */
export function startCli(args: readonly string[], { home, env = {}, input }: CliOptions): RunningCli {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: npm run build first`);
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: `${home}/cache`, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  }) as ChildProcess & { stdout: Readable; stderr: Readable };
  child.stdin?.on("error", () => {}).end(input); // a program may end before it has read all
  let [stdout, stderr] = ["", ""];
  let check = (): void => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    check();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<CliResult>((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
  return {
    child,
    ended,
    saw: (text) =>
      new Promise((resolve, reject) => {
        check = () => stdout.includes(text) && resolve();
        check();
        void ended.then((result) =>
          reject(new Error(`ended before ${JSON.stringify(text)}: ${JSON.stringify(result)}`)),
        );
      }),
  };
}

/** Runs `bardeck …` to its end. */
export function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return startCli(args, options).ended;
}

/** The objects of NDJSON. Throws for a line that is none. */
export function parseLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
