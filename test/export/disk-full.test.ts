import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type * as FsPromises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openParquetWriter } from "../../src/engine/export/parquet-writer.js";

/** How many more writes succeed; the one after fills the disk. */
const disk = vi.hoisted(() => ({ writesLeft: Infinity }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof FsPromises>();
  return {
    ...real,
    // The file is a real one; when the disk is "full" its bytes go to /dev/full, whose error is the real one too.
    open: async (...args: Parameters<typeof real.open>) => {
      const handle = await real.open(...args);
      const writeFile = handle.writeFile.bind(handle);
      handle.writeFile = async (data) => {
        disk.writesLeft -= 1;
        return disk.writesLeft < 0 ? real.writeFile("/dev/full", data as Uint8Array) : writeFile(data);
      };
      return handle;
    },
  };
});

const folder = mkdtempSync(join(tmpdir(), "bardeck-full-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.runIf(existsSync("/dev/full"))("on a full disk", () => {
  it("a write fails with the path and a hint, and leaves the file of before and nothing else", async () => {
    const path = join(folder, "x.parquet");
    writeFileSync(path, "before");
    disk.writesLeft = 3; // magic and two row groups
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
