/** Tables in files: what is not known, and texts that mean something to CSV. */
import { readFileSync } from "node:fs";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { afterAll, expect, it } from "vitest";
import { Table } from "../../src/repl/notebook/table.js";
import { removeFolder, tempFolder } from "../fixtures/temp-folder.js";

const folder = tempFolder({ keep: true });
afterAll(() => removeFolder(folder.path));

const US = Date.UTC(2025, 6, 2, 13, 30) * 1000;
const table = new Table({
  title: "Some",
  zone: "America/New_York",
  columns: [
    { name: "at", kind: "time", values: Float64Array.of(US, NaN, US) },
    { name: "text", kind: "text", values: ["385 streamed, 1 bad", "two\nlines", 'a "b"'] },
    { name: "left", kind: "count", values: Float64Array.of(NaN, 2, 3) },
    { name: "price", kind: "price", values: Float64Array.of(NaN, 2.5, 3) },
  ],
});

it("quotes texts with commas, quotes and line feeds, and leaves empty what is not known", () => {
  expect(table.toCsv()).toBe(
    'at,text,left,price\n2025-07-02T13:30:00Z,"385 streamed, 1 bad",,\n,"two\nlines",2,2.5\n2025-07-02T13:30:00Z,"a ""b""",3,3\n',
  );
});

it("has null in Parquet for a time or a count that is not known, NaN for a price", async () => {
  const file = `${folder.path}/some.parquet`;
  await table.writeParquet(file);
  const rows = await parquetReadObjects({ file: new Uint8Array(readFileSync(file)).buffer, compressors });
  expect(rows).toEqual([
    { at: new Date(US / 1000), text: "385 streamed, 1 bad", left: null, price: NaN },
    { at: null, text: "two\nlines", left: 2n, price: 2.5 },
    { at: new Date(US / 1000), text: 'a "b"', left: 3n, price: 3 },
  ]);
});
