/** A kernel as `bardeck kernel install` registers it, for tests. Needs dist (npm test builds it). */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { tempFolder } from "../fixtures/temp-folder.js";
import { Kernel, type Cell } from "./kernel.js";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The `argv` of the kernel.json that the command writes. */
export function installedKernel(bardeck = join(ROOT, "dist/repl/cli.js")): string[] {
  const { path } = tempFolder();
  execFileSync(process.execPath, [bardeck, "kernel", "install", "--prefix", path]);
  const file = join(path, "share/jupyter/kernels/tslab/kernel.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { argv: string[] }).argv;
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
