/**
 * Sessions on a real tslab kernel: imports, completion, output, the stop button, errors of threads, running a cell
 * again, and closing. Needs dist (npm test builds it).
 */
import { cpSync, existsSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import {
  bad,
  good,
  installedKernel,
  interruptWhenReady,
  sharedKernel,
  startKernel,
  takesCells,
  until,
  type SharedKernel,
} from "./tslab-kernel.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import type { Kernel } from "./kernel.js";

vi.setConfig({ testTimeout: 240_000 });

const OPEN = `import { open } from "bardeck";\nconst s = await open("demo");`;

/** Threads of an engine session. */
const THREADS = 3;

/** Threads of the kernel's process, as the system counts them. */
function threadCount(kernel: Kernel): number {
  return readdirSync(`/proc/${kernel.process.pid}/task`).length;
}

describe("in a folder that has nothing installed", () => {
  const shared = sharedKernel();

  it("opens the demo, completes literals, shows documentation, prints and shows", async () => {
    const kernel = await shared.started();
    await good(kernel, OPEN);
    expect((await good(kernel, "s")).stdout).toMatch(
      /^Session · paused Wed 2025-07-02 09:30 EDT · data-driven · 6 symbols/,
    );
    expect(await kernel.complete(`s.step(1, "`)).toEqual(["bar", "day", "event", "minute", "phase"]);
    expect(await kernel.complete(`s.stepThread("`)).toEqual(["coordinator", "upkeep"]);
    expect(await kernel.complete(`open("demo", { onConflict: "`)).toEqual(["error", "first", "last"]);
    expect(await kernel.complete(`s.bars("AAPL", "`)).toEqual(["15m", "1m", "5m"]);
    expect(await kernel.complete(`s.chart("AAPL", { interval: "`)).toEqual(["15m", "1m", "5m"]);
    expect(await kernel.complete(`s.journal({ kind: "`)).toContain("force-close");
    for (const take of ["s.break", "s.until"])
      expect(await kernel.complete(`${take}("ph`)).toContain("phase=hand-over");
    expect(await kernel.complete("s.qual")).toContain("quality");
    const hover = await kernel.hover("s.until");
    expect(hover).toContain("Runs on to a time");
    expect(hover).toContain(`await s.until("TSLA.quality<95")`);
    expect((await good(kernel, "await s.step()")).stdout).toMatch(/^Stop · step · Wed 2025-07-02 09:31 EDT · 1 bar/);
    const [shown] = (await good(kernel, `await s.until("10:15"); s.quality().show()`)).shown;
    expect(Object.keys(shown)).toEqual(["text/plain", "text/html"]);
    expect(shown["text/html"]).toContain("45 of 390 minutes");
  });

  it("knows a variable of an earlier cell in the short form of a property", async () => {
    const kernel = await shared.started();
    await good(kernel, `const symbols = ["TSLA"]; let low = 0, high = 0;`);
    expect((await good(kernel, `({ symbols })`)).stdout).toBe(`{ symbols: [ 'TSLA' ] }\n`);
    await good(kernel, `import { open } from "bardeck"; const one = await open("demo", { symbols });`);
    expect((await good(kernel, `one.symbols.join()`)).stdout).toBe("TSLA\n");
    await good(kernel, `({ low, high = 7 } = { low: 3 } as { low: number; high?: number }); await one.dispose();`);
    expect((await good(kernel, "[low, high].join()")).stdout).toBe("3,7\n");
    expect(await bad(kernel, `const wrong = { symbols, low: nothing };`)).toMatch(/^1:31 - Cannot find name 'nothing'/);
  });

  it("has a panel that updates itself in its cell, at most five times a second, and stops", async () => {
    const kernel = await shared.started();
    await good(kernel, OPEN);
    const { cell, done } = kernel.begin(
      `const began = Date.now(); await s.setSpeed(3600); s.play(); const live = s.live();`,
    );
    await done;
    const first = cell.shown[0]["text/html"];
    await cell.until(({ shown }) => shown[0]["text/html"] !== first);
    const rate = await good(
      kernel,
      `await s.pause(); live.stop(); live.updates / ((Date.now() - began) / 200 + 2) <= 1`,
    );
    expect(rate.stdout).toBe("true\n");
    expect(cell.shown).toHaveLength(1);
    expect(cell.shown[0]["text/html"]).toContain("paused");
  });
  it("ends a session that plays when it is closed", async () => {
    const kernel = await shared.started();
    await good(kernel, `${OPEN}\nawait s.setSpeed(1); s.play(); const live = s.live();`);
    expect(await kernel.shutdown()).toBe(0);
  });

  it("leaves when its client has died without a word", async () => {
    const argv = ["sh", "-c", `JPY_PARENT_PID=$$ "$@" & wait`, "client", ...installedKernel()];
    const kernel = await startKernel(tempFolder().path, {}, argv);
    const pid = Number((await good(kernel, "process.pid")).stdout);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    kernel.process.kill("SIGKILL");
    await until(() => !existsSync(`/proc/${pid}`));
  });
});

/** Ready when the session moves: what is pressed while a cell's first line is carried out, the kernel keeps to itself. */
const READY_WHEN_MOVING = `const look = setInterval(() => {
  if (s.state().state === "playing") { clearInterval(look); sayReady(); }
}, 1);`;

/** Presses the stop button once a cell's command moves the session; the session stands afterwards and the kernel takes cells. */
async function pressWhileMoving(shared: SharedKernel, move: string): Promise<void> {
  const cell = await interruptWhenReady(shared, `${READY_WHEN_MOVING} await ${move}`);
  const kernel = await shared.started();
  await cell.until(({ stdout }) => stdout.includes("interrupted: paused"));
  await takesCells(kernel);
  expect((await good(kernel, "s.state().state")).stdout).toBe("paused\n");
}

describe("the stop button", () => {
  const shared = sharedKernel();

  it("pauses a run that a cell waits for, and the session goes on from there", async () => {
    const kernel = await shared.started();
    await good(kernel, OPEN);
    await good(kernel, "await s.setSpeed(60)");
    await pressWhileMoving(shared, "s.play()");
    expect((await good(kernel, `await s.setSpeed(0); (await s.until("10:15")).time.clock`)).stdout).toBe("10:15\n");
  });

  it("pauses whatever a cell waits for", async () => {
    await good(await shared.started(), `${OPEN} await s.setSpeed(60);`);
    for (const move of [`s.until("15:00")`, `s.until(() => false)`, `s.exec("until 15:00")`]) {
      await pressWhileMoving(shared, move);
    }
  });

  it("pauses a command that has only just been given", async () => {
    const kernel = await shared.started();
    await good(kernel, `${OPEN} await s.setSpeed(60);`);
    const { cell, done } = kernel.begin(`s.play(); await null; process.emit("SIGINT"); await new Promise(() => {});`);
    await done;
    await cell.until(({ stdout }) => stdout.includes("interrupted: paused"));
    await takesCells(kernel);
    expect((await good(kernel, "s.state().state")).stdout).toBe("paused\n");
  });

  it("ends forEachMinute between two minutes", async () => {
    const kernel = await shared.started();
    await good(kernel, OPEN);
    await good(kernel, "let seen = 0;"); // what an interrupted cell declares is lost
    await interruptWhenReady(
      shared,
      `await s.forEachMinute(async () => { seen += 1; if (seen === 3) sayReady(); await new Promise((r) => setTimeout(r, 5)); })`,
    );
    await takesCells(kernel);
    const count = `await new Promise((r) => setTimeout(r, 50)); seen`;
    expect((await good(kernel, count)).stdout).toBe((await good(kernel, count)).stdout);
  });
});

describe("an error in a thread", () => {
  const shared = sharedKernel();

  /** The demo, with the file of one symbol's second day emptied after it has been opened. */
  async function openThenBreak(kernel: Kernel): Promise<void> {
    const { folder } = shared;
    await good(kernel, `import { open } from "bardeck";\nconst demo = await open("demo"); await demo.dispose();`);
    const path = (await good(kernel, `(demo.info.options as { path: string }).path`)).stdout.trim();
    rmSync(join(folder, "data"), { recursive: true, force: true });
    cpSync(path, join(folder, "data"), { recursive: true });
    await good(kernel, `const s = await open("data", { keepDays: 1 });`);
    const file = readdirSync(join(folder, "data"), { recursive: true, encoding: "utf8" }).find(
      (name) => name.includes("TSLA") && name.includes("07-07") && name.endsWith(".parquet"),
    )!;
    truncateSync(join(folder, "data", file), 40);
  }

  it("reaches the cell that waits, with its cause and without the engine's own frames", async () => {
    const kernel = await shared.started();
    await openThenBreak(kernel);
    const message = await bad(kernel, "await s.play()");
    expect(message).toMatch(/^(DataError|FileError): .*TSLA/);
    expect(message).not.toContain("dist/engine");
  });

  it("reaches the next call when nobody waited, and is not printed late", async () => {
    const kernel = await shared.started();
    await openThenBreak(kernel);
    const { cell, done } = kernel.begin(
      "s.play(); while (s.state().state !== 'failed') await new Promise((r) => setTimeout(r, 5)); 1",
    );
    await done;
    expect(await bad(kernel, "await s.step()")).toMatch(/^(DataError|FileError): .*TSLA/);
    expect(cell.stderr).toBe("");
  });
});

describe("a session", () => {
  const shared = sharedKernel();

  it("is ended when its cell is run again, and no other", async () => {
    const kernel = await shared.started();
    await good(kernel, OPEN);
    const one = threadCount(kernel);
    await good(kernel, `const other = await open("demo", { symbols: ["SPY"] });`);
    await until(() => threadCount(kernel) > one);
    const two = threadCount(kernel);
    for (let i = 0; i < 3; i++) await good(kernel, OPEN);
    await until(() => threadCount(kernel) === two);
    expect((await good(kernel, `(await other.step()).reason + " " + (await s.step()).reason`)).stdout).toBe(
      "step step\n",
    );
    await good(kernel, "await s.dispose(); await other.dispose(); await s.dispose();");
    await until(() => threadCount(kernel) <= one - THREADS);
  });

  it("that nothing holds is ended by the next one that is opened, however it was lost", async () => {
    const kernel = await shared.started();
    await good(kernel, `${OPEN}`);
    const one = threadCount(kernel);
    const ways = [
      `await open("demo"); 0`,
      `let lost: any = await open("demo"); lost.on("stop", () => {}); lost = undefined; 0`,
      `async function play() { const own = await open("demo"); await own.setSpeed(1); own.play(); own.live(); }\nawait play();`,
      `for (const symbol of ["SPY", "AAPL"]) await open("demo", { symbols: [symbol] });`,
    ];
    for (const way of ways) await good(kernel, way);
    await good(kernel, `const other = await open("demo", { symbols: ["SPY"] });`);
    await good(kernel, "await other.dispose();");
    await until(() => threadCount(kernel) <= one);
    expect((await good(kernel, "(await s.step()).reason")).stdout).toBe("step\n");
  });

  it("in an array is held, looked at or not", async () => {
    const kernel = await shared.started();
    const two = `const runs = [await open("demo", { symbols: ["SPY"] }), await open("demo", { symbols: ["AAPL"] })];`;
    await good(kernel, `import { open } from "bardeck"; ${two}`);
    for (const run of ["runs[0]", "runs[1]"]) {
      await good(kernel, run);
      await good(kernel, `const other = await open("demo"); await other.dispose();`);
    }
    const reasons =
      "const reasons = []; for (const run of runs) reasons.push((await run.step()).reason); String(reasons)";
    expect((await good(kernel, reasons)).stdout).toBe("step,step\n");
  });
});
