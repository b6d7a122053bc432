import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEMO_FOLDER, demoFiles, ensureDemoData } from "../../src/engine/demo/demo-data.js";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "bardeck-cache-"));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

/** The number of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

function fileTimes(path: string): number[] {
  return demoFiles().map((file) => statSync(join(path, file)).mtimeMs);
}

describe("the demo data in the cache", () => {
  it("is made once, also when the cache folder does not exist yet", async () => {
    const below = join(cache, "not", "yet");
    const path = await ensureDemoData(below);
    expect(path).toBe(join(below, DEMO_FOLDER));
    expect(readdirSync(below)).toEqual([DEMO_FOLDER]);
    const before = fileTimes(path);
    const progress: number[] = [];
    expect(await ensureDemoData(below, (done) => progress.push(done))).toBe(path);
    expect(progress).toEqual([]);
    expect(fileTimes(path)).toEqual(before);
  });

  it("is made once when several ask at the same time", async () => {
    const paths = await Promise.all([1, 2, 3].map(() => ensureDemoData(cache)));
    expect(new Set(paths).size).toBe(1);
    expect(readdirSync(cache)).toEqual([DEMO_FOLDER]);
    expect(fileTimes(paths[0])).toHaveLength(18);
  });

  it("recovers from an attempt that crashed half way, and removes what it left", async () => {
    const crashed = join(cache, `.${DEMO_FOLDER}.making-${deadProcess()}-1`);
    mkdirSync(join(crashed, "symbol=AAPL"), { recursive: true });
    writeFileSync(join(crashed, "symbol=AAPL", "date=2025-07-02.parquet"), "half a file");
    await ensureDemoData(cache);
    expect(readdirSync(cache)).toEqual([DEMO_FOLDER]);
  });

  it("leaves alone what another living process is making, unless it is older than any making takes", async () => {
    const living = join(cache, `.${DEMO_FOLDER}.making-${process.ppid}-1`);
    mkdirSync(living);
    await ensureDemoData(cache);
    expect(readdirSync(cache)).toContain(`.${DEMO_FOLDER}.making-${process.ppid}-1`);
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(living, hourAgo, hourAgo);
    await ensureDemoData(cache);
    expect(readdirSync(cache)).toEqual([DEMO_FOLDER]);
  });

  it("is made again when a file of it was deleted or emptied", async () => {
    const path = await ensureDemoData(cache);
    const [deleted, emptied] = [join(path, demoFiles()[3]), join(path, demoFiles()[8])];
    const before = readFileSync(deleted);
    unlinkSync(deleted);
    truncateSync(emptied, 0);
    await ensureDemoData(cache);
    expect(readFileSync(deleted).equals(before)).toBe(true);
    expect(statSync(emptied).size).toBeGreaterThan(0);
    expect(readdirSync(cache)).toEqual([DEMO_FOLDER]);
  });

  it("takes the place of a file that has its name", async () => {
    writeFileSync(join(cache, DEMO_FOLDER), "what is this?");
    const path = await ensureDemoData(cache);
    expect(fileTimes(path)).toHaveLength(18);
    expect(readdirSync(cache)).toEqual([DEMO_FOLDER]);
  });

  it("leaves nothing when it is stopped half way, and takes no longer than the file it is at", async () => {
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const made: number[] = [];
    const making = ensureDemoData(
      cache,
      (done) => {
        made.push(done);
        if (done === 5) controller.abort(reason);
      },
      controller.signal,
    );
    await expect(making).rejects.toBe(reason);
    expect(made).toEqual([1, 2, 3, 4, 5]);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("leaves nothing when the process exits in the middle", () => {
    const dist = new URL("../../dist/engine/index.js", import.meta.url).href;
    const script = `import(${JSON.stringify(dist)}).then(({ ensureDemoData }) => ensureDemoData(${JSON.stringify(cache)}, (done) => done === 5 && process.exit(7)))`;
    expect(spawnSync(process.execPath, ["-e", script]).status).toBe(7);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("names XDG_CACHE_HOME when the cache cannot be written (exit 4)", async () => {
    writeFileSync(join(cache, "file"), "");
    await expect(ensureDemoData(join(cache, "file", "bardeck"))).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(join(cache, "file", "bardeck")),
      hint: expect.stringContaining("XDG_CACHE_HOME"),
    });
  });
});
