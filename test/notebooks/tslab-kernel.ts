/** A kernel as `bardeck kernel install` registers it, for tests. Needs dist (npm test builds it). */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, onTestFinished } from "vitest";
import { removeFolder, tempFolder } from "../fixtures/temp-folder.js";
import { Kernel, type Cell } from "./kernel.js";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const written = new Map<string, string[]>();

/** The `argv` of the kernel.json that the command writes; it writes it once. */
export function installedKernel(bardeck = join(ROOT, "dist/repl/cli.js")): string[] {
  const before = written.get(bardeck);
  if (before !== undefined) return before;
  const { path } = tempFolder();
  execFileSync(process.execPath, [bardeck, "kernel", "install", "--prefix", path]);
  const file = join(path, "share/jupyter/kernels/tslab/kernel.json");
  const { argv } = JSON.parse(readFileSync(file, "utf8")) as { argv: string[] };
  written.set(bardeck, argv);
  return argv;
}

/** Starts it in a folder; it is gone when the test has ended. */
export async function startKernel(
  cwd: string,
  env: Record<string, string> = {},
  argv = installedKernel(),
): Promise<Kernel> {
  const kernel = await Kernel.start({ argv, cwd, env });
  onTestFinished(() => kernel.kill());
  return kernel;
}

export interface SharedKernel {
  /** Its folder: empty at first. */
  readonly folder: string;
  /** Started by the first test that asks. */
  readonly started: () => Promise<Kernel>;
}

/** One kernel for the tests of a `describe`, which come one after the other and find what the ones before have left. */
export function sharedKernel(): SharedKernel {
  const folder = tempFolder({ keep: true }).path;
  let kernel: Promise<Kernel> | undefined;
  afterAll(async () => {
    await (await kernel)?.kill();
    removeFolder(folder);
  });
  return { folder, started: () => (kernel ??= Kernel.start({ argv: installedKernel(), cwd: folder })) };
}

/**
 * Begins a cell and presses the stop button once it has come to `sayReady()`, which it says by a file: what it prints
 * goes through the sockets (see `interrupt`). Resolves when the cell has ended, with an error.
 */
export async function interruptWhenReady({ folder, started }: SharedKernel, code: string): Promise<Cell> {
  const kernel = await started();
  const ready = join(folder, "ready");
  const { cell, done } = kernel.begin(
    `const sayReady = () => require("fs").writeFileSync(${JSON.stringify(ready)}, "");\n${code}`,
  );
  await until(() => existsSync(ready));
  kernel.interrupt();
  const { status } = await done;
  rmSync(ready);
  if (status !== "error") throw new Error(`${status} of a cell that was interrupted:\n${code}`);
  return cell;
}

/** Waits until it is so; the test's time is the limit. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Runs a cell that must succeed, and say nothing on stderr. */
export async function good(kernel: Kernel, code: string): Promise<Cell> {
  const cell = await kernel.execute(code);
  if (cell.status !== "ok" || cell.stderr !== "") throw new Error(`${cell.status} in a cell:\n${code}\n${cell.stderr}`);
  return cell;
}

/** Runs a cell that must fail; resolves with what it says when the kernel takes cells again. */
export async function bad(kernel: Kernel, code: string): Promise<string> {
  const cell = await kernel.execute(code);
  if (cell.status !== "error") throw new Error(`${cell.status} instead of an error:\n${code}`);
  await takesCells(kernel);
  return cell.stderr;
}

/** Waits until it is so again: tslab turns away what arrives shortly after an error, so that "run all" stops. */
export async function takesCells(kernel: Kernel): Promise<void> {
  while ((await kernel.execute("0")).status !== "ok") await new Promise((resolve) => setTimeout(resolve, 50));
}
