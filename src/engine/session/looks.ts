/** What is shown of a session that is not a function of the position: its state, threads, words, streams, end of day and journal. */
import { PHASE, PHASE_NAMES } from "../protocol/phases.js";
import { W } from "../protocol/words.js";
import type { Engine } from "./engine.js";
import type { LogEntry, SteppedThread } from "./types.js";
import type { EodView, JournalEntry, JournalFilter, SessionState, StreamView, ThreadView, WordView } from "./views.js";

export class Looks {
  constructor(private readonly engine: Engine) {}

  state(): SessionState {
    const { engine } = this;
    const { words, ended } = engine.side;
    const standing = engine.standing();
    const view = engine.view();
    const quality = view.quality();
    const { position } = standing;
    const moving = engine.mover.isMoving;
    return {
      state: ended ? ended.reason : moving ? "playing" : this.stillState(),
      mode: engine.speed === 0 ? "data" : "clock",
      clockSpeed: engine.clockSpeed,
      phase: PHASE_NAMES[words.load(W.phase)],
      step: standing.step ?? null,
      date: view.date,
      timeUs: standing.timeUs,
      opensAtUs: view.opensAtUs,
      closesAtUs: view.closesAtUs,
      day: Math.min(position.epoch + 1, engine.plan.sessions.length),
      days: engine.plan.sessions.length,
      minute: view.minute,
      minutes: view.minutes,
      symbols: engine.plan.symbols.length,
      published: position.slots,
      processed: position.processed,
      slots: position.slotsDue,
      run: position.run,
      qualityMean: quality.mean,
      qualityWorst: quality.worst,
      next: standing.next,
      why: moving ? "" : engine.lastStop.why,
    };
  }

  private stillState(): SessionState["state"] {
    const { side } = this.engine;
    if (side.words.load(W.phase) === PHASE.finished) return "finished";
    return side.isCaughtUp ? "paused" : "held";
  }

  threads(): ThreadView[] {
    return [];
  }
  words(): WordView[] {
    return [];
  }
  streams(): StreamView[] {
    return [];
  }
  eod(): EodView {
    return { date: "", steps: [], before: [] };
  }
  journal(_filter: JournalFilter): JournalEntry[] {
    return [];
  }
  why(): string[] {
    return [];
  }
  waitsFor(thread: SteppedThread): string {
    return `${thread} waits`;
  }
  logged(_entry: LogEntry): void {}
  async exportJournal(_file: string): Promise<number> {
    return 0;
  }
  async exportTrace(_file: string): Promise<number> {
    return 0;
  }
}
