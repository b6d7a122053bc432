import { rm } from "node:fs/promises";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { ensureDemoData } from "../../src/engine/demo/demo-data.js";
import { DataError } from "../../src/engine/errors.js";
import { LiveSession } from "../../src/engine/session/live-session.js";
import { open } from "../../src/engine/session/open.js";
import { verify } from "../../src/engine/verify/verify.js";

const folder = mkdtempSync(join(tmpdir(), "bardeck-verify-"));
let path: string;
beforeAll(async () => void (path = await ensureDemoData(folder)));
afterAll(() => rm(folder, { recursive: true, force: true }));

it("finds one digest for every speed, credit, pause, seek and delay, the one a plain run has", async () => {
  const session = await open(path);
  await session.play();
  const { digest } = session.summary();
  await session.dispose();
  const told: string[] = [];
  const report = await verify({ path }, { onProgress: (_done, _total, name) => void told.push(name) });
  expect(report.brokenInvariants).toEqual([]);
  expect(report.variants.map((variant) => variant.name)).toEqual(told.filter((name) => name !== ""));
  expect(report.variants.map((variant) => variant.digest)).toEqual(report.variants.map(() => digest));
  expect(report.ok).toBe(true);
});

it.each([
  ["no-drain", /I20/],
  ["limit-one-late", /I13: stopped at slot \d+ where \d+ was asked for, seeks/],
] as const)("fails when a rule is switched off: %s", async (bug, broken) => {
  const report = await verify({ path, symbols: ["AAPL", "SPY"] }, {}, [bug]);
  expect(report.ok).toBe(false);
  expect(report.brokenInvariants.join("\n")).toMatch(broken);
});

it("fails when a place looks otherwise after a seek, though the end of the run does not", async () => {
  const { seekToPlace, digest } = LiveSession.prototype;
  let sought = false;
  vi.spyOn(LiveSession.prototype, "seekToPlace").mockImplementation(function (this: LiveSession, ...to) {
    sought = true;
    return seekToPlace.apply(this, to);
  });
  vi.spyOn(LiveSession.prototype, "digest").mockImplementation(function (this: LiveSession) {
    return digest.apply(this) + (sought ? "0" : "");
  });
  const { ok, brokenInvariants } = await verify({ path, symbols: ["SPY"], to: "2025-07-02" });
  vi.restoreAllMocks();
  expect(brokenInvariants).toEqual(["I13: another digest after stepping back, seeks"]);
  expect(ok).toBe(false);
});

it("throws the error of data that cannot be used, as open does", async () => {
  await expect(verify({ path, from: "2031-01-01" })).rejects.toThrow(DataError);
});

it("ends with the reason of an abort", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const running = verify(
    { path },
    { signal: controller.signal, onProgress: (done) => done === 1 && controller.abort(reason) },
  );
  await expect(running).rejects.toBe(reason);
});
