/**
 * Every notebook runs top to bottom on a real kernel, says nothing on stderr, and shows what it was committed with.
 * `npm run notebooks` writes the outputs anew. Needs dist (npm test builds it).
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { codeCells, readNotebook, setOutputs, shownTexts, writeNotebook } from "./notebook-file.js";
import { good, ROOT, startKernel } from "./tslab-kernel.js";

vi.setConfig({ testTimeout: 300_000 });

const FOLDER = join(ROOT, "notebooks");
const notebooks = readdirSync(FOLDER).filter((name) => name.endsWith(".ipynb"));

/** Wall time is another in every run. */
function withoutWallTime(text: string): string {
  return text.replace(/\d[\d,.]* ?(µs|ms|s)\b/g, "# $1").replace(/ {2,}/g, "  ");
}

it("has the three stories", () => {
  expect(notebooks).toEqual(["01-first-session.ipynb", "02-data-quality.ipynb", "03-debugging-the-close.ipynb"]);
});

it.each(notebooks)("%s runs, and shows what is committed", async (name) => {
  const notebook = readNotebook(join(FOLDER, name));
  const kernel = await startKernel(FOLDER);
  const cells = codeCells(notebook);
  const ran: Awaited<ReturnType<typeof good>>[] = [];
  for (const { source } of cells) ran.push(await good(kernel, source));
  await good(kernel, "await new Promise((resolve) => setTimeout(resolve, 100));"); // what comes late is printed here
  expect(await kernel.shutdown()).toBe(0);
  expect(ran.map(({ stderr }) => stderr).join("")).toBe("");
  for (const [i, { cell, source }] of cells.entries()) {
    const { outputs, count } = ran[i];
    for (const output of outputs)
      if (output.output_type === "display_data") expect(JSON.stringify(output.data).length).toBeLessThan(300_000);
    if (process.env.NOTEBOOKS === "write") setOutputs(cell, count, outputs);
    else
      expect([source, ...shownTexts(outputs).map(withoutWallTime)]).toEqual([
        source,
        ...shownTexts(cell.outputs ?? []).map(withoutWallTime),
      ]);
  }
  if (process.env.NOTEBOOKS === "write") writeNotebook(notebook);
});
