/**
 * Files whose bytes are wrong. Each stops with an error that names the file, before anything large was
 * allocated, and leaves no promise behind.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { largestAllocation } from "../fixtures/allocation.js";
import { barRows } from "../fixtures/bar-rows.js";
import {
  chunkRange,
  cutOut,
  dataHeader,
  dataPage,
  footerStart,
  overwritten,
  pageRange,
  truncated,
  varint,
  withChunk,
  withFooter,
  withFooterLength,
  withMagic,
  withPages,
  withRawFooter,
} from "../fixtures/damage.js";
import { expectFailure, loadAll, loadDay, type FailureShape } from "../fixtures/load-catalog.js";
import { barBytes, writeBars, type BarFile } from "../fixtures/parquet.js";
import { dayBars } from "../fixtures/source-day.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { startWatchdog, type Watchdog } from "../fixtures/watchdog.js";

/** No file here is larger than 100 kB; reading one needs no single piece of memory near this. */
const LARGE_BYTES = 32 * 2 ** 20;
const HUGE = 2n ** 40n;
const INT32_MAX = 2 ** 31 - 1;

const rows = barRows("SPY", "2013-10-07");
/** Two row groups, plain pages of 8-byte values, no codec: every byte has its place. */
const plain = bytesOf({ codec: "UNCOMPRESSED" });
const snappy = bytesOf({ codec: "SNAPPY" });
const columnAt = { column: "close" };
const secondGroup = { rowGroup: 1, column: "close" };

function bytesOf(layout: BarFile): Buffer {
  return barBytes(rows, { rowGroupSize: [100, 300], ...layout });
}

let watchdog: Watchdog;
beforeAll(() => void (watchdog = startWatchdog(20_000)));
afterAll(() => watchdog.stop());

/** The file stops, named, before any large allocation. */
async function expectStop(bytes: Uint8Array | string, shape: Partial<FailureShape> = {}): Promise<void> {
  const path = tempFolder().put("SPY.parquet", bytes);
  watchdog.watch(expect.getState().currentTestName ?? "a damaged file");
  const before = process.memoryUsage();
  const { result: error, largestBytes } = await largestAllocation(() =>
    expectFailure({ path }, { class: DataError, names: ["SPY.parquet"], ...shape }),
  );
  const after = process.memoryUsage();
  expect(error.message.length).toBeGreaterThan(10);
  expect(largestBytes, "largest request for memory").toBeLessThan(LARGE_BYTES);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(LARGE_BYTES);
  expect(after.rss - before.rss).toBeLessThan(8 * LARGE_BYTES);
}

describe("the undamaged files of these tests load", () => {
  for (const [name, bytes] of [
    ["plain", plain],
    ["snappy", snappy],
  ] as const) {
    it(`${name}: a whole day`, async () => {
      const { day } = await loadDay({ path: tempFolder().put("SPY.parquet", bytes) });
      expect(dayBars(day)).toHaveLength(390);
    });
  }
});

describe("not a Parquet file", () => {
  it("empty file: stops naming the file", () => expectStop(""));

  for (const size of [1, 4, 7, 8, 11, 12]) {
    it(`file of ${size} bytes: stops naming the file`, () => expectStop("PAR1PAR1PAR1".slice(0, size)));
  }

  it("wrong magic (CSV named .parquet): stops naming the file", async () => {
    await expectStop(`timestamp,open,high,low,close,volume\n${"2013-10-07 09:30,1,1,1,1,1\n".repeat(400)}`);
  });

  it("wrong magic at the end only: stops naming the file", () => expectStop(withMagic(plain, "PAR2")));

  it("encrypted (footer magic PARE): stops and says it is encrypted", async () => {
    await expectStop(withMagic(plain, "PARE", { head: true }), { names: ["SPY.parquet", /encrypt/i] });
  });

  it("encrypted columns (plaintext footer): stops and says it is encrypted", async () => {
    const bytes = withFooter(plain, (meta) => {
      meta.field_8 = { field_1: { field_2: new Uint8Array(8) } }; // encryption_algorithm AES_GCM_V1
      for (const chunk of meta.field_4[0].field_1) {
        delete chunk.field_3;
        chunk.field_8 = { field_1: {} };
        chunk.field_9 = new Uint8Array(16);
      }
    });
    await expectStop(bytes, { names: ["SPY.parquet", /encrypt/i] });
  });
});

describe("truncated files", () => {
  for (const cut of [1, 4, 8, 100]) {
    it(`truncated footer (last ${cut} bytes missing): stops naming the file`, () => expectStop(truncated(plain, -cut)));
  }

  it("truncated footer (cut in its middle, magic in place): stops naming the file", async () => {
    const start = footerStart(plain);
    await expectStop(withRawFooter(plain, plain.subarray(start, start + 60)));
  });

  it("footer without a single byte: stops naming the file", () => expectStop(withRawFooter(plain, new Uint8Array(0))));

  it("footer of zeros: stops naming the file", () => expectStop(withRawFooter(plain, new Uint8Array(200))));

  for (const length of [plain.length, plain.length * 2, 2 ** 30, 2 ** 31, 2 ** 32 - 1]) {
    it(`footer length > file (${length}): stops naming the file, before any large allocation`, () =>
      expectStop(withFooterLength(plain, length)));
  }

  it("footer length too short: stops naming the file", () => expectStop(withFooterLength(plain, 50)));

  it("truncated page (bytes missing in the data): stops naming the file", async () => {
    const { from } = pageRange(plain, secondGroup);
    await expectStop(cutOut(plain, from, 500));
  });

  it("truncated page (data cut away, footer kept): stops naming the file", async () => {
    const start = footerStart(plain);
    await expectStop(Buffer.concat([plain.subarray(0, 200), plain.subarray(start)]));
  });

  it("truncated page (fewer values stored than declared): stops naming file, row group and column", async () => {
    const bytes = withPages(plain, secondGroup, (pages) => {
      const page = dataPage(pages);
      page.body = page.body.subarray(0, page.body.length - 80);
      page.header.field_2 -= 80;
      page.header.field_3 -= 80;
    });
    await expectStop(bytes, { rowGroup: 1, column: "close" });
  });

  it("truncated page (a snappy page cut short): stops naming file, row group and column", async () => {
    const bytes = withPages(snappy, secondGroup, (pages) => {
      const page = dataPage(pages);
      page.body = page.body.subarray(0, page.body.length - 20);
      page.header.field_3 -= 20;
    });
    await expectStop(bytes, { rowGroup: 1, column: "close" });
  });
});

describe("zeroed pages", () => {
  it("zeroed page (header and body): stops naming file, row group and column", async () => {
    const { from, to } = chunkRange(plain, secondGroup);
    await expectStop(overwritten(plain, from, new Uint8Array(to - from)), { rowGroup: 1, column: "close" });
  });

  it("zeroed page (body of a compressed page): stops naming file, row group and column", async () => {
    const { from, to } = pageRange(snappy, secondGroup, 1);
    await expectStop(overwritten(snappy, from, new Uint8Array(to - from)), { rowGroup: 1, column: "close" });
  });

  it("zeroed page (levels and values of an uncompressed page): stops naming the file", async () => {
    const { from, to } = pageRange(plain, secondGroup);
    // Reads as zeros or as nulls: three quarters of the file cannot be bars.
    await expectStop(overwritten(plain, from, new Uint8Array(to - from)));
  });
});

describe("unknown codec, encoding", () => {
  it("unknown codec (99): stops naming file and column", async () => {
    await expectStop(
      withChunk(snappy, columnAt, (chunk) => (chunk.field_3.field_4 = 99)),
      { column: "close", names: ["SPY.parquet", /codec|compress/i] },
    );
  });

  it("unsupported codec (LZO): stops naming file, column and codec", async () => {
    await expectStop(
      withChunk(snappy, columnAt, (chunk) => (chunk.field_3.field_4 = 3)),
      { column: "close", names: ["SPY.parquet", /LZO/] },
    );
  });

  it("wrong codec (snappy said to be GZIP): stops naming file and column", async () => {
    await expectStop(
      withChunk(snappy, columnAt, (chunk) => (chunk.field_3.field_4 = 2)),
      { column: "close" },
    );
  });

  it("unknown encoding (42): stops naming file and column", async () => {
    const bytes = withPages(plain, columnAt, (pages) => {
      dataHeader(dataPage(pages)).field_4 = 42;
      dataHeader(dataPage(pages)).field_2 = 0;
    });
    await expectStop(bytes, { column: "close" });
  });

  it("unknown page type (77, with a header of its own): stops naming file and column", async () => {
    const bytes = withPages(plain, columnAt, (pages) => {
      const { header } = dataPage(pages);
      header.field_1 = 77;
      header.field_9 = header.field_8;
      delete header.field_8;
    });
    await expectStop(bytes, { column: "close" });
  });

  it("unknown physical type (50): stops naming the file", async () => {
    const bytes = withFooter(plain, (meta) => {
      meta.field_2[5].field_1 = 50;
      for (const rowGroup of meta.field_4) rowGroup.field_1[4].field_3.field_1 = 50;
    });
    await expectStop(bytes);
  });
});

describe("declared sizes or counts that are negative, or far beyond the file", () => {
  const counts: Array<[string, bigint]> = [
    ["negative", -1n],
    ["very negative", -(2n ** 62n)],
    ["far beyond the file", HUGE],
    ["beyond exact numbers", 2n ** 62n],
  ];
  for (const [name, value] of counts) {
    it(`rows of the file ${name}: stops before allocating`, () =>
      expectStop(withFooter(plain, (meta) => (meta.field_3 = value))));

    it(`rows of a row group ${name}: stops before allocating`, () =>
      expectStop(withFooter(plain, (meta) => (meta.field_4[1].field_3 = value))));

    it(`rows of file and row group ${name}: stops before allocating`, async () => {
      const bytes = withFooter(plain, (meta) => {
        meta.field_3 = value;
        meta.field_4 = [meta.field_4[0]];
        meta.field_4[0].field_3 = value;
      });
      await expectStop(bytes);
    });

    it(`rows, and values of every chunk, ${name}: stops before allocating`, async () => {
      const bytes = withFooter(plain, (meta) => {
        meta.field_3 = value;
        meta.field_4 = [meta.field_4[0]];
        meta.field_4[0].field_3 = value;
        for (const chunk of meta.field_4[0].field_1) chunk.field_3.field_5 = value;
      });
      await expectStop(bytes);
    });

    it(`values of a chunk ${name}: stops before allocating`, () =>
      expectStop(withChunk(plain, secondGroup, (chunk) => (chunk.field_3.field_5 = value))));

    it(`compressed size of a chunk ${name}: stops before allocating`, () =>
      expectStop(withChunk(plain, secondGroup, (chunk) => (chunk.field_3.field_7 = value))));

    it(`offset of a chunk ${name}: stops before allocating`, async () => {
      const bytes = withChunk(plain, secondGroup, (chunk) => {
        chunk.field_3.field_9 = value;
        delete chunk.field_3.field_11;
      });
      await expectStop(bytes);
    });

    it(`offset of a dictionary ${name}: stops before allocating`, () =>
      expectStop(withChunk(snappy, secondGroup, (chunk) => (chunk.field_3.field_11 = value))));
  }

  const sizes: Array<[string, number]> = [
    ["negative", -1],
    ["the most negative", -(2 ** 31)],
    ["far beyond the file", INT32_MAX],
  ];
  for (const [name, value] of sizes) {
    for (const [what, bytes] of [
      ["plain", plain],
      ["snappy", snappy],
    ] as const) {
      it(`uncompressed size of a ${what} page ${name}: stops before allocating`, () =>
        expectStop(withPages(bytes, secondGroup, (pages) => (dataPage(pages).header.field_2 = value))));

      it(`compressed size of a ${what} page ${name}: stops before allocating`, () =>
        expectStop(withPages(bytes, secondGroup, (pages) => (dataPage(pages).header.field_3 = value))));

      it(`values of a ${what} page ${name}: stops before allocating`, () =>
        expectStop(withPages(bytes, secondGroup, (pages) => (dataHeader(dataPage(pages)).field_1 = value))));
    }

    it(`length of the definition levels ${name}: stops before allocating`, () =>
      expectStop(withPages(plain, secondGroup, (pages) => (dataHeader(dataPage(pages)).field_5 = value))));

    it(`values of a dictionary ${name}: stops before allocating`, () =>
      expectStop(withPages(snappy, secondGroup, (pages) => (pages[0].header.field_7.field_1 = value))));
  }

  it("a dictionary of a size far beyond the file: stops before allocating", () =>
    expectStop(withPages(snappy, secondGroup, (pages) => (pages[0].header.field_2 = INT32_MAX))));

  it("a snappy block that declares 2 GB: stops before allocating", async () => {
    const bytes = withPages(snappy, secondGroup, (pages) => {
      const page = dataPage(pages);
      const levels = dataHeader(page).field_5;
      const values = page.body.subarray(levels);
      const declared = varint(INT32_MAX);
      page.body = Buffer.concat([page.body.subarray(0, levels), declared, values.subarray(varintLength(values))]);
      page.header.field_3 = page.body.length;
      page.header.field_2 = INT32_MAX;
    });
    await expectStop(bytes);
  });

  it("a run of 2^28 equal values in the levels: stops before allocating", async () => {
    const bytes = withPages(plain, secondGroup, (pages) => {
      const page = dataPage(pages);
      const header = dataHeader(page);
      const run = Buffer.concat([varint(2 ** 29), Buffer.from([1])]);
      page.body = Buffer.concat([run, page.body.subarray(header.field_5)]);
      header.field_5 = run.length;
      header.field_1 = 2 ** 28;
      header.field_3 = 2 ** 28;
      page.header.field_2 = page.header.field_3 = page.body.length;
    });
    await expectStop(bytes);
  });

  /** FileMetaData: version 2, then field 2 (schema) a list of `count` structs. */
  const schemaOf = (count: number): Buffer => Buffer.concat([Buffer.from([0x15, 0x04, 0x19, 0xfc]), varint(count)]);

  for (const count of [2 ** 25, 2 ** 26, INT32_MAX, 2 ** 32 - 1]) {
    it(`a schema of ${count} columns: stops before allocating`, () =>
      expectStop(withRawFooter(plain, schemaOf(count))));
  }

  /** A list of 2^25 lists of 2^25 lists …: 256 MB for each level, from five bytes. */
  const nestedLists = (levels: number): Buffer =>
    Buffer.concat([
      Buffer.from([0x19]),
      ...Array.from({ length: levels }, () => [Buffer.from([0xf9]), varint(2 ** 25)]).flat(),
    ]);

  it("lists of lists in the footer that count 2^25 each: stops before allocating", () =>
    expectStop(withRawFooter(plain, nestedLists(3))));

  it("lists of lists in a page header that count 2^25 each: stops before allocating", () =>
    expectStop(overwritten(plain, pageRange(plain, secondGroup).headerFrom, nestedLists(3)), {
      rowGroup: 1,
      column: "close",
    }));

  it("a column name of 2 GB: stops before allocating", async () => {
    // one struct with field 4 (name) of 2^31 - 1 bytes
    const footer = Buffer.concat([Buffer.from([0x15, 0x04, 0x19, 0x1c, 0x48]), varint(INT32_MAX), Buffer.from("x")]);
    await expectStop(withRawFooter(plain, footer));
  });

  it("structs nested fifty thousand deep in the footer: stops naming the file", () =>
    expectStop(withRawFooter(plain, Buffer.alloc(50_000, 0x1c))));

  it("a schema that counts more children than it has: stops naming the file", () =>
    expectStop(withFooter(plain, (meta) => (meta.field_2[0].field_5 = 1000))));

  it("a schema with a negative count of children: stops naming the file", () =>
    expectStop(withFooter(plain, (meta) => (meta.field_2[0].field_5 = -5))));

  it("a column without a name: stops naming the file", () =>
    expectStop(withFooter(plain, (meta) => void delete meta.field_2[5].field_4)));

  it("row groups that do not add up to the rows of the file: stops naming the file", () =>
    expectStop(withFooter(plain, (meta) => (meta.field_3 = 123n))));

  it("a row group that lacks a column: stops naming the file", () =>
    expectStop(withFooter(plain, (meta) => void meta.field_4[1].field_1.splice(4, 1))));

  it("two columns of a row group with different numbers of values: stops naming the file", async () => {
    const bytes = withPages(plain, secondGroup, (pages) => {
      const header = dataHeader(dataPage(pages));
      header.field_1 = header.field_3 = 100;
    });
    await expectStop(bytes);
  });

  it("a column chunk that lies inside another's bytes: stops, or streams nothing that was not stored", async () => {
    const other = chunkRange(plain, { rowGroup: 1, column: "open" });
    const bytes = withChunk(plain, secondGroup, (chunk) => {
      chunk.field_3.field_9 = BigInt(other.from);
      chunk.field_3.field_7 = BigInt(other.to - other.from);
    });
    const path = tempFolder().put("SPY.parquet", bytes);
    // Well-formed though wrong: what is read must at least be accounted for.
    const { catalog } = await loadAll({ path });
    expect(catalog.rows).toBe(rows.length);
  });
});

describe("damage beside sound files", () => {
  it("one damaged file among sound ones: the message names that one", async () => {
    const folder = tempFolder();
    for (const symbol of ["AIG", "IBM"]) writeBars(folder.file(`${symbol}.parquet`), barRows(symbol, "2013-10-07"));
    folder.put("SPY.parquet", truncated(plain, -8));
    await expectFailure({ path: folder.path }, { class: DataError, names: ["SPY.parquet"] });
  });

  for (const onLoadError of ["skip-symbol", "skip-day"] as const) {
    it(`zeroed page with --on-load-error ${onLoadError}: the rest streams, the loss is told and counted as unread`, async () => {
      const folder = tempFolder();
      const dates = ["2013-10-07", "2013-10-08"];
      for (const date of dates) writeBars(folder.file(`symbol=IBM/date=${date}.parquet`), barRows("IBM", date));
      writeBars(folder.file("symbol=SPY/date=2013-10-08.parquet"), barRows("SPY", "2013-10-08"));
      const { from, to } = chunkRange(plain, secondGroup);
      folder.put("symbol=SPY/date=2013-10-07.parquet", overwritten(plain, from, new Uint8Array(to - from)));
      const { catalog, days, classes } = await loadAll({ path: folder.path, onLoadError });
      expect(catalog.symbols).toEqual(["IBM", "SPY"]);
      const bars = days.flatMap(({ day }) => dayBars(day));
      const tell = JSON.stringify([catalog.notes, days.map(({ load }) => load.skipped)]);
      expect(tell).toContain("2013-10-07.parquet");
      expect(classes.unread).toBeGreaterThan(0);
      if (onLoadError === "skip-symbol") {
        expect(bars).toHaveLength(390 * 3);
        expect(days[0].load.skipped.map(({ symbol }) => symbol)).toEqual(["SPY"]);
      } else {
        expect(bars).toHaveLength(390 * 2);
      }
    });
  }

  it("zeroed pages in files of two symbols of one day with --on-load-error skip-symbol: both are left out", async () => {
    const folder = tempFolder();
    const { from, to } = chunkRange(plain, secondGroup);
    for (const symbol of ["AIG", "SPY"]) {
      folder.put(`symbol=${symbol}/date=2013-10-07.parquet`, overwritten(plain, from, new Uint8Array(to - from)));
    }
    writeBars(folder.file("symbol=IBM/date=2013-10-07.parquet"), barRows("IBM", "2013-10-07"));
    const { days } = await loadAll({ path: folder.path, onLoadError: "skip-symbol" });
    expect(days[0].load.skipped.map(({ symbol }) => symbol)).toEqual(["AIG", "SPY"]);
    expect(dayBars(days[0].day, 1)).toHaveLength(390);
  });

  it("truncated footer with --on-load-error skip-symbol: the rest streams, the loss is told", async () => {
    const folder = tempFolder();
    writeBars(folder.file("symbol=IBM/date=2013-10-07.parquet"), barRows("IBM", "2013-10-07"));
    folder.put("symbol=SPY/date=2013-10-07.parquet", truncated(plain, -8));
    const { catalog, days } = await loadAll({ path: folder.path, onLoadError: "skip-symbol" });
    expect(days.flatMap(({ day }) => dayBars(day))).toHaveLength(390);
    const told = JSON.stringify([catalog.notes, days.map(({ load }) => load.skipped)]);
    expect(told).toContain("symbol=SPY/date=2013-10-07.parquet");
  });

  it("a file of version 1 pages with its data cut away: stops naming the file", async () => {
    const { writeBarsV1 } = await import("../fixtures/parquet.js");
    const { readFileSync } = await import("node:fs");
    const path = await writeBarsV1(tempFolder().file("v1", "SPY.parquet"), rows);
    const bytes = readFileSync(path);
    const { from } = pageRange(bytes, columnAt, 1);
    await expectStop(overwritten(bytes, from, Buffer.alloc(300, 0xff)), { column: "close" });
  });
});

function varintLength(bytes: Uint8Array): number {
  let length = 1;
  while ((bytes[length - 1] & 0x80) !== 0) length++;
  return length;
}
