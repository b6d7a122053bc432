import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { describeLayout } from "../../src/engine/memory/layout.js";
import {
  attachTrace,
  createTraces,
  TRACE_CAPACITY,
  TRACE_FIELDS,
  TRACE_HEAD,
  traceLayout,
  type TraceEntry,
} from "../../src/engine/memory/trace.js";
import { sharedClock, TraceReader, TraceWriter } from "../../src/engine/sync/trace-ring.js";

/** Entries a reader that comes late still finds. */
const KEPT = TRACE_CAPACITY - 16;

function ring(): { writer: TraceWriter; reader: TraceReader; head: Int32Array } {
  const memory = attachTrace(createTraces().upkeep);
  return { writer: new TraceWriter(memory), reader: new TraceReader(memory), head: memory.head };
}

/** Each field another number, so that fields that change places show. */
function write(writer: TraceWriter, i: number): void {
  writer.write(i + 0.25, i + 0.75, i, i + 1, i + 2, i + 3, i + 4, i + 5, i + 6, i + 7, i + 8);
}

function entry(i: number): TraceEntry {
  const numbers = TRACE_FIELDS.map((field, n) => [field, i + n]);
  return {
    startUs: i + 0.25,
    endUs: i + 0.75,
    ...(Object.fromEntries(numbers) as Record<"kind", number>),
  } as TraceEntry;
}

const range = (from: number, to: number): TraceEntry[] => Array.from({ length: to - from }, (_, i) => entry(from + i));

it("lays a trace out as pinned here: whoever changes it says so", () => {
  expect(describeLayout(traceLayout())).toMatchInlineSnapshot(`
    "        0  i32 × 4        head
           16  f64 × 8192     times
        65552  i32 × 36864    numbers"
  `);
});

it("refuses memory of another kind", () => {
  expect(() => attachTrace(new SharedArrayBuffer(8))).toThrow(/another size/);
  expect(() => attachTrace(new SharedArrayBuffer(traceLayout().byteLength))).toThrow(/another version/);
});

it("gives each entry once, as it was written, in order", () => {
  const { writer, reader } = ring();
  expect(reader.drain()).toEqual([]);
  for (let i = 0; i < 10; i++) write(writer, i);
  expect(reader.drain()).toEqual(range(0, 10));
  expect(reader.drain()).toEqual([]);
  for (let i = 10; i < 3000; i++) write(writer, i);
  expect(reader.drain()).toEqual(range(10, 3000));
  for (let i = 3000; i < 6000; i++) write(writer, i);
  expect(reader.drain()).toEqual(range(3000, 6000));
  expect(reader.lost).toBe(0);
});

it("counts what was written over before it was read", () => {
  const { writer, reader } = ring();
  for (let i = 0; i < 10_000; i++) write(writer, i);
  expect(reader.drain()).toEqual(range(10_000 - KEPT, 10_000));
  expect(reader.lost).toBe(10_000 - KEPT);
  write(writer, 10_000);
  expect(reader.drain()).toEqual(range(10_000, 10_001));
  expect(reader.lost).toBe(10_000 - KEPT);
});

it("leaves out what was written over while it was being copied", () => {
  for (const [filled, meanwhile] of [
    [5000, 1],
    [5000, 40],
    [5000, 4000],
    [5000, 9000],
    [3000, 2000],
    [3000, 9000],
  ]) {
    const memory = attachTrace(createTraces().upkeep);
    const writer = new TraceWriter(memory);
    let reads = 0;
    const watched = (array: Int32Array): Int32Array =>
      new Proxy(array, {
        get(target, name) {
          // In the middle of the copying, as another thread may.
          if (++reads === 5000) for (let i = 0; i < meanwhile; i++) write(writer, filled + i);
          return Reflect.get(target, name) as unknown;
        },
      });
    const reader = new TraceReader({ ...memory, numbers: watched(memory.numbers) });
    for (let i = 0; i < filled; i++) write(writer, i);
    const first = reader.drain();
    expect(first).toEqual(range(reader.lost, filled));
    const lost = reader.lost;
    const rest = reader.drain();
    expect(rest).toEqual(range(filled + reader.lost - lost, filled + meanwhile));
  }
});

it("does not mind that the count of 32 bits comes round", () => {
  const memory = attachTrace(createTraces().upkeep);
  for (const start of [2 ** 31 - 5, -5]) {
    memory.head[TRACE_HEAD.written] = start;
    const reader = new TraceReader(memory);
    reader.drain();
    const writer = new TraceWriter(memory);
    const lost = reader.lost;
    for (let i = 0; i < 20; i++) write(writer, i);
    expect(reader.drain()).toEqual(range(0, 20));
    expect(reader.lost).toBe(lost);
  }
});

it("never tears an entry, and loses none uncounted, while another thread writes as fast as it can", async () => {
  const { upkeep: buffer } = createTraces();
  const reader = new TraceReader(attachTrace(buffer));
  const entries = 1_500_000;
  const worker = new Worker(new URL("./trace-writer-worker.mjs", import.meta.url), { workerData: { buffer, entries } });
  const run = { isOver: false };
  const exit = new Promise<void>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => resolve(void (run.isOver = true)));
  });
  let next = 0;
  let lost = 0;
  let torn = 0;
  let drains = 0;
  const drain = (): void => {
    const drained = reader.drain();
    if (drained.length > 0) drains++;
    next += reader.lost - lost;
    lost = reader.lost;
    for (const { startUs, endUs, ...numbers } of drained) {
      const values = [startUs, endUs, ...Object.values(numbers)];
      if (values.some((value) => value !== next)) torn++;
      next++;
    }
  };
  while (!run.isOver) {
    for (let i = 0; i < 50; i++) drain();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await exit;
  drain();
  expect({ torn, next }).toEqual({ torn: 0, next: entries });
  expect(drains).toBeGreaterThan(1);
});

it("counts time alike in every thread, and never back", async () => {
  const now = sharedClock();
  const before = now();
  const worker = new Worker(
    `import { parentPort } from "node:worker_threads";
     import { sharedClock } from ${JSON.stringify(new URL("../../dist/engine/sync/trace-ring.js", import.meta.url).href)};
     parentPort.postMessage(sharedClock()());`,
    { eval: true, execArgv: ["--input-type=module"] },
  );
  const there = await new Promise<number>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  const after = now();
  // What two threads read of one clock may differ by what reading it takes.
  expect(there).toBeGreaterThan(before - 100);
  expect(there).toBeLessThan(after + 100);
  await worker.terminate();
});
