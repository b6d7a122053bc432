/** Data events as lines of NDJSON: one form for `run --json`, saved runs and exported journals. */
import { isoUtc } from "../market/time.js";
import type { DataEvent, EventKind } from "../work/day-events.js";

/** A data event with its times as ISO text; what else it tells depends on its kind. */
export interface RunEvent {
  readonly type: "event";
  /** `epoch.position.kind.counter`: the same in every run. */
  readonly id: string;
  readonly kind: EventKind;
  readonly epoch: number;
  readonly position: number;
  /** Session time from which on it is known, ISO 8601 UTC. */
  readonly time: string;
  readonly [fact: string]: unknown;
}

/** Every time as ISO text under a name without its unit. */
export function eventLine(event: DataEvent): RunEvent {
  const { timeUs, id, kind, epoch, position, ...facts } = event;
  const told: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (name.endsWith("Us")) told[name.slice(0, -2)] = typeof value === "number" ? isoUtc(value) : null;
    else told[name] = value;
  }
  return { type: "event", id, kind, epoch, position, time: isoUtc(timeUs), ...told };
}
