/**
 * What the threads did, as a Chrome trace file (JSON object format), which Perfetto and chrome://tracing open: one track a
 * thread; turns, waits and loads as slices, with the names of the end-of-day steps; main's commands as instants.
 */
import { writeWholeFile } from "../partial-file.js";
import { isoUtc } from "../market/time.js";
import { TRACE_KINDS, TRACED_THREADS, type TracedEntry, type TracedThread } from "../memory/trace.js";
import type { SessionPlan } from "../plan.js";
import type { ControlEvent } from "./control-log.js";
import { timeOfEntry, traceText } from "./trace-text.js";

export interface TraceOf {
  readonly plan: SessionPlan;
  /** Entries of each thread, in order. */
  trace(thread: TracedThread): readonly TracedEntry[];
  /** Control events, in the order of the clock. */
  events(): readonly ControlEvent[];
}

const PROCESS = 1;
const TRACK = { main: 1, coordinator: 2, upkeep: 3, prefetch: 4 } as const;

/**
 * Writes the trace. Returns the events written, names of tracks not counted.
 *
 * @throws FileError when the file cannot be written; nothing is left of it then
 */
export async function exportTrace(of: TraceOf, file: string): Promise<number> {
  const events = traceEvents(of);
  await writeWholeFile(file, lines([...trackNames(), ...events]));
  return events.length;
}

/** One event of the file, as the format names its fields. */
type TraceEvent = Readonly<Record<string, unknown>>;

function trackNames(): TraceEvent[] {
  const meta = (name: string, tid: number, args: object): TraceEvent => ({ ph: "M", name, pid: PROCESS, tid, args });
  return [
    meta("process_name", 0, { name: "bardeck" }),
    ...Object.entries(TRACK).flatMap(([name, tid]) => [
      meta("thread_name", tid, { name }),
      meta("thread_sort_index", tid, { sort_index: tid }),
    ]),
  ];
}

/** Times count from the first entry: the shared source starts anywhere. */
function traceEvents(of: TraceOf): TraceEvent[] {
  const entries = TRACED_THREADS.flatMap((thread) => of.trace(thread)).filter(isShown);
  const commands = of.events().filter(({ thread }) => thread === "main");
  const beginUs = Math.min(...[entries, commands].flat().map((e) => ("startUs" in e ? e.startUs : e.wallUs)));
  return [
    ...entries.map((entry) => slice(of.plan, entry, beginUs)),
    ...commands.map(({ kind, text, wallUs, timeUs, epoch, facts }) => ({
      ph: "i",
      s: "p",
      cat: kind,
      name: text,
      ts: wallUs - beginUs,
      pid: PROCESS,
      tid: TRACK.main,
      args: { ...facts, ...where(of.plan, epoch, timeUs) },
    })),
  ];
}

/** Slices of a track must not cross: the turns of prefetch that begin and commit a load do, and say no more than the load. */
function isShown({ thread, kind }: TracedEntry): boolean {
  return thread !== "prefetch" || TRACE_KINDS.prefetch[kind].startsWith("load");
}

function slice(plan: SessionPlan, entry: TracedEntry, beginUs: number): TraceEvent {
  const { thread, startUs, endUs, epoch, run, position, from, to, value } = entry;
  const kind = TRACE_KINDS[thread][entry.kind];
  const text = traceText(plan, entry);
  return {
    ph: "X",
    cat: kind === "wait" ? "wait" : "turn",
    name: kind.startsWith("process") ? "take in" : kind,
    ts: startUs - beginUs,
    dur: endUs - startUs,
    pid: PROCESS,
    tid: TRACK[thread],
    args: { text, ...where(plan, epoch, timeOfEntry(plan, entry)), run, position, from, to, value },
  };
}

function where(plan: SessionPlan, epoch: number, timeUs: number): object {
  return { epoch, date: plan.sessions[epoch]?.date ?? null, time: isoUtc(timeUs) };
}

function* lines(events: readonly TraceEvent[]): Generator<string> {
  yield `{"displayTimeUnit":"ms","traceEvents":[\n`;
  for (const [i, event] of events.entries()) yield `${JSON.stringify(event)}${i + 1 < events.length ? "," : ""}\n`;
  yield "]}\n";
}
