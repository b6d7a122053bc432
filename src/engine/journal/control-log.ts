/**
 * What belongs to this run alone: commands and their answers, pauses, speeds, breakpoints, as main notes them, and what
 * the threads' traces tell. Bounded (I16). Never part of a digest or a comparison.
 */
import { TRACE_KINDS, TRACED_THREADS, type TracedEntry, type TracedThread, type TraceEntry } from "../memory/trace.js";
import { shapeOf, type SessionPlan } from "../plan.js";
import type { ThreadName } from "../protocol/phases.js";
import { presentPlace } from "../protocol/places.js";
import { timeOfEntry, traceText } from "./trace-text.js";

/** Of main: what it was asked and what it answered. Of the others: what their traces tell. */
export const CONTROL_KINDS = [
  "command",
  "answer",
  "pause",
  "seek",
  "speed",
  "mode",
  "breakpoint",
  "hit",
  "mark",
  "failure",
  "acknowledge",
  "request",
  "load",
  "load-failed",
  "wait",
] as const;
export type ControlKind = (typeof CONTROL_KINDS)[number];

export interface ControlEvent {
  readonly thread: ThreadName;
  readonly kind: ControlKind;
  readonly text: string;
  /** Where the session was: a place (protocol/places.ts) and its time. */
  readonly epoch: number;
  readonly ordinal: number;
  readonly timeUs: number;
  /** Microseconds of the monotonic source the threads share. */
  readonly wallUs: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A trace as main reads it (sync/trace-ring.ts). */
export interface TraceSource {
  readonly lost: number;
  drain(): TraceEntry[];
}

const MOST_NOTES = 2000;
const MOST_ENTRIES = 8192;
/** Waits shorter than this are in the trace, not in the journal. */
const SHORTEST_WAIT_US = 1000;

/**
 * Main's log. `note` as things happen; `drain` whenever main wakes, so that little is lost of a trace.
 *
 * @example
 * log.note({ kind: "command", text: "until 15:58", epoch, ordinal, timeUs, facts: { client: "dashboard", command: 7 } });
 */
export class ControlLog {
  private readonly notes = new Newest<ControlEvent>(MOST_NOTES);
  private readonly told = new Newest<ControlEvent>(MOST_NOTES);
  private readonly entries: Readonly<Record<TracedThread, Newest<TracedEntry>>> = {
    coordinator: new Newest(MOST_ENTRIES),
    upkeep: new Newest(MOST_ENTRIES),
    prefetch: new Newest(MOST_ENTRIES),
  };

  /** @param nowUs the shared monotonic source */
  constructor(
    private readonly plan: SessionPlan,
    private readonly sources: Readonly<Record<TracedThread, TraceSource>>,
    private readonly nowUs: () => number,
  ) {}

  /** Something main did or was told. */
  note(event: Omit<ControlEvent, "thread" | "wallUs" | "facts"> & Partial<Pick<ControlEvent, "facts">>): void {
    this.notes.add({ thread: "main", facts: {}, ...event, wallUs: this.nowUs() });
  }

  /** Takes in what the threads have written since. */
  drain(): void {
    for (const thread of TRACED_THREADS) {
      for (const entry of this.sources[thread].drain()) {
        const traced = { thread, ...entry };
        this.entries[thread].add(traced);
        const event = eventOf(this.plan, traced);
        if (event) this.told.add(event);
      }
    }
  }

  /** All control events that are kept, in the order of the clock. */
  events(): ControlEvent[] {
    this.drain();
    return [...this.notes.items, ...this.told.items].sort((a, b) => a.wallUs - b.wallUs);
  }

  /** What a thread's turns did, in order, as far as it is kept. */
  trace(thread: TracedThread): readonly TracedEntry[] {
    this.drain();
    return this.entries[thread].items;
  }

  /** What a thread did last, in words; empty before anything. */
  lastEvent(thread: TracedThread): string {
    const entry = this.trace(thread).findLast(({ kind }) => !SILENT.includes(TRACE_KINDS[thread][kind]));
    return entry ? traceText(this.plan, entry) : "";
  }

  /** Entries that were written over before main came to read them. */
  get lost(): number {
    return TRACED_THREADS.reduce((sum, thread) => sum + this.sources[thread].lost, 0);
  }
}

/** What says nothing of the session: waiting, and telling others that something is done. */
const SILENT: readonly string[] = ["wait", "answer", "commit"];

/** What the journal shows of each trace: what threads wait for, and what takes time; not each turn. */
const TOLD: Readonly<Record<TracedThread, readonly ControlKind[]>> = {
  coordinator: ["acknowledge", "wait"],
  upkeep: ["acknowledge", "request", "wait"],
  prefetch: ["load", "load-failed"],
};

function eventOf(plan: SessionPlan, entry: TracedEntry): ControlEvent | undefined {
  const kind = TOLD[entry.thread].find((name) => name === TRACE_KINDS[entry.thread][entry.kind]);
  const durationUs = entry.endUs - entry.startUs;
  // Waits for a command, the end of a pause or the clock are no news.
  if (kind === undefined || (kind === "wait" && (entry.value !== 0 || durationUs < SHORTEST_WAIT_US))) return undefined;
  const { epoch, ordinal } = presentPlace(shapeOf(plan), entry.phase, entry.epoch, entry.position, entry.step);
  return {
    thread: entry.thread,
    kind,
    text: traceText(plan, entry),
    epoch,
    ordinal,
    timeUs: timeOfEntry(plan, entry),
    // A wait is told where it began, since that is where the thread was.
    wallUs: kind === "wait" ? entry.startUs : entry.endUs,
    facts: { durationUs },
  };
}

/** A list that forgets its oldest. */
class Newest<Item> {
  private kept: Item[] = [];

  constructor(private readonly most: number) {}

  add(item: Item): void {
    this.kept.push(item);
    if (this.kept.length >= this.most * 2) this.kept = this.kept.slice(-this.most);
  }

  get items(): readonly Item[] {
    return this.kept.length > this.most ? this.kept.slice(-this.most) : this.kept;
  }
}
