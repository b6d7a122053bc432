import { mkdtempSync, chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileError } from "../../src/engine/errors.js";
import { openParquetWriter, writeParquet } from "../../src/engine/export/parquet-writer.js";
import type { ParquetColumn } from "../../src/engine/export/parquet-writer.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bardeck-writer-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Rows as stored: timestamps as bigint microseconds, where hyparquet alone would round to milliseconds. */
async function readRows(path: string): Promise<Array<Record<string, unknown>>> {
  const file = await asyncBufferFromFile(path);
  const timestampFromMicroseconds = (us: bigint): bigint => us;
  // hyparquet fills in parsers that are not given.
  return parquetReadObjects({ file, parsers: { timestampFromMicroseconds } as never });
}

async function footer(path: string) {
  return parquetMetadataAsync(await asyncBufferFromFile(path));
}

async function errorOf(work: Promise<unknown>): Promise<FileError> {
  return work.then(
    () => expect.fail("this should have failed"),
    (error: unknown) => error as FileError,
  );
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe("a written Parquet file", () => {
  const columns: ParquetColumn[] = [
    { name: "timestamp", kind: "timestamp", values: [0, 1_751_463_000_000_001, 9_007_199_254_740_991] },
    { name: "price", kind: "double", values: Float64Array.of(0.1 + 0.2, NaN, -Infinity) },
    { name: "volume", kind: "int64", values: [2n ** 63n - 1n, -(2n ** 53n) - 1n, 0n] },
    { name: "n", kind: "int32", values: Int32Array.of(-2147483647, 0, 2147483647) },
    { name: "status", kind: "utf8", values: ["complete", "", "naïve 🐟"] },
    { name: "filled", kind: "boolean", values: [true, false, true] },
  ];

  it("gives back every value exactly", async () => {
    const path = join(folder, "all.parquet");
    await writeParquet(path, columns);
    const expected = [0, 1, 2].map((row) =>
      Object.fromEntries(
        columns.map(({ name, kind, values }) => [name, kind === "timestamp" ? BigInt(values[row]!) : values[row]]),
      ),
    );
    expect(await readRows(path)).toEqual(expected);
  });

  it("declares timestamps as INT64 TIMESTAMP_MICROS and compresses with SNAPPY", async () => {
    const path = join(folder, "all.parquet");
    await writeParquet(path, columns, { metadata: { "bardeck.content": "test" } });
    const metadata = await footer(path);
    expect(metadata.schema.slice(1).map((field) => [field.name, field.type, field.converted_type])).toEqual([
      ["timestamp", "INT64", "TIMESTAMP_MICROS"],
      ["price", "DOUBLE", undefined],
      ["volume", "INT64", undefined],
      ["n", "INT32", undefined],
      ["status", "BYTE_ARRAY", "UTF8"],
      ["filled", "BOOLEAN", undefined],
    ]);
    expect(metadata.row_groups[0].columns.every((column) => column.meta_data?.codec === "SNAPPY")).toBe(true);
    expect(metadata.key_value_metadata).toEqual([{ key: "bardeck.content", value: "test" }]);
  });

  it("keeps NaN out of the statistics, so readers may trust them to skip row groups", async () => {
    const path = join(folder, "nan.parquet");
    await writeParquet(path, [{ name: "price", kind: "double", values: [NaN, 3, NaN, 1, 2] }]);
    const { statistics } = (await footer(path)).row_groups[0].columns[0].meta_data!;
    expect([statistics?.min_value, statistics?.max_value, statistics?.null_count]).toEqual([1, 3, 0n]);
  });

  it("gives back any mixture of values and nulls", async () => {
    const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
    const rows = fc.array(
      fc.record({
        d: nullable(fc.double()),
        i: nullable(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })),
        s: nullable(fc.string({ unit: "grapheme" })),
        b: nullable(fc.boolean()),
      }),
      { maxLength: 60 },
    );
    const path = join(folder, "any.parquet");
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 70 }), async (expected, maxGroupRows) => {
        await writeParquet(
          path,
          [
            { name: "d", kind: "double", nullable: true, values: expected.map((row) => row.d) },
            { name: "i", kind: "int64", nullable: true, values: expected.map((row) => row.i) },
            { name: "s", kind: "utf8", nullable: true, values: expected.map((row) => row.s) },
            { name: "b", kind: "boolean", nullable: true, values: expected.map((row) => row.b) },
          ],
          { maxGroupRows },
        );
        expect(await readRows(path)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it("begins row groups where asked, and never lets one grow beyond the bound", async () => {
    const path = join(folder, "groups.parquet");
    const written = await writeParquet(path, [{ name: "n", kind: "int32", values: numbers(0, 1000) }], {
      groupStarts: [390, 390, 600],
      maxGroupRows: 300,
    });
    const metadata = await footer(path);
    expect(metadata.row_groups.map((group) => Number(group.num_rows))).toEqual([300, 90, 210, 300, 100]);
    expect(written).toEqual({ path, rows: 1000, rowGroups: 5, bytes: readFileSync(path).length });
    expect((await readRows(path)).map((row) => row.n)).toEqual(numbers(0, 1000));
  });

  it("may have no rows at all", async () => {
    const path = join(folder, "empty.parquet");
    await writeParquet(path, [{ name: "n", kind: "int32", values: [] }]);
    expect(Number((await footer(path)).num_rows)).toBe(0);
    expect(await readRows(path)).toEqual([]);
  });

  it("has the same bytes when its rows arrive in chunks", async () => {
    const [atOnce, inChunks] = [join(folder, "once.parquet"), join(folder, "chunks.parquet")];
    await writeParquet(atOnce, [{ name: "n", kind: "int32", values: numbers(0, 900) }], { groupStarts: [390, 600] });
    const writer = await openParquetWriter(inChunks, [{ name: "n", kind: "int32" }]);
    for (const [from, to] of [
      [0, 390],
      [390, 600],
      [600, 900],
    ])
      await writer.append([numbers(from, to)]);
    expect(readdirSync(folder)).not.toContain("chunks.parquet"); // no half file under the real name
    await writer.close();
    await writer.abandon(); // does nothing any more
    expect(readFileSync(inChunks).equals(readFileSync(atOnce))).toBe(true);
  });

  it("replaces a file of the same name only when complete", async () => {
    const path = join(folder, "again.parquet");
    writeFileSync(path, "before");
    const writer = await openParquetWriter(path, [{ name: "n", kind: "int32" }]);
    await writer.append([[1, 2, 3]]);
    expect(readFileSync(path, "utf8")).toBe("before");
    await writer.close();
    expect((await readRows(path)).map((row) => row.n)).toEqual([1, 2, 3]);
  });
});

describe("a failed write", () => {
  const columns: ParquetColumn[] = [{ name: "n", kind: "int32", values: [1] }];

  it("into a missing folder says to create it (exit 4)", async () => {
    const path = join(folder, "missing", "x.parquet");
    const error = await errorOf(writeParquet(path, columns));
    expect(error).toBeInstanceOf(FileError);
    expect(error).toMatchObject({ exitCode: 4, code: "cannot-write", place: { file: path } });
    expect(error.message).toBe(`cannot write ${path}: ENOENT: no such file or directory`);
    expect(error.hint).toContain("create the folder");
  });

  it("below a file says that the path is wrong", async () => {
    writeFileSync(join(folder, "file"), "");
    const error = await errorOf(writeParquet(join(folder, "file", "x.parquet"), columns));
    expect(error).toMatchObject({ exitCode: 4, message: expect.stringContaining("ENOTDIR") });
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("");
  });

  it("onto a folder leaves the folder alone", async () => {
    mkdirSync(join(folder, "x.parquet"));
    const error = await errorOf(writeParquet(join(folder, "x.parquet"), columns));
    expect(error).toMatchObject({ exitCode: 4, message: expect.stringContaining("it is a folder") });
    expect(readdirSync(folder)).toEqual(["x.parquet"]);
  });

  it.runIf(process.platform === "linux")("onto a device does not replace the device", async () => {
    const error = await errorOf(writeParquet("/dev/null", columns));
    expect(error).toMatchObject({ exitCode: 4, message: expect.stringContaining("not a regular file") });
  });

  it.skipIf(process.getuid?.() === 0)("into a read-only folder names the permission", async () => {
    chmodSync(folder, 0o500);
    const error = await errorOf(writeParquet(join(folder, "x.parquet"), columns));
    chmodSync(folder, 0o700);
    expect(error).toMatchObject({ exitCode: 4, hint: expect.stringContaining("permission") });
  });

  it("because of a wrong value is a bug of the caller, and leaves nothing behind", async () => {
    const wrong: ParquetColumn[][] = [
      [{ name: "n", kind: "int32", values: [1, 2.5] }],
      [{ name: "n", kind: "int32", values: [null] }],
      [{ name: "t", kind: "timestamp", values: [1.5e18] }],
      [{ name: "t", kind: "timestamp", values: [-1] }],
      [{ name: "v", kind: "int64", values: [2 ** 53] }],
      [{ name: "s", kind: "utf8", values: [7] }],
      [
        { name: "a", kind: "int32", values: [1] },
        { name: "b", kind: "int32", values: [] },
      ],
      [
        { name: "a", kind: "int32", values: [1] },
        { name: "a", kind: "int32", values: [1] },
      ],
      [],
    ];
    for (const bad of wrong) {
      await expect(writeParquet(join(folder, "x.parquet"), bad)).rejects.toThrow("bardeck bug");
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("refuses a second call before the first has been awaited", async () => {
    const writer = await openParquetWriter(join(folder, "x.parquet"), [{ name: "n", kind: "int32" }]);
    const first = writer.append([[1]]);
    await expect(writer.append([[2]])).rejects.toThrow("one after the other");
    await first;
    await writer.abandon();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("by abandoning removes the partial file, and two writers of one name do not disturb each other", async () => {
    const path = join(folder, "x.parquet");
    const given = await openParquetWriter(path, [{ name: "n", kind: "int32" }]);
    const kept = await openParquetWriter(path, [{ name: "n", kind: "int32" }]);
    await given.append([[1]]);
    await kept.append([[2]]);
    await given.abandon();
    await kept.close();
    expect(readdirSync(folder)).toEqual(["x.parquet"]);
    expect(await readRows(path)).toEqual([{ n: 2 }]);
  });
});
