/** Moving a session from code, in this process: what a notebook's cell is told. */
import { afterAll, expect, it } from "vitest";
import { ensureDemoData } from "../../src/engine/index.js";
import { open } from "../../src/repl/notebook/index.js";
import { removeFolder, tempFolder } from "../fixtures/temp-folder.js";

const folder = tempFolder({ keep: true });
afterAll(() => removeFolder(folder.path));

it("goes on minute by minute until the function answers false, and nothing else than that", async () => {
  const session = await open(await ensureDemoData(folder.path));
  const answers = [undefined, 0, "", null, Promise.resolve(true), Promise.resolve(false), true];
  const seen: string[] = [];
  const stop = await session.forEachMinute((view) => {
    seen.push(view.time.clock);
    return answers[seen.length - 1];
  });
  expect([seen.length, seen.at(-1), stop.time.clock, stop.reason]).toEqual([6, "09:36", "09:36", "step"]);
  await session.dispose();
});
