/** When the screen is looked at and drawn: by a clock of the test's own. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Store } from "../../../src/repl/dashboard/store.js";
import type { Frame } from "../../../src/repl/dashboard/frame.js";
import { FakeSession } from "./fake-session.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A store whose frames cost so many milliseconds to draw. */
function start(costMs = 0) {
  const fake = new FakeSession();
  const frames: Frame[] = [];
  const looks = vi.spyOn(fake, "state");
  const store = new Store({
    session: fake.session,
    size: { columns: 80, rows: 24 },
    paint: { color: false, ascii: false },
    draw(frame) {
      frames.push(frame);
      vi.advanceTimersByTime(0);
      spent += costMs;
    },
    now: () => performance.now() + spent,
  });
  let spent = 0;
  store.drawNow();
  /** Lets time go by while the session moves on. */
  const run = (ms: number): void => {
    for (let t = 0; t < ms; t += 10) {
      if (fake.playing) fake.advance(1);
      vi.advanceTimersByTime(10);
    }
  };
  return { fake, store, frames, looks, run };
}

it("draws at most 15 frames a second while the session plays", () => {
  const { fake, frames, run } = start();
  void fake.play();
  const before = frames.length;
  run(1000);
  expect(frames.length - before).toBeGreaterThan(10);
  expect(frames.length - before).toBeLessThanOrEqual(16);
});

it("draws fewer when a frame costs much: the threads of the engine need the cores", () => {
  const { fake, frames, run } = start(20);
  void fake.play();
  const before = frames.length;
  run(2000);
  expect(frames.length - before).toBeGreaterThan(4);
  expect(frames.length - before).toBeLessThanOrEqual(10);
});

it("draws more of them while a clock drives: then the threads mostly wait", () => {
  const { fake, frames, run } = start(20);
  fake.setSpeed(60);
  void fake.play();
  const before = frames.length;
  run(2000);
  expect(frames.length - before).toBeGreaterThan(15);
});

it("polls a session that plays, draws only what has changed, and does neither when it stands", async () => {
  const { fake, frames, looks, run } = start();
  void fake.play();
  run(200);
  vi.advanceTimersByTime(100);
  const [drawn, looked] = [frames.length, looks.mock.calls.length];
  const reads = vi.spyOn(fake, "threads");
  vi.advanceTimersByTime(1000); // it plays on, and nothing comes: a clock that drives
  expect(looks.mock.calls.length).toBeGreaterThan(looked + 5);
  expect(reads).not.toHaveBeenCalled(); // one glance at the place was enough
  expect(frames).toHaveLength(drawn);
  await fake.pause();
  run(200);
  const [restDrawn, restLooked] = [frames.length, looks.mock.calls.length];
  run(5000);
  expect(frames).toHaveLength(restDrawn);
  expect(looks.mock.calls).toHaveLength(restLooked);
  expect(vi.getTimerCount()).toBe(0);
});

it("looks at once when a key has changed something, however slow frames are", () => {
  const { fake, store, frames, run } = start(50);
  void fake.play();
  run(500);
  const before = frames.length;
  store.update((ui) => ({ ...ui, zoom: true }));
  run(70);
  expect(frames.length).toBeGreaterThan(before);
});
