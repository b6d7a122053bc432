/** Writes down what each turn of a thread did, how long it took, and how long the thread waited. No rules here. */
import { TRACE_KINDS, WAITED, attachTrace, type TracedThread } from "../memory/trace.js";
import { RELEASE, W, type Words } from "../protocol/words.js";
import { sharedClock, TraceWriter } from "../sync/trace-ring.js";

/** The fields of the actions of all three processes that are of interest. */
interface Decided {
  readonly kind: string;
  readonly from?: number;
  readonly to?: number;
  readonly value?: number;
  readonly epoch?: number;
  readonly atUs?: number;
}

export class TurnTrace {
  private readonly writer: TraceWriter;
  /** Value of the word `release` that holds this thread. */
  private readonly heldBy: number;
  private readonly now = sharedClock();
  private readonly kinds: ReadonlyMap<string, number>;
  private sinceUs = this.now();
  private run = 0;
  private epoch = 0;
  private phase = 0;
  private step = 0;
  private position = 0;
  private waitsFor = 0;

  constructor(
    buffer: SharedArrayBuffer,
    thread: TracedThread,
    private readonly words: Words,
  ) {
    this.heldBy = thread === "coordinator" ? RELEASE.upkeep : thread === "upkeep" ? RELEASE.coordinator : -1;
    this.writer = new TraceWriter(attachTrace(buffer));
    this.kinds = new Map(TRACE_KINDS[thread].map((kind, i) => [kind, i]));
  }

  /** Before a turn: where the thread is. */
  begin(): void {
    const { words } = this;
    this.run = words.load(W.run);
    this.epoch = words.load(W.epoch);
    this.phase = words.load(W.phase);
    this.step = words.load(W.step);
    this.position = words.load(W.position);
  }

  /** After a turn. One that only decided to wait is written when the wait is over: what for is known now. */
  end(action: Decided): void {
    if (action.kind === "wait") {
      const { words } = this;
      const paused = words.load(W.control) % 2 === 1 ? WAITED.pause : 0;
      const command = words.load(W.goalId) === words.load(W.answered) ? WAITED.command : 0;
      const held = words.load(W.release) === this.heldBy ? WAITED.release : 0;
      this.waitsFor = (action.atUs ? WAITED.clock : 0) | paused | command | held;
    } else {
      this.write(action.kind, action.from ?? 0, action.to ?? 0, action.value || action.epoch || 0);
    }
  }

  /** After a wait. */
  waited(): void {
    this.write("wait", 0, 0, this.waitsFor);
  }

  /** After a wait that is not worth an entry. */
  resume(): void {
    this.sinceUs = this.now();
  }

  /** A load that began at `startUs` of `nowUs()` is over. */
  loaded(startUs: number, epoch: number, ok: boolean): void {
    this.begin();
    this.sinceUs = startUs;
    this.write(ok ? "load" : "load-failed", 0, 0, epoch);
  }

  nowUs(): number {
    return this.now();
  }

  private write(kind: string, from: number, to: number, value: number): void {
    const endUs = this.now();
    const index = this.kinds.get(kind) ?? 0;
    const { writer, sinceUs, run, epoch, phase, step, position } = this;
    writer.write(sinceUs, endUs, index, run, epoch, phase, step, position, from, to, value);
    this.sinceUs = endUs;
  }
}
