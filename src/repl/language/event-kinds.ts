/** The words a journal can be filtered by. */
import { EVENT_KINDS, type Session } from "../../engine/index.js";

/** Data events, bars, and whatever control events the journal holds now. */
export function eventKinds(session: Session): string[] {
  return [...new Set([...EVENT_KINDS, "bar", ...session.journal().map((entry) => entry.kind)])];
}
