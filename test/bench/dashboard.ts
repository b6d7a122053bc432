/** What the dashboard costs: the speed of the engine under it, and what it sends to a terminal. */
import { endPlace, positionPlace } from "../../dist/engine/protocol/places.js";
import { shapeOf } from "../../dist/engine/plan.js";
import type { LiveSession } from "../../dist/engine/session/live-session.js";
import type { Dashboard } from "../../dist/repl/dashboard/run-dashboard.js";
import type { TerminalDevice } from "../../dist/repl/dashboard/terminal/device.js";
import { Terminal } from "../../dist/repl/dashboard/terminal/terminal.js";
import { alternate, figure, median, type Bench, type Size } from "./kit.js";
import { barsOf, openSynthetic, syntheticDays, syntheticPlan } from "./synthetic.js";

/** Each run replays the sessions several times, so that it lasts for many frames. */
const CASES: Record<Size, { symbols: number; sessions: number; minutes: number; replays: number; rounds: number }> = {
  full: { symbols: 64, sessions: 200, minutes: 390, replays: 2, rounds: 5 },
  tiny: { symbols: 3, sessions: 3, minutes: 17, replays: 1, rounds: 1 },
};
const SIZE = { columns: 120, rows: 40 };

export const dashboardBench: Bench = async (size) => {
  const { symbols, sessions, minutes, replays, rounds } = CASES[size];
  const options = syntheticDays(symbols, sessions, minutes);
  const plan = syntheticPlan(options, { keepDays: sessions });
  const [bare, watched] = [await openSynthetic(plan, options), await openSynthetic(plan, options)];
  const shown = await showOn(watched);
  const replay = async (session: LiveSession): Promise<void> => {
    for (let i = 0; i < replays; i++) {
      await session.seekToPlace(positionPlace(0, 0), "bench");
      await session.runToPlace(endPlace(shapeOf(plan)), "bench");
    }
  };
  try {
    await shown.dashboard.store.idle(); // Ink is loaded, the first frame is drawn
    const before = { ...shown.terminal.screen.counts };
    const times = await alternate(
      rounds,
      1,
      { run: () => replay(bare) },
      { run: () => replay(watched), prepare: () => Object.assign(before, shown.terminal.screen.counts) },
    );
    const { bytes, sent } = shown.terminal.screen.counts;
    const seconds = times.b.at(-1)! / 1000;
    const { digest } = watched.summary();
    if (digest !== bare.summary().digest) throw new Error("the replay under the dashboard came to another digest");
    const millionBars = (barsOf(plan) * replays) / 1e6;
    const [bareRate, rate] = [millionBars / (median(times.a) / 1000), millionBars / (median(times.b) / 1000)];
    return [
      figure("under the dashboard", symbols, [rate, "M bars/s"], [bareRate, "without it"], digest, "ratio ≥ 0.9"),
      figure(
        "frames of it",
        symbols,
        [(sent - before.sent) / seconds, "a second"],
        [15, "the most there may be"],
        digest,
      ),
      figure("sent for them", symbols, [(bytes - before.bytes) / seconds / 1000, "kB/s"], [40, "a slow link"], digest),
    ];
  } finally {
    await shown.terminal.close();
    shown.dashboard.dispose();
    await Promise.all([bare.dispose(), watched.dispose()]);
  }
};

/** The dashboard of a session on a terminal that takes everything at once. */
async function showOn(session: LiveSession): Promise<{ terminal: Terminal; dashboard: Dashboard }> {
  process.env.NODE_ENV = "production";
  const { Dashboard: Class } = await import("../../dist/repl/dashboard/run-dashboard.js");
  const forget = () => () => {};
  const device: TerminalDevice = {
    size: () => SIZE,
    onResize: forget,
    refreshSize() {},
    setRaw() {},
    readKeys: forget,
    send: (_, done) => void setImmediate(done),
    sendNow() {},
    onSignal: forget,
    onLastMoment: forget,
    stop() {},
    leaveAlone() {},
  };
  const terminal = new Terminal(device);
  const dashboard = new Class({
    session,
    terminal,
    paint: { color: true, ascii: false },
    paths: { config: "", cache: "", state: "", log: "" },
    signal: new AbortController().signal,
  });
  dashboard.ended.catch(() => {});
  terminal.open(dashboard);
  dashboard.start();
  return { terminal, dashboard };
}
