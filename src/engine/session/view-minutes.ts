/** The minutes of a day one by one: what each came to, and the rows of files that led there. Copies; pure. */
import { EXCEPTION_WORDS, ORIGIN, ROW_CLASS, ROW_CLASSES, type RowClass } from "../market/bars.js";
import type { DayGrid } from "../market/day.js";
import { MINUTE_US } from "../market/time.js";
import { isLeftOut, segmentGrid, type Segment } from "../memory/segment.js";
import { dueSlots } from "../quality/gaps.js";
import { exceptionsPassed } from "../work/digest.js";
import { dueOf, type DaySoFar } from "./view-quality.js";
import { MINUTE_STATE, MINUTE_STATES, type MinuteRow, type MinuteSlot } from "./views.js";

/** State of a slot that has been passed, by its origin. */
const STATE_OF_ORIGIN = [MINUTE_STATE.missing, MINUTE_STATE.streamed, MINUTE_STATE.filled, MINUTE_STATE.filled];

export function minuteStatesOf({ segment, position }: DaySoFar, symbol: number): Uint8Array {
  const grid = segmentGrid(segment);
  const states = new Uint8Array(grid.minutes); // not due
  const due = dueOf(segment, symbol, position);
  for (let minute = 0; minute < due; minute++)
    states[minute] = STATE_OF_ORIGIN[grid.origin[minute * grid.symbols + symbol]];
  return states;
}

/** The last rows of which a slot has passed, of all symbols or of one. */
export function minuteRowsOf(
  day: DaySoFar,
  files: readonly { readonly path: string }[],
  last: number,
  symbol?: number,
): MinuteRow[] {
  const { segment, position, openUs } = day;
  const grid = segmentGrid(segment);
  const due = symbol === undefined ? Math.ceil(position / grid.symbols) : dueSlots(grid, symbol, position);
  const shown = symbol === undefined ? [...day.symbols.keys()] : [symbol];
  const rows: MinuteRow[] = [];
  for (let minute = Math.max(0, due - last); minute < due; minute++)
    rows.push({
      startUs: openUs + minute * MINUTE_US,
      slots: shown.map((s) => {
        const slot = minute * grid.symbols + s;
        return slot < position && !isLeftOut(segment, s) ? slotOf(day, grid, files, slot, s) : notDue(day.symbols[s]);
      }),
    });
  return rows;
}

function notDue(symbol: string): MinuteSlot {
  return { symbol, state: "not due", close: null, volume: null, classes: {}, file: null, row: null };
}

function slotOf(
  day: DaySoFar,
  grid: DayGrid,
  files: readonly { readonly path: string }[],
  slot: number,
  symbol: number,
): MinuteSlot {
  const { source } = day.segment;
  const origin = grid.origin[slot];
  const isStreamed = origin === ORIGIN.streamed;
  const others = exceptionsAt(day.segment, slot);
  const classes: Partial<Record<RowClass, number>> = isStreamed ? { streamed: 1 } : {};
  for (const { name, count } of others) classes[name] = (classes[name] ?? 0) + count;
  const from = isStreamed ? { file: source.file[slot], row: source.row[slot] } : others.find((e) => e.file >= 0);
  return {
    symbol: day.symbols[symbol],
    state: MINUTE_STATES[STATE_OF_ORIGIN[origin]],
    close: origin === ORIGIN.empty ? null : grid.bars.close[slot],
    volume: origin === ORIGIN.empty ? null : grid.bars.volume[slot],
    classes,
    file: from ? (files[from.file]?.path ?? null) : null,
    row: from ? from.row : null,
  };
}

/** An entry of the exceptions list; one of a filtered class stands for `count` rows and names none (file −1). */
interface Listed {
  readonly name: RowClass;
  readonly count: number;
  readonly file: number;
  readonly row: number;
}

/** The rows counted at a slot that did not become its bar. */
function exceptionsAt(segment: Segment, slot: number): Listed[] {
  const { exceptions } = segment.source;
  const listed: Listed[] = [];
  const end = exceptionsPassed(segment, slot + 1);
  for (let i = exceptionsPassed(segment, slot); i < end; i++) {
    const at = i * EXCEPTION_WORDS;
    const rowClass = exceptions[at + 1] & 0xff;
    const [third, row] = [exceptions[at + 2], exceptions[at + 3]];
    const isFiltered = FILTERED.includes(rowClass);
    listed.push({
      name: ROW_CLASSES[rowClass],
      count: isFiltered ? third : 1,
      file: isFiltered ? -1 : third,
      row,
    });
  }
  return listed;
}

const FILTERED: readonly number[] = [ROW_CLASS.preMarket, ROW_CLASS.afterHours, ROW_CLASS.atClose];
