/** What prefetch does to the days: have them loaded into a segment, once while the segment keeps them. */
import { FLAG_PRESENT, type DayLoad, type DaySource, type SourceDay } from "../market/bars.js";
import { beginSource, endSource, leaveOut, sourceEpoch, type Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";

export interface DayLoader {
  /**
   * Loads session `epoch` into the segment. Resolves with what the load tells, or undefined when the segment still
   * holds the session. Rejects when the data cannot be used.
   */
  load(epoch: number, segment: Segment): Promise<DayLoad | undefined>;
}

/** @param fill second source for `--fill source`; its rows are not accounted for, they only fill */
export function createDayLoader(plan: SessionPlan, source: DaySource, fill?: DaySource): DayLoader {
  return {
    async load(epoch, segment) {
      if (sourceEpoch(segment) === epoch) return undefined;
      const { minutes } = plan.sessions[epoch];
      const into = beginSource(segment, minutes);
      const load = await source.load(epoch, into);
      if (fill && segment.fill) await fill.load(epoch, fillDay(into, segment.fill));
      for (const { symbol } of load.skipped) leaveOut(segment, plan.symbols.indexOf(symbol));
      const noData = load.skipped.length === 0 && plan.sessions[epoch].rows.every((rows) => rows === 0);
      endSource(segment, epoch, endOfStreams(into), load.exceptionCount, noData);
      return load;
    },
  };
}

/** The minute after the last bar of the day: a row that came to nothing does not keep its stream open. */
function endOfStreams(day: SourceDay): number {
  for (let slot = day.minutes * day.symbols - 1; slot >= 0; slot--)
    if (day.flags[slot] & FLAG_PRESENT) return Math.floor(slot / day.symbols) + 1;
  return 0;
}

/** The fill source writes its bars and flags into the segment, and its accounts nowhere. */
function fillDay(day: SourceDay, fill: NonNullable<Segment["fill"]>): SourceDay {
  return {
    minutes: day.minutes,
    symbols: day.symbols,
    bars: fill.bars,
    flags: fill.flags,
    file: new Uint32Array(day.file.length),
    row: new Uint32Array(day.row.length),
    exceptions: new Uint32Array(day.exceptions.length),
    classCount: new Uint32Array(day.classCount.length),
    causeCount: new Uint32Array(day.causeCount.length),
    flagCount: new Uint32Array(day.flagCount.length),
    atClosePrice: new Float64Array(day.atClosePrice.length),
    atCloseVolume: new Float64Array(day.atCloseVolume.length),
  };
}
