/** A day's arrays for tests, and a look into them by symbol. */
import {
  EXCEPTION_WORDS,
  REJECT_CAUSES,
  ROW_CLASSES,
  ROW_FLAGS,
  type RowClass,
  type SourceDay,
} from "../../src/engine/market/bars.js";
import type { Catalog, OpenCatalog } from "../../src/engine/catalog/types.js";

/** Fresh zeroed arrays for one session of a catalogue. */
export function createSourceDay(catalog: Catalog, session: number): SourceDay {
  const symbols = catalog.symbols.length;
  return createDay(catalog.sessions[session].minutes, symbols, catalog.mostSessionRows + 3 * symbols);
}

export function createDay(minutes: number, symbols: number, exceptions: number): SourceDay {
  const slots = minutes * symbols;
  const column = (): Float64Array => new Float64Array(slots);
  return {
    minutes,
    symbols,
    bars: { open: column(), high: column(), low: column(), close: column(), volume: column() },
    flags: new Uint8Array(slots),
    file: new Uint32Array(slots),
    row: new Uint32Array(slots),
    exceptions: new Uint32Array(exceptions * EXCEPTION_WORDS),
    classCount: new Uint32Array(symbols * ROW_CLASSES.length),
    causeCount: new Uint32Array(symbols * REJECT_CAUSES.length),
    flagCount: new Uint32Array(symbols * ROW_FLAGS.length),
    atClosePrice: new Float64Array(symbols),
    atCloseVolume: new Float64Array(symbols),
  };
}

/** Loads one session. */
export async function loadSession(open: OpenCatalog, session: number) {
  const day = createSourceDay(open.catalog, session);
  const load = await open.source.load(session, day);
  return { day, load };
}

/** Rows of a symbol by class, those that are not zero. */
export function classesOf(day: SourceDay, symbol: number): Partial<Record<RowClass, number>> {
  const counts: Partial<Record<RowClass, number>> = {};
  ROW_CLASSES.forEach((name, i) => {
    const count = day.classCount[symbol * ROW_CLASSES.length + i];
    if (count > 0) counts[name] = count;
  });
  return counts;
}

/** What the streamed bars of a symbol add up to. */
export function summaryOf(day: SourceDay, symbol: number) {
  const sum = { bars: 0, open: NaN, high: -Infinity, low: Infinity, last: NaN, volume: 0 };
  for (let slot = symbol; slot < day.minutes * day.symbols; slot += day.symbols) {
    if (day.flags[slot] === 0) continue;
    if (sum.bars++ === 0) sum.open = day.bars.open[slot];
    sum.high = Math.max(sum.high, day.bars.high[slot]);
    sum.low = Math.min(sum.low, day.bars.low[slot]);
    sum.last = day.bars.close[slot];
    sum.volume += day.bars.volume[slot];
  }
  return sum;
}

/** Rows of every file by class, over the scan and all sessions; for "the classes add up to the rows". */
export async function accountFor(open: OpenCatalog): Promise<Array<{ path: string; rows: number; classes: number[] }>> {
  const files = open.catalog.files.map((file) => ({ path: file.path, rows: file.rows, classes: [...file.scanned] }));
  for (let s = 0; s < open.catalog.sessions.length; s++) {
    const { load } = await loadSession(open, s);
    for (const { file, counts } of load.fileClasses) counts.forEach((count, c) => (files[file].classes[c] += count));
  }
  return files;
}
