/**
 * What the explorer cannot see, because a look is one access to it: in which order the words of a look are read. Main writes
 * what belongs to a goal before the goal's id, so whoever reads must read the id first.
 */
import { expect, it } from "vitest";
import { decideControl, type ControlAction, type ControlView } from "../../src/engine/protocol/control.js";
import { Coordinator } from "../../src/engine/protocol/coordinator.js";
import { PHASE } from "../../src/engine/protocol/phases.js";
import type { ProtocolConfig } from "../../src/engine/protocol/process.js";
import { Upkeep } from "../../src/engine/protocol/upkeep.js";
import { W, WORD_COUNT, WORD_NAMES, type WordName, type Words } from "../../src/engine/protocol/words.js";

const CONFIG: ProtocolConfig = {
  shape: { sessionCount: 2, symbolCount: 2, minutes: () => 3, openUs: () => 0, closeUs: () => 180e6 },
  creditSlots: 4,
  batchSlots: 4,
  bugs: new Set(),
};

/** Words that write down what is read. */
class ReadWords implements Words {
  readonly read: WordName[] = [];
  private readonly values = new Int32Array(WORD_COUNT);
  load(word: number): number {
    this.read.push(WORD_NAMES[word]);
    return this.values[word];
  }
  store(word: number, value: number): void {
    this.values[word] = value;
  }
  swap(): boolean {
    throw new Error("nothing is swapped here");
  }
  ring(): void {}
  clear(): void {}
  loadTime = (): number => 0;
  storeTime(): void {}
}

const WORK = new Proxy({}, { get: () => () => 0 }) as never;

it.each([
  ["coordinator", (words: Words) => new Coordinator(words, CONFIG, WORK)],
  ["upkeep", (words: Words) => new Upkeep(words, CONFIG, WORK)],
] as const)(
  "the %s reads the pause before the goal, and the goal's id before all that belongs to it",
  (name, create) => {
    const words = new ReadWords();
    words.store(W.phase, PHASE.streaming);
    create(words).turn();
    const at = (word: WordName): number => words.read.indexOf(word);
    const belongs: WordName[] = [
      "goalEpoch",
      "goalOrdinal",
      "release",
      ...(name === "upkeep" ? (["watch"] as const) : []),
    ];
    expect(at("control")).toBeGreaterThanOrEqual(0);
    expect(at("goalId")).toBeGreaterThan(at("control"));
    for (const word of belongs) expect(at(word), word).toBeGreaterThan(at("goalId"));
  },
);

it("upkeep, between its two looks, may be resumed under a goal that holds it: what is published then is not the pause's", () => {
  class Resumed extends ReadWords {
    override load(word: number): number {
      if (word === W.goalId) this.store(W.position, 1); // published after the pause was looked at
      return super.load(word);
    }
  }
  const words = new Resumed();
  words.store(W.phase, PHASE.streaming);
  for (const word of [W.control, W.ackCoordinator, W.ackUpkeep]) words.store(word, 1);
  const upkeep = new Upkeep(words, CONFIG, WORK);
  expect(upkeep.turn()).toBe("waits");
  words.store(W.ackUpkeep, 0); // not acknowledged yet: then it is taken in first
  expect(upkeep.turn()).toBe("moved");
  expect(upkeep.decided).toMatchObject({ kind: "process", from: 0, to: 1 });
});

it("upkeep reads the coordinator's acknowledgement before the position", () => {
  const words = new ReadWords();
  new Upkeep(words, CONFIG, WORK).turn();
  expect(words.read.indexOf("position")).toBeGreaterThan(words.read.indexOf("ackCoordinator"));
});

const place = { epoch: 1, ordinal: 4 };

/** What main decides under an acknowledged pause with nothing owed, but for what `view` says. */
function decided(request: Parameters<typeof decideControl>[1], view: Partial<ControlView>): string {
  const standing: ControlView = {
    stop: 0,
    control: 3,
    ackCoordinator: 3,
    ackUpkeep: 3,
    goalId: 2,
    answered: 2,
    failure: 0,
    left: 0,
    phase: PHASE.arming,
    epoch: 1,
    position: 0,
    step: 0,
    seekEpoch: 0,
  };
  const action: ControlAction = { kind: "wait", epoch: 0, ordinal: 0, value: 0, generation: 0, release: 0, watch: 0 };
  decideControl({ ...standing, ...view }, request, CONFIG, action);
  return action.kind;
}

it("a day that could not be loaded wins over whatever main is asked, but for a stop", () => {
  const requests = [{ kind: "run", place }, { kind: "seek", place }, { kind: "pause" }, { kind: "resume" }] as const;
  const outcomes = (failure: number): string[] => requests.map((request) => decided(request, { failure }));
  expect(outcomes(0)).toEqual(["goal-and-resume", "seek", "paused", "resume"]);
  expect(outcomes(1)).toEqual(["failed", "failed", "failed", "failed"]);
  expect(decided({ kind: "stop" }, { failure: 1 })).toBe("stop");
});

it("a place is behind or ahead of the session a seek goes to, not of the one it leaves", () => {
  const leaving = { phase: PHASE.seeking, epoch: 1, position: 6, seekEpoch: 0 };
  const run = (epoch: number): string => decided({ kind: "run", place: { epoch, ordinal: 2 } }, leaving);
  expect([run(0), run(1)]).toEqual(["goal-and-resume", "goal-and-resume"]);
  const onward = { ...leaving, epoch: 0, seekEpoch: 1 };
  expect(decided({ kind: "run", place: { epoch: 0, ordinal: 2 } }, onward)).toBe("refuse");
});
