/** Runs to compare: seeded days replayed on one thread, with something in their source changed. */
import { compareRuns, type Difference } from "../../src/engine/compare/difference.js";
import { eventLine } from "../../src/engine/compare/event-line.js";
import { runHeader, takeDay, type RunDay, type RunReader } from "../../src/engine/compare/run-day.js";
import type { DaySource, SourceDay } from "../../src/engine/market/bars.js";
import { EXCEPTION_WORDS, ROW_CLASSES } from "../../src/engine/market/bars.js";
import type { SessionPlan } from "../../src/engine/plan.js";
import { PHASE, STEP } from "../../src/engine/protocol/phases.js";
import type { Place } from "../../src/engine/protocol/places.js";
import { W } from "../../src/engine/protocol/words.js";
import { createSourceDay, type MemorySource } from "../../src/engine/sim/memory-source.js";
import { createStage, replay } from "../../src/engine/sim/stage.js";
import { drawSubject, type Subject } from "../../src/engine/sim/subject.js";
import { dayEvents, nameFiles } from "../../src/engine/work/day-events.js";

export interface TestRun extends RunReader {
  readonly plan: SessionPlan;
  readonly list: readonly RunDay[];
}

/** Changes a decoded day; returns how many entries its exceptions list has now. */
export type Change = (epoch: number, day: SourceDay, exceptions: number) => number;

export interface Changes {
  readonly source?: Change;
  readonly fill?: Change;
  readonly plan?: Partial<SessionPlan>;
  /** Where the run stands; at the end when absent. */
  readonly stopAt?: Place;
  /** Path of file `index`. */
  readonly path?: (index: number) => string;
}

/** The days of a small and nasty subject: holes, fills, streams that end early, rows that become no bar. */
export async function runOf(seed: number, changes: Changes = {}): Promise<TestRun> {
  const subject = drawSubject(seed);
  const source = changed(subject.source, changes.source);
  const fill = subject.fill && changed(subject.fill, changes.fill);
  const drawn = { ...subject.plan, keepDays: 9, mostExceptions: subject.plan.mostExceptions + 1, ...changes.plan };
  const sessions = drawn.sessions.map((session, epoch) => ({ ...session, rows: countRows(drawn, epoch, source) }));
  const plan = { ...drawn, sessions };
  const stage = createStage(plan, daySource(source), { fill: fill && daySource(fill), goal: changes.stopAt });
  await replay(stage);
  const { words } = stage;
  const streams = words.load(W.phase) === PHASE.streaming;
  const list: RunDay[] = [];
  for (let epoch = 0; epoch < plan.sessions.length; epoch++) {
    const isPresent = words.load(W.epoch) === epoch && words.load(W.phase) !== PHASE.finished;
    if (!stage.records.has(epoch) && !(isPresent && words.load(W.active) === 1)) break;
    const segment = stage.segments.find((one) => one.head[0] === epoch)!;
    const slots = plan.sessions[epoch].minutes * plan.symbols.length;
    const steps = !isPresent ? STEP.record : streams ? 0 : Math.max(words.load(W.step), STEP.drain) - 1;
    const position = isPresent ? words.load(W.processed) : slots;
    const files = Array.from({ length: 20 }, (_, i) => ({ path: changes.path?.(i) ?? `file-${i}` }));
    const events = nameFiles(dayEvents(plan, epoch, segment, position, steps), files).map(eventLine);
    list.push({ ...takeDay(plan, epoch, segment, position, steps), events });
  }
  return readerOf(plan, list);
}

export function readerOf(plan: SessionPlan, list: readonly RunDay[], inputDigest = "i1:ab"): TestRun {
  return {
    plan,
    list,
    header: runHeader(plan, inputDigest),
    async *days() {
      yield* list;
    },
  };
}

export function difference(a: RunReader, b: RunReader): Promise<Difference> {
  return compareRuns(a, b);
}

/** The subject's own days, to see what may be changed. */
export function decoded({ plan, source }: Pick<Subject, "plan" | "source">, epoch: number): SourceDay {
  const day = createSourceDay(plan, epoch);
  source.load(epoch, day);
  return day;
}

/** Puts an entry into the exceptions list, where its slot belongs. */
export function addException(day: SourceDay, count: number, slot: number, rowClass: number): number {
  const entries = Array.from({ length: count }, (_, i) => [
    ...day.exceptions.subarray(i * EXCEPTION_WORDS, (i + 1) * EXCEPTION_WORDS),
  ]);
  entries.push([slot, rowClass, 3, 77]);
  entries.sort((a, b) => a[0] - b[0]); // stable: after those of its slot
  entries.forEach((entry, i) => day.exceptions.set(entry, i * EXCEPTION_WORDS));
  day.classCount[(slot % day.symbols) * ROW_CLASSES.length + rowClass]++;
  return count + 1;
}

function changed(source: MemorySource, change: Change | undefined): MemorySource {
  return {
    load(epoch, into) {
      const load = source.load(epoch, into);
      return change ? { ...load, exceptionCount: change(epoch, into, load.exceptionCount) } : load;
    },
  };
}

function countRows(plan: SessionPlan, epoch: number, source: MemorySource): number[] {
  const day = decoded({ plan, source }, epoch);
  return plan.symbols.map((_, symbol) => {
    const classes = day.classCount.subarray(symbol * ROW_CLASSES.length, (symbol + 1) * ROW_CLASSES.length);
    return classes.reduce((sum, rows) => sum + rows, 0);
  });
}

function daySource(source: MemorySource): DaySource {
  return { load: async (epoch, into) => source.load(epoch, into), close: async () => {} };
}
