/**
 * The journal: data events and bars of the days in memory, and the control events of this run, in one list. Data comes in
 * the order of its places, control events in the order of the clock; a control event stands before what happened after it.
 */
import { symbolIndex } from "../catalog/symbol-index.js";
import { UsageError } from "../errors.js";
import { exchangeDateTime } from "../market/time-zones.js";
import type { Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { STEP } from "../protocol/phases.js";
import { comparePlaces, slotCount, type Place } from "../protocol/places.js";
import { shapeOf } from "../plan.js";
import type { JournalEntry, JournalFilter } from "../session/views.js";
import { EVENT_KINDS } from "../work/day-events.js";
import { CONTROL_KINDS, type ControlEvent } from "./control-log.js";
import { dataEntries, type DataFilter, type JournalDay, type PlacedEntry } from "./data-entries.js";

/** A place of a session, and the days behind it that can still be read. */
export interface JournalOf {
  readonly plan: SessionPlan;
  readonly files: readonly { readonly path: string }[];
  readonly epoch: number;
  /** Holds session `epoch`; undefined: the day has not begun. */
  readonly segment: Segment | undefined;
  readonly position: number;
  readonly completedSteps: number;
  findSegment(epoch: number): Segment | undefined;
}

/** What an entry can be of. */
export const JOURNAL_KINDS: readonly string[] = [...new Set([...EVENT_KINDS, "row", "bar", ...CONTROL_KINDS])];

const LAST = 100;

/**
 * The newest entries, oldest first.
 *
 * @throws UsageError for a symbol or a kind that does not exist
 * @example
 * readJournal(place, log.events(), { symbol: "SPY", kind: "gap", last: 20 });
 */
export function readJournal(
  of: JournalOf,
  control: readonly ControlEvent[],
  filter: JournalFilter = {},
): JournalEntry[] {
  const { symbol, kind, last = LAST, bars = true } = filter;
  if (!(Number.isInteger(last) && last >= 0))
    throw new UsageError(`last ${last} is no number of entries`, "give a whole number from 0");
  if (kind !== undefined && !JOURNAL_KINDS.includes(kind))
    throw new UsageError(`the journal has no entries of kind ${kind}`, `its kinds are ${JOURNAL_KINDS.join(", ")}`);
  const index = symbol === undefined ? undefined : symbolIndex(of.plan.symbols, symbol);
  const data = newestData(of, { symbol: index, kind, bars, last });
  // No symbol is the subject of a control event.
  const wantsControl = filter.control !== false && index === undefined;
  const events = wantsControl ? control.filter((event) => kind === undefined || event.kind === kind) : [];
  const entries = merge(of.plan, data, events.slice(Math.max(0, events.length - last)));
  return entries.slice(Math.max(0, entries.length - last));
}

/** Back from the present place, day by day, until there is enough. */
function newestData(of: JournalOf, filter: DataFilter): PlacedEntry[] {
  let found: PlacedEntry[] = [];
  for (const day of journalDays(of)) {
    const last = filter.last - found.length;
    if (last <= 0) break;
    const entries = dataEntries(day, { ...filter, last });
    // A thread that goes on may have been given the segment of a closed day while it was read.
    if (day.epoch !== of.epoch && of.findSegment(day.epoch) !== day.segment) break;
    found = [...entries, ...found];
  }
  return found;
}

/** The days that can be read, the newest first: the present one, and those before it that are kept. */
export function* journalDays(of: JournalOf): Generator<JournalDay> {
  const { plan, files, epoch, segment, position, completedSteps } = of;
  if (segment) yield { plan, files, epoch, segment, position, completedSteps };
  for (let before = epoch - 1; before >= 0; before--) {
    const kept = of.findSegment(before);
    if (!kept) return;
    const slots = slotCount(shapeOf(plan), before);
    yield { plan, files, epoch: before, segment: kept, position: slots, completedSteps: STEP.roll };
  }
}

/** Both lists keep their order. */
function merge(plan: SessionPlan, data: readonly PlacedEntry[], control: readonly ControlEvent[]): JournalEntry[] {
  const places = placesOf(control);
  const entries: JournalEntry[] = [];
  let next = 0;
  const takeControl = (until: Place): void => {
    while (next < control.length && comparePlaces(places[next], until) <= 0)
      entries.push(controlEntry(plan, control[next++]));
  };
  for (const { place, entry } of data) {
    takeControl(place);
    entries.push(entry);
  }
  takeControl({ epoch: Infinity, ordinal: 0 });
  return entries;
}

/**
 * Where control events stand among the data, never decreasing. Main's are exact, but a step back takes those before it along: what is
 * shown of the data is what has happened since. Other threads' are a look in passing, so main's keep them in bounds.
 */
function placesOf(control: readonly ControlEvent[]): Place[] {
  const places: Place[] = control.map(({ epoch, ordinal }) => ({ epoch, ordinal }));
  let bound: Place | undefined;
  for (let i = places.length - 1; i >= 0; i--) {
    if (bound && comparePlaces(places[i], bound) > 0) places[i] = bound;
    if (control[i].thread === "main") bound = places[i];
  }
  for (let i = 1; i < places.length; i++) if (comparePlaces(places[i], places[i - 1]) < 0) places[i] = places[i - 1];
  return places;
}

/** A control event as a line of the journal. */
export function controlEntry(plan: SessionPlan, event: ControlEvent): JournalEntry {
  const { thread, kind, text, epoch, timeUs, wallUs, facts } = event;
  const date = plan.sessions.at(epoch)?.date ?? exchangeDateTime(timeUs, plan.exchangeZone).slice(0, 10);
  return { id: null, control: true, thread, date, timeUs, kind, symbol: null, text, facts: { wallUs, ...facts } };
}
