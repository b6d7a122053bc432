/** The answer to a command, as people read it. */
import type {
  EodStep,
  PhaseName,
  Position,
  Stop as EngineStop,
  StopReason,
  View as EngineView,
  WatchValue,
} from "../../engine/index.js";
import { formatDay, plural } from "../output/format.js";
import { escapeHtml, Shown } from "./display.js";
import { Time } from "./time.js";

/**
 * Where and why a command came to its end, and what would happen on a further step.
 *
 * @example
 * const stop = await s.until("TSLA.quality<95");
 * stop.why; // "TSLA quality 94.87 < 95 at 11:42 (gap 11:38–11:42)"
 */
export class Stop extends Shown {
  readonly reason: StopReason;
  /** The cause in words. */
  readonly why: string;
  readonly time: Time;
  /** Bars streamed so far on this day. */
  readonly bars: number;
  readonly phase: PhaseName;
  /** The end-of-day step that comes next; undefined while the day streams. */
  readonly step: EodStep | undefined;
  /** What a further step would do, and in which thread. */
  readonly next: string;
  readonly position: Position;
  /** Ids of the breakpoints that were hit here. */
  readonly breakpoints: readonly number[];
  readonly watches: readonly WatchValue[];

  constructor(stop: EngineStop, view: EngineView, zone: string) {
    super();
    this.reason = stop.reason;
    this.why = stop.why;
    this.time = new Time(stop.timeUs, zone);
    this.bars = view.barCount;
    this.phase = stop.phase;
    this.step = stop.step;
    this.next = stop.next;
    this.position = stop.position;
    this.breakpoints = stop.breakpoints;
    this.watches = stop.watches;
  }

  override toString(): string {
    const [head, ...rest] = this.#lines();
    return [`Stop · ${head}`, ...rest.map(([name, text]) => `  ${name.padEnd(5)} ${text}`)].join("\n");
  }

  override toHtml(): string {
    const [head, ...rest] = this.#lines();
    const rows = rest.map(
      ([name, text]) => `<div><span style="opacity: 0.65">${name}</span> ${escapeHtml(text)}</div>`,
    );
    return `<div><b>${escapeHtml(head)}</b></div>${rows.join("")}`;
  }

  #lines(): [string, ...[string, string][]] {
    const { time, position, bars } = this;
    const head = `${this.reason} · ${formatDay(position.date)} ${time.clock} ${time.zoneName} · ${plural(bars, "bar")}`;
    const lines: [string, string][] = [];
    if (this.why !== "" && this.why !== this.reason) lines.push(["why", this.why]);
    if (this.next !== "") lines.push(["next", this.next]);
    for (const { text, value } of this.watches) lines.push(["watch", `${text} ${value ?? "–"}`]);
    return [head, ...lines];
  }
}
