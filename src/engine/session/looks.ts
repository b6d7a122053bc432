/** What is shown of a session that is not a function of the position: its state, threads, words, streams, end of day and journal. */
import { ControlLog, type ControlKind } from "../journal/control-log.js";
import { exportJournal } from "../journal/export-journal.js";
import { exportTrace } from "../journal/export-trace.js";
import { readJournal, type JournalOf } from "../journal/journal.js";
import { attachTrace } from "../memory/trace.js";
import type { SessionPlan } from "../plan.js";
import { PHASE, PHASE_NAMES } from "../protocol/phases.js";
import { W } from "../protocol/words.js";
import { sharedClock, TraceReader } from "../sync/trace-ring.js";
import type { MainSide } from "./main-side.js";
import type { Mover } from "./mover.js";
import type { Present } from "./present.js";
import type { Standing } from "./standing.js";
import type { SessionInfo, SteppedThread, Stop } from "./types.js";
import { eodView } from "./view-eod.js";
import { streamViews, threadViews, whyLines, type ThreadsOf } from "./view-threads.js";
import { wordViews } from "./view-words.js";
import type { EodView, JournalEntry, JournalFilter, SessionState, StreamView, ThreadView, WordView } from "./views.js";

/** What of a session is looked at. */
interface Looked {
  readonly info: SessionInfo;
  readonly plan: SessionPlan;
  readonly side: MainSide;
  readonly mover: Mover;
  readonly present: Present;
  readonly speed: number;
  readonly clockSpeed: number;
  readonly lastStop: Stop;
  standing(): Standing;
}

export class Looks {
  private readonly log: ControlLog;

  constructor(private readonly engine: Looked) {
    const { coordinator, upkeep, prefetch } = engine.side.traces;
    const reader = (buffer: SharedArrayBuffer): TraceReader => new TraceReader(attachTrace(buffer));
    const sources = { coordinator: reader(coordinator), upkeep: reader(upkeep), prefetch: reader(prefetch) };
    this.log = new ControlLog(engine.plan, sources, sharedClock());
  }

  state(): SessionState {
    const { engine } = this;
    const { words, ended } = engine.side;
    const standing = engine.standing();
    const view = engine.present.view();
    const quality = view.quality();
    const { position } = standing;
    const isMoving = engine.mover.isMoving;
    return {
      state: ended ? ended.reason : isMoving ? "playing" : this.stillState(),
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
      why: isMoving ? "" : engine.lastStop.why,
    };
  }

  private stillState(): SessionState["state"] {
    const { side } = this.engine;
    if (side.words.load(W.phase) === PHASE.finished) return "finished";
    return side.isCaughtUp ? "paused" : "held";
  }

  threads(): ThreadView[] {
    return threadViews(this.threadsOf);
  }

  words(): WordView[] {
    return wordViews(this.engine.plan, this.engine.side.words);
  }

  streams(): StreamView[] {
    const { plan, side } = this.engine;
    const { segment, epoch, words } = side;
    return segment ? streamViews(plan, epoch, segment, words.load(W.processed)) : [];
  }

  eod(): EodView {
    const { plan, side } = this.engine;
    return eodView({
      plan,
      words: side.words,
      trace: (thread) => this.log.trace(thread),
      findSegment: (epoch) => this.engine.present.segmentOf(epoch),
    });
  }

  journal(filter: JournalFilter): JournalEntry[] {
    return readJournal(this.journalOf, this.log.events(), filter);
  }

  exportJournal(file: string): Promise<number> {
    return exportJournal(this.journalOf, this.log.events(), file);
  }

  exportTrace(file: string): Promise<number> {
    return exportTrace(
      { plan: this.engine.plan, trace: (thread) => this.log.trace(thread), events: () => this.log.events() },
      file,
    );
  }

  /** Why the session stands, then what each thread would do or waits for. */
  why(): string[] {
    const { lastStop, mover } = this.engine;
    const stands = mover.isMoving ? "playing" : `stopped: ${lastStop.why}`;
    return [stands, ...whyLines(this.threads())];
  }

  /** Why a thread that was released has not moved. */
  waitsFor(thread: SteppedThread): string {
    const view = this.threads().find(({ name }) => name === thread)!;
    return `${thread} waits: ${view.waitsFor ?? "a command"}`;
  }

  /** Something that happened to this run, for the journal. */
  note(kind: ControlKind, text: string, facts: Readonly<Record<string, unknown>> = {}): void {
    const { epoch, ordinal } = this.engine.side.presentPlace();
    this.log.note({ kind, text, epoch, ordinal, timeUs: this.engine.present.timeUs(), facts });
  }

  private get threadsOf(): ThreadsOf {
    const { plan, side } = this.engine;
    return {
      plan,
      config: side.control.config,
      words: side.words,
      segment: side.segment,
      lastEvent: (thread) => this.log.lastEvent(thread),
    };
  }

  private get journalOf(): JournalOf {
    const { engine } = this;
    const { side, plan, info } = engine;
    return {
      plan,
      files: info.catalog.files,
      epoch: side.epoch,
      segment: side.segment,
      position: engine.present.position().processed,
      completedSteps: engine.present.completedSteps(),
      findSegment: (epoch) => engine.present.segmentOf(epoch),
    };
  }
}
