/** What every panel is given and gives. A panel reads the session it is handed and decides nothing. */
import type { Session, SessionState } from "../../../engine/index.js";
import type { ExchangeClock } from "../../output/format.js";
import type { Anchor } from "../parts/growing-list.js";
import type { Row } from "../parts/row.js";

/** What a panel is drawn for. */
export interface Scene {
  /** Cells inside its border. */
  readonly width: number;
  readonly height: number;
  readonly focused: boolean;
  /** Of this look, read once for all. */
  readonly state: SessionState;
  readonly symbol: string;
  readonly interval: number;
  /** Text that entries must contain; empty for all. */
  readonly filter: string;
  /** Selected entry of its list. */
  readonly cursor: number;
  /** Of a list that grows: the selected entry as it was shown last. */
  readonly anchor: Anchor | undefined;
  /** All symbols, worst first; the order stands still while the session plays. */
  readonly order: readonly string[];
  /** Control words as they were before the last move, to show what has changed. */
  readonly wordsBefore: ReadonlyMap<string, number>;
  readonly clock: ExchangeClock;
}

/** What Enter on the selected entry does. */
export type Choice =
  | { readonly kind: "symbol"; readonly symbol: string }
  /** A command put into the prompt, to be looked at and sent. */
  | { readonly kind: "prompt"; readonly text: string };

export interface Drawn {
  readonly title: string;
  /** Said at the right of the title. */
  readonly note?: string;
  /** At most `height`, each at most `width` wide; more is cut. */
  readonly rows: readonly Row[];
  /** Entries of its list, when it has one a cursor can go through. */
  readonly length?: number;
  /** Of a list that grows at its end: where the selected entry stands now, counted back from the newest. */
  readonly grows?: { readonly back: number; readonly anchor: Anchor | undefined };
  readonly choice?: Choice;
}

export type Panel = (session: Session, scene: Scene) => Drawn;
