/**
 * Writing and reading a trace (memory/trace.ts) without a lock: one writer, one reader, and a count that says what is
 * complete. The writer never waits; a reader that comes too late has lost entries and knows how many.
 */
import { TRACE_CAPACITY, TRACE_FIELDS, TRACE_HEAD, type TraceEntry, type TraceMemory } from "../memory/trace.js";

const WIDTH = TRACE_FIELDS.length;

/**
 * The oldest entries are not taken: the writer may be at them. One would do, were it not that its plain writes may be seen
 * before the count that precedes them.
 */
const MARGIN = 16;
const KEPT = TRACE_CAPACITY - MARGIN;

const TRIES = 20;

/** Microseconds of a monotonic source that all threads of the process share. */
export function sharedClock(): () => number {
  // `performance.now` is the cheap one, but counts from the start of its thread. Of several looks at both clocks the one
  // that took least says best how far they are apart: a thread may be put to sleep between two looks.
  let offsetUs = 0;
  let least = Infinity;
  for (let i = 0; i < TRIES; i++) {
    const before = performance.now();
    const [seconds, nanoseconds] = process.hrtime();
    const after = performance.now();
    if (after - before >= least) continue;
    least = after - before;
    offsetUs = seconds * 1e6 + nanoseconds / 1e3 - ((before + after) / 2) * 1e3;
  }
  return () => performance.now() * 1e3 + offsetUs;
}

export class TraceWriter {
  private written: number;

  constructor(private readonly memory: TraceMemory) {
    this.written = Atomics.load(memory.head, TRACE_HEAD.written);
  }

  /** Arguments in the order of `TRACE_FIELDS`: as an object each turn would make garbage. */
  write(
    startUs: number,
    endUs: number,
    kind: number,
    run: number,
    epoch: number,
    phase: number,
    step: number,
    position: number,
    from: number,
    to: number,
    value: number,
  ): void {
    const { head, times, numbers } = this.memory;
    const entry = this.written & (TRACE_CAPACITY - 1);
    times[entry * 2] = startUs;
    times[entry * 2 + 1] = endUs;
    const at = entry * WIDTH;
    numbers[at] = kind;
    numbers[at + 1] = run;
    numbers[at + 2] = epoch;
    numbers[at + 3] = phase;
    numbers[at + 4] = step;
    numbers[at + 5] = position;
    numbers[at + 6] = from;
    numbers[at + 7] = to;
    numbers[at + 8] = value;
    this.written = (this.written + 1) | 0;
    Atomics.store(head, TRACE_HEAD.written, this.written);
  }
}

export class TraceReader {
  /** Entries that were written over before they were read. */
  lost = 0;
  private seen = 0;

  constructor(private readonly memory: TraceMemory) {}

  /** Whole entries that are new, in order. */
  drain(): TraceEntry[] {
    const { memory, seen } = this;
    const end = Atomics.load(memory.head, TRACE_HEAD.written);
    const fresh = (end - seen) >>> 0; // the counts may wrap, their distance does not
    const skipped = Math.max(0, fresh - KEPT);
    const entries: TraceEntry[] = [];
    for (let i = skipped; i < fresh; i++) entries.push(this.read((seen + i) & (TRACE_CAPACITY - 1)));
    // This store keeps the copying before the second look at the count; its value is for whoever debugs the debugger.
    Atomics.store(memory.head, TRACE_HEAD.seen, end);
    const written = (Atomics.load(memory.head, TRACE_HEAD.written) - seen) >>> 0;
    const lost = Math.min(fresh, Math.max(0, written - KEPT));
    this.lost += lost;
    this.seen = end;
    return lost === skipped ? entries : entries.slice(lost - skipped);
  }

  private read(entry: number): TraceEntry {
    const { times, numbers } = this.memory;
    const at = entry * WIDTH;
    return {
      startUs: times[entry * 2],
      endUs: times[entry * 2 + 1],
      kind: numbers[at],
      run: numbers[at + 1],
      epoch: numbers[at + 2],
      phase: numbers[at + 3],
      step: numbers[at + 4],
      position: numbers[at + 5],
      from: numbers[at + 6],
      to: numbers[at + 7],
      value: numbers[at + 8],
    };
  }
}
