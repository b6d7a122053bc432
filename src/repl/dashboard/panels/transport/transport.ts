/** The two lines at the top: where the session stands and why, and the session as a line with the places to stop at. */
import type { Session, SessionState } from "../../../../engine/index.js";
import type { ExchangeClock } from "../../../output/format.js";
import type { Row } from "../../parts/row.js";
import type { Ui } from "../../ui.js";
import { stateRow } from "./state-row.js";
import { timelineRow } from "./timeline-row.js";

export interface TransportRoom {
  readonly width: number;
  readonly moves: Ui["moves"];
  readonly clock: ExchangeClock;
}

export function transport(session: Session, state: SessionState, room: TransportRoom): readonly Row[] {
  return [stateRow(state, room), timelineRow(state, session.breakpoints(), session.marks(), room)];
}
