/** Main's side alone, its threads played by hand: as long as an answer is owed the process stays alive, and no longer. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { syntheticData, threadsPlan } from "../threads/sessions.js";
import { positionPlace } from "../../src/engine/protocol/places.js";
import { W } from "../../src/engine/protocol/words.js";
import { MainSide, type MainListeners } from "../../src/engine/session/main-side.js";
import type { Crew } from "../../src/engine/threads/crew.js";

const living = new Set<unknown>();

beforeEach(() => {
  const { setInterval: start, clearInterval: stop } = globalThis;
  vi.spyOn(globalThis, "setInterval").mockImplementation(((...args: Parameters<typeof start>) => {
    const timer = start(...args);
    living.add(timer);
    return timer;
  }) as typeof start);
  vi.spyOn(globalThis, "clearInterval").mockImplementation((timer) => {
    living.delete(timer);
    stop(timer);
  });
});
afterEach(() => vi.restoreAllMocks());

const NO_THREADS = { attach() {}, arm() {}, async end() {} } as unknown as Crew;
const LISTENERS: MainListeners = {
  onRecorded() {},
  onLoaded() {},
  onHits() {},
  afterRecords: (run) => run(),
  onEnded() {},
};

/** A session at its open, as upkeep has answered it. */
async function opened(): Promise<MainSide> {
  const side = new MainSide(NO_THREADS, threadsPlan(syntheticData()), {}, LISTENERS);
  const begun = side.begin();
  answer(side);
  await begun;
  return side;
}

function answer({ words }: MainSide): void {
  words.store(W.answered, words.load(W.goalId));
  words.ring(W.bellMain);
}

async function acknowledge({ words }: MainSide): Promise<void> {
  await vi.waitUntil(() => words.load(W.control) % 2 === 1);
  for (const word of [W.ackCoordinator, W.ackUpkeep]) words.store(word, words.load(W.control));
  words.ring(W.bellMain);
}

it("a session that stands keeps no process alive", async () => {
  const side = await opened();
  expect(living.size).toBe(0);
  const posted = await side.post({ place: positionPlace(0, 3) });
  expect(living.size).toBe(1);
  answer(side);
  expect(await posted!.end).toEqual({ kind: "reached" });
  expect(living.size).toBe(0);
});

it("a pause is owed its answer though the goal under it has had its own", async () => {
  const side = await opened();
  const posted = await side.post({ place: positionPlace(0, 3) });
  const paused = side.pause();
  await vi.waitUntil(() => side.words.load(W.control) % 2 === 1);
  answer(side);
  await posted!.end;
  expect(living.size).toBe(1);
  await acknowledge(side);
  await paused;
  expect(living.size).toBe(0);
});

it("a goal that is refused leaves nothing behind", async () => {
  const side = await opened();
  side.words.store(W.epoch, 1);
  expect(await side.post({ place: positionPlace(0, 3) })).toBeUndefined();
  expect(living.size).toBe(0);
});

it("an end settles what is owed", async () => {
  const side = await opened();
  const posted = await side.post({ place: positionPlace(0, 3) });
  const paused = side.pause();
  const settled = Promise.allSettled([posted!.end, paused]);
  await side.end("stopped");
  for (const { status } of await settled) expect(status).toBe("rejected");
  expect(living.size).toBe(0);
});
