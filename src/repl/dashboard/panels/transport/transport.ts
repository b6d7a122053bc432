/** The two lines at the top: where the session stands and why, and the session as a line with the places to stop at. */
import type { Session } from "../../../../engine/index.js";
import type { ExchangeClock } from "../../../output/format.js";
import type { Row } from "../../parts/row.js";
import type { Ui } from "../../ui.js";
import { stateRow } from "./state-row.js";
import { timelineRow } from "./timeline-row.js";

export function transport(session: Session, width: number, moves: Ui["moves"], clock: ExchangeClock): readonly Row[] {
  const state = session.state();
  return [
    stateRow(state, { width, moves, clock }),
    timelineRow(state, session.breakpoints(), session.marks(), { width, clock }),
  ];
}
