/**
 * Days that are in memory already: what the simulator replays any number of times without reading. Seeded bars,
 * or a person's own data once decoded.
 */
import type { DayLoad, DaySource, SourceDay } from "../market/bars.js";
import { EXCEPTION_WORDS, REJECT_CAUSES, ROW_CLASSES, ROW_FLAGS } from "../market/bars.js";
import { segmentShapeOf, type SessionPlan } from "../plan.js";

/** Writes session `epoch` into zeroed memory at once. Throws a `DataError` when the data cannot be used. */
export interface MemorySource {
  load(epoch: number, into: SourceDay): DayLoad;
}

/** Memory for one decoded day of `plan`, zeroed as a loader expects it. */
export function createSourceDay(plan: SessionPlan, epoch: number): SourceDay {
  const symbols = plan.symbols.length;
  const { minutes } = plan.sessions[epoch];
  const slots = minutes * symbols;
  const column = (): Float64Array => new Float64Array(slots);
  return {
    minutes,
    symbols,
    bars: { open: column(), high: column(), low: column(), close: column(), volume: column() },
    flags: new Uint8Array(slots),
    file: new Uint32Array(slots),
    row: new Uint32Array(slots),
    exceptions: new Uint32Array(Math.max(1, segmentShapeOf(plan).mostExceptions) * EXCEPTION_WORDS),
    classCount: new Uint32Array(symbols * ROW_CLASSES.length),
    causeCount: new Uint32Array(symbols * REJECT_CAUSES.length),
    flagCount: new Uint32Array(symbols * ROW_FLAGS.length),
    atClosePrice: new Float64Array(symbols).fill(NaN),
    atCloseVolume: new Float64Array(symbols).fill(NaN),
  };
}

/** Loads every session of the plan once, one after the other, and keeps copies. Rejects as `source` does. */
export async function rememberDays(plan: SessionPlan, source: DaySource): Promise<MemorySource> {
  const days: { day: SourceDay; load: DayLoad }[] = [];
  for (let epoch = 0; epoch < plan.sessions.length; epoch++) {
    const day = createSourceDay(plan, epoch);
    days.push({ day, load: await source.load(epoch, day) });
  }
  return {
    load(epoch, into) {
      copyDay(days[epoch].day, into);
      return days[epoch].load;
    },
  };
}

/** Into memory at least as large as the day. */
export function copyDay(day: SourceDay, into: SourceDay): void {
  for (const name of Object.keys(day.bars) as (keyof SourceDay["bars"])[]) into.bars[name].set(day.bars[name]);
  for (const name of ["flags", "file", "row", "exceptions", "classCount", "causeCount", "flagCount"] as const)
    into[name].set(day[name]);
  into.atClosePrice.set(day.atClosePrice);
  into.atCloseVolume.set(day.atCloseVolume);
}
