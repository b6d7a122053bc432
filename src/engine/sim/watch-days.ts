/**
 * The days with everything done to them checked: who copies or fills which slots when (I2, I3), that content is
 * what was asked for last (I9), that every grid equals the reference at all times (I11, I12, I20), and that days
 * end, are recorded and are kept as they must (I4, I5, I13, I18).
 */
import { isDeepStrictEqual } from "node:util";
import { sourceEpoch, type Segment } from "../memory/segment.js";
import { PHASE } from "../protocol/phases.js";
import { LOAD, loadGeneration, loadState, W } from "../protocol/words.js";
import type { DayRecord } from "../work/day-record.js";
import { findDifference, findSourceDifference } from "./reference.js";
import type { Scene } from "./scene.js";
import type { LoadUnderWay, Stage, Works } from "./stage.js";
import { fail } from "./violation.js";

/** Loads that may be under way at once. */
const MOST_LOADS = 2;

interface SlotContent {
  epoch: number;
  generation: number;
  /** Run in which it was asked for. */
  run: number;
}

export class WatchedDays {
  segments: readonly Segment[] = [];
  reports: Stage["reports"] = [];
  loads: readonly LoadUnderWay[] = [];
  readonly counts = { days: 0, superseded: 0, keptLoads: 0, hits: 0 };
  /** Closed days that must still be in memory as they were: segment → session. */
  private readonly kept = new Map<number, number>();
  private readonly content: [SlotContent, SlotContent] = [emptyContent(), emptyContent()];
  private loading: { epoch: number; generation: number } | undefined;
  private ends = new Set<number>();
  private runStart = 0;
  private recorded = 0;

  constructor(private readonly scene: Scene) {}

  watch(works: Works): Works {
    const { coordinator, upkeep, prefetch } = works;
    return {
      coordinator: { ...coordinator, publish: (epoch, from, to) => this.publish(epoch, from, to, coordinator.publish) },
      upkeep: {
        ...upkeep,
        process: (epoch, from, to, watch) => this.takeIn(epoch, from, to, watch, upkeep.process, true),
        forceClose: (epoch, from, to, watch) => this.takeIn(epoch, from, to, watch, upkeep.forceClose, false),
        activate: (epoch, segment) => {
          upkeep.activate(epoch, segment);
          this.activated(epoch, segment);
        },
        record: (epoch) => {
          upkeep.record(epoch);
          this.dayRecorded(epoch);
        },
      },
      prefetch: {
        ...prefetch,
        beginLoad: (epoch, segment, slot, generation) => {
          this.loadBegins(epoch, segment, generation);
          prefetch.beginLoad(epoch, segment, slot, generation);
          if (this.loads.length > MOST_LOADS) fail("I16", `${this.loads.length} loads are under way`);
        },
        dropped: (epoch) => {
          this.counts.superseded++;
          prefetch.dropped(epoch);
        },
      },
    };
  }

  private mayChange(what: string): void {
    const { scene } = this;
    if (scene.word(W.active) !== 1) fail("I3", `${scene.writer} ${what} while the day is not active`);
    const { still } = scene;
    if (still !== undefined) fail("I7", `${scene.writer} ${what} although ${still}`);
  }

  private publish(
    epoch: number,
    from: number,
    to: number,
    perform: (epoch: number, from: number, to: number) => void,
  ): void {
    const { scene } = this;
    this.mayChange("publishes");
    const { day } = scene;
    if (scene.writer !== "coordinator" || scene.word(W.phase) !== PHASE.streaming)
      fail("I3", `${scene.writer} publishes outside STREAMING`);
    if (day?.epoch !== epoch || scene.word(W.epoch) !== epoch)
      fail("I9", `bars of session ${epoch} are published into another`);
    if (from !== day.copied) fail("I2", `slots from ${from} are published when ${day.copied} have been`);
    if (to > scene.subject.reference.slots(epoch)) fail("I2", `published beyond the grid, to ${to}`);
    perform(epoch, from, to);
    day.copied = to;
  }

  private takeIn(
    epoch: number,
    from: number,
    to: number,
    watch: number,
    perform: (epoch: number, from: number, to: number, watch: number) => number,
    stopsAtHits: boolean,
  ): number {
    const { scene } = this;
    this.mayChange("takes in slots");
    const { day } = scene;
    const phase = scene.word(W.phase);
    if (scene.writer !== "upkeep" || day?.epoch !== epoch)
      fail("I3", `${scene.writer} takes in slots of session ${epoch}`);
    if (from !== day.taken) fail("I3", `slots from ${from} are taken in when ${day.taken} have been`);
    if (phase === PHASE.streaming && to > scene.word(W.position))
      fail("I8", `slots to ${to} are taken in before they are published`);
    if (watch > 0 && scene.word(W.hit) === scene.word(W.goalId)) fail("goal", "conditions are armed beyond a hit");
    const hit = perform(epoch, from, to, watch);
    day.taken = hit > 0 && stopsAtHits ? hit : to;
    if (hit > 0) {
      this.counts.hits++;
      scene.hitGoal = scene.word(W.goalId);
    }
    return hit;
  }

  private loadBegins(epoch: number, segment: number, generation: number): void {
    const { scene } = this;
    this.loading = { epoch, generation };
    if (sourceEpoch(this.segments[segment]) === epoch) {
      this.counts.keptLoads++;
      return; // still there: nothing is read
    }
    if (scene.day?.segment.index === segment)
      fail("I3", `session ${epoch} is loaded over session ${scene.day.epoch}, which is in use`);
    this.kept.delete(segment);
  }

  loadSlotChanges(slot: number, state: number, generation: number): void {
    const content = this.content[slot];
    if (state === LOAD.requested) content.run = this.scene.word(W.run);
    if (state === LOAD.empty) Object.assign(content, emptyContent());
    if (state !== LOAD.ready) return;
    content.epoch = this.loading?.epoch ?? -1;
    content.generation = this.loading?.generation ?? -1;
    if (content.generation !== generation) fail("I9", "a load that was superseded is committed");
  }

  private activated(epoch: number, index: number): void {
    if (this.scene.word(W.active) !== 0) fail("I3", "a day begins while another is active");
    this.kept.delete(index);
    this.scene.day = { epoch, segment: this.segments[index], copied: 0, taken: 0 };
  }

  /** ARMING → STREAMING. */
  dayBegins(): void {
    const { scene } = this;
    const epoch = scene.word(W.epoch);
    const slot = epoch % 2;
    const word = scene.word(W.load0 + slot);
    const { epoch: held, generation, run } = this.content[slot];
    if (loadState(word) !== LOAD.ready) fail("I9", `session ${epoch} begins before it is loaded`);
    if (scene.word(W.loadEpoch0 + slot) !== epoch || held !== epoch)
      fail("I9", `session ${epoch} begins with the data of ${held}`);
    if (generation !== loadGeneration(word)) fail("I9", "the content is not what was asked for last");
    if (run !== scene.word(W.run)) fail("I9", `a day loaded for run ${run} begins`);
    if (scene.word(W.position) !== 0 || scene.word(W.processed) !== 0) fail("I8", "a day begins in the middle");
  }

  /** STREAMING → DRAINED: every stream is at its end and nothing is in hand. */
  streamsEnd(): void {
    const { scene } = this;
    const epoch = scene.word(W.epoch);
    const end = scene.subject.reference.endOfStreams(epoch);
    const position = scene.word(W.position);
    if (scene.writer !== "coordinator") fail("I5", `${scene.writer} ends the streams`);
    if (position !== end) fail("I5", `session ${epoch} is handed over at ${position}, its streams end at ${end}`);
    if (!scene.mayHandOver) fail("goal", "the day is handed over beyond the limit");
  }

  /** DRAINED → CLOSED. */
  dayEnds(): void {
    const { scene } = this;
    const epoch = scene.word(W.epoch);
    const slots = scene.subject.reference.slots(epoch);
    if (scene.word(W.position) !== slots || scene.word(W.processed) !== slots)
      fail("I8", "a day closes with work left");
    if (scene.day?.taken !== slots) fail("I8", "a day closes before upkeep has seen every slot");
    if (scene.day.copied !== scene.subject.reference.endOfStreams(epoch))
      fail("I2", "a day closes without all its bars");
    if (scene.word(W.active) !== 0) fail("I3", "a day closes while it is active");
    if (this.ends.has(epoch)) fail("I5", `session ${epoch} ends twice`);
    this.ends.add(epoch);
    if (this.recorded <= epoch) fail("I18", `session ${epoch} closes without a record`);
  }

  /** CLOSED → FINISHED. */
  rangeEnds(): void {
    const sessions = this.scene.plan.sessions.length;
    if (this.ends.size !== sessions - this.runStart)
      fail("I5", `${this.ends.size} ends of day in ${sessions - this.runStart} sessions`);
  }

  runBegins(): void {
    this.runStart = this.scene.word(W.seekEpoch);
    this.ends.clear();
  }

  /** The session changes: a day that closed must be kept, one that did not is given up. */
  dayGoes(closed: boolean): void {
    const { day } = this.scene;
    if (day && closed) this.kept.set(day.segment.index, day.epoch);
    this.scene.day = undefined;
  }

  private dayRecorded(epoch: number): void {
    const { scene } = this;
    const report = this.reports.at(-1);
    const { reference } = scene.subject;
    if (report?.epoch !== epoch || report.run !== scene.word(W.run)) fail("I18", `session ${epoch} is not recorded`);
    if (epoch > this.recorded) fail("I18", `session ${epoch} is recorded before session ${this.recorded}`);
    this.recorded = Math.max(this.recorded, epoch + 1);
    this.counts.days++;
    this.rowsAddUp(epoch, report.record);
    const [is, should] = [reference.comparable(report.record), reference.record(epoch)];
    if (is.digest !== should.digest) fail("I13", `the digest of session ${epoch} is another`);
    if (!isDeepStrictEqual(is, should))
      fail("I20", `the record of session ${epoch} is ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`);
  }

  /** I4: every row of the plan is in exactly one class of the record. */
  private rowsAddUp(epoch: number, { symbols }: DayRecord): void {
    symbols.forEach((record, i) => {
      const { streamed, filtered, rejected, duplicates, conflicts, unread } = record;
      const { preMarket, afterHours, atClose } = filtered;
      const rows = streamed + preMarket + afterHours + atClose + rejected + duplicates + conflicts + unread;
      const due = this.scene.plan.sessions[epoch].rows[i];
      if (rows !== due || unread !== this.scene.subject.reference.unread(epoch, i))
        fail("I4", `${rows} of ${due} rows of ${record.symbol} are accounted for, ${unread} unread`);
    });
  }

  /** The grids of the day in hand equal the reference. */
  checkDay(): void {
    const { day, subject } = this.scene;
    if (!day) return;
    const difference = findDifference(day.segment, subject.reference.expect(day.epoch, day.copied, day.taken));
    if (difference)
      fail(
        difference.invariant,
        `session ${day.epoch}, ${day.copied} copied, ${day.taken} taken in: ${difference.what}`,
      );
  }

  /** At a stop: the day in hand and its source, and every day that must still be in memory. */
  checkAll(): void {
    const { scene } = this;
    const { day, subject } = scene;
    this.checkDay();
    if (day) {
      const rogue = findSourceDifference(day.segment, subject.reference.expect(day.epoch, day.copied, day.taken));
      if (rogue !== undefined) fail("I3", `session ${day.epoch}: ${rogue}`);
    }
    for (const [index, epoch] of this.kept) this.checkKept(this.segments[index], epoch);
    const present = scene.word(W.epoch);
    for (let epoch = Math.max(this.runStart, present - scene.plan.keepDays); epoch < present; epoch++)
      if (scene.word(W.phase) !== PHASE.seeking && ![...this.kept.values()].includes(epoch))
        fail("I16", `session ${epoch} is not kept in memory`);
  }

  private checkKept(segment: Segment, epoch: number): void {
    const { reference } = this.scene.subject;
    const slots = reference.slots(epoch);
    const expected = reference.expect(epoch, reference.endOfStreams(epoch), slots);
    const difference = findDifference(segment, expected);
    if (difference) fail("I7", `the kept session ${epoch} has changed: ${difference.what}`);
    const rogue = findSourceDifference(segment, expected);
    if (rogue !== undefined) fail("I7", `the kept session ${epoch} has changed: ${rogue}`);
  }
}

function emptyContent(): SlotContent {
  return { epoch: -1, generation: -1, run: -1 };
}
