/** Two runs side by side, as a notebook shows them: sessions and saved runs, on the demo's conflicting rows of MSFT. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureDemoData } from "../../src/engine/index.js";
import { compare, open, type Session } from "../../src/repl/notebook/index.js";
import { removeFolder, tempFolder, type TempFolder } from "../fixtures/temp-folder.js";

let folder: TempFolder;
let first: Session;
let last: Session;
beforeAll(async () => {
  folder = tempFolder({ keep: true });
  const demo = await ensureDemoData(folder.path);
  first = await open(demo, { onConflict: "first" });
  last = await open(demo, { onConflict: "last" });
});
afterAll(async () => {
  await Promise.all([first.dispose(), last.dispose()]);
  removeFolder(folder.path);
});

it("finds no difference before there is one, and draws nothing", async () => {
  await Promise.all([first.until("13:00"), last.until("13:00")]);
  const found = await compare(first, last);
  expect([found.equal, found.table, found.chart]).toEqual([true, undefined, undefined]);
  expect(found.compared).toMatchObject({ minutes: 210 });
});

it("names one minute in the words, the table and the chart alike", async () => {
  await Promise.all([first.until("16:00"), last.until("16:00")]);
  const found = await compare(first, last);
  expect(found.text).toMatch(/^2025-07-02 13:30 MSFT: /);
  expect([found.equal, found.symbol, found.time?.clock]).toEqual([false, "MSFT", "13:31"]);
  const differing = found.table!.rows().filter(({ differs }) => differs !== "");
  expect(differing.map(({ start }) => start.clock)).toEqual(["13:30"]);
  const [row] = differing;
  expect([row.closeHere, row.closeThere]).toEqual([
    first.bars("MSFT", "1m", { from: "13:30", to: "13:31" }).row(0).close,
    last.bars("MSFT", "1m", { from: "13:30", to: "13:31" }).row(0).close,
  ]);
  expect(found.chart!.svg).toContain(">first difference 13:30</text>");
  expect(found.toHtml().length).toBeLessThan(300_000);
});

it("takes saved runs on either side, and leaves the sessions where they stood", async () => {
  const file = join(folder.path, "last.ndjson");
  await last.save(file);
  const [bySession, byFile] = [await compare(first, last), await compare(first, file)];
  expect(byFile.text).toBe(bySession.text);
  expect((await compare(file, first)).text).toContain("13:30 MSFT");
  expect((await compare(file, file)).equal).toBe(true);
  expect([first.time.text, last.time.text]).toEqual(["2025-07-02 16:00", "2025-07-02 16:00"]);
});
