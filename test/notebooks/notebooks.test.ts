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

/** What is the same in every run: no wall time, no note of a run that took long, not which slots a thread took in together. */
function lasting(texts: readonly string[]): string[] {
  return texts.filter((text) => !TOOK_LONG.test(text)).map(withoutWallTime);
}
const TOOK_LONG = / took [\d.]+ s$/;

function withoutWallTime(text: string): string {
  const [title, ...lines] = text.split("\n").map((line) => line.replace(/ {2,}/g, "  "));
  if (title.startsWith("Threads"))
    return [title, ...lines.map((line) => line.replace(/  (?:(?!  ).)*$/, ""))].join("\n");
  const took = title.startsWith("End of day") ? /(–|\d[\d,]*)(?=  \d\d:\d\d  \d\d:\d\d)/ : /\d[\d,.]*(?= ?(µs|ms|s)\b)/;
  return [title, ...lines].map((line) => line.replace(took, "#")).join("\n");
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
    if (process.env.NOTEBOOKS === "write")
      setOutputs(
        cell,
        count,
        outputs.filter((output) => !TOOK_LONG.test(shownTexts([output])[0])),
      );
    else
      expect([source, ...lasting(shownTexts(outputs))]).toEqual([source, ...lasting(shownTexts(cell.outputs ?? []))]);
  }
  if (process.env.NOTEBOOKS === "write") writeNotebook(notebook);
});
