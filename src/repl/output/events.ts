/** The data events of a day as NDJSON lines, for `--events`. */
import type { ClosedDay } from "../../engine/index.js";

/** A closed day may bring its data events; the engine does not give them yet. */
type WithEvents = ClosedDay & { readonly events?: readonly object[] };

export function eventLines(day: WithEvents): object[] {
  return (day.events ?? []).map((event) => ({ type: "event", ...event }));
}
