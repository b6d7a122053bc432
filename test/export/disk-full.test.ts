import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openParquetWriter } from "../../src/engine/export/parquet-writer.js";
import { fillDisk, hasFullDisk } from "../fixtures/full-disk.js";

const folder = mkdtempSync(join(tmpdir(), "bardeck-full-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.runIf(hasFullDisk)("on a full disk", () => {
  it("a write fails with the path and a hint, and leaves the file of before and nothing else", async () => {
    const path = join(folder, "x.parquet");
    writeFileSync(path, "before");
    await fillDisk(3); // magic and two row groups
    const writer = await openParquetWriter(path, [{ name: "n", kind: "int32" }]);
    await writer.append([[1]]);
    await writer.append([[2]]);
    expect(readdirSync(folder)).toHaveLength(2);
    await expect(writer.append([[3]])).rejects.toMatchObject({
      exitCode: 4,
      message: `cannot write ${path}: ENOSPC: no space left on device`,
      hint: expect.stringContaining("free some space"),
      place: { file: path },
    });
    expect(readdirSync(folder)).toEqual(["x.parquet"]);
    expect(readFileSync(path, "utf8")).toBe("before");
    await writer.abandon();
  });
});
