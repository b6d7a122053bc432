/** The terminal is taken over, and given back on every way out. */
import { afterEach, describe, expect, it } from "vitest";
import { Terminal } from "../../../../src/repl/dashboard/terminal/terminal.js";
import type { Key } from "../../../../src/repl/dashboard/terminal/key-reader.js";
import { HeadlessDevice } from "../draw.js";

const open: Terminal[] = [];
afterEach(async () => {
  for (const terminal of open.splice(0)) await terminal.close();
});

function start() {
  const device = new HeadlessDevice(40, 10);
  const terminal = new Terminal(device);
  open.push(terminal);
  const keys: Key[] = [];
  const heard = { keys, resizes: 0 };
  terminal.open({ keys: (more) => keys.push(...more), resized: () => heard.resizes++ });
  return { device, terminal, heard };
}

async function expectRestored(device: HeadlessDevice): Promise<void> {
  await device.lines();
  expect(device.raw).toBe(false);
  expect(device.isAlternate).toBe(false);
  const left = device.written.slice(device.written.lastIndexOf("\x1b[?1049h"));
  for (const sequence of ["\x1b[?2026l", "\x1b[m", "\x1b[?2004l", "\x1b[?7h", "\x1b[?25h", "\x1b[?1049l"])
    expect(left).toContain(sequence);
}

it("takes the alternate screen, the cursor and raw keys", async () => {
  const { device, terminal } = start();
  terminal.screen.write("hello");
  expect(await device.lines()).toContain("hello");
  expect(device.isAlternate).toBe(true);
  expect(device.raw).toBe(true);
  expect(device.written).toContain("\x1b[?25l");
});

it("gives it back at the end, once", async () => {
  const { device, terminal } = start();
  await terminal.close();
  await terminal.close();
  await expectRestored(device);
  expect(device.written.split("\x1b[?1049l")).toHaveLength(2);
  expect(device.isLeftAlone).toBe(false);
});

describe("gives it back before anybody else is told of", () => {
  it.each(["exit", "uncaughtException", "unhandledRejection"] as const)("%s", async (moment) => {
    const { device, terminal } = start();
    device.signal(moment);
    await expectRestored(device);
    terminal.screen.write("too late");
    expect(device.written).not.toContain("too late");
  });
});

it("waits for a terminal that has not taken the last frame, but not for ever", async () => {
  const { device, terminal } = start();
  device.stuck = [];
  terminal.screen.write("slow");
  const closing = terminal.close(60_000);
  expect(device.raw).toBe(true);
  device.stuck[0]();
  await closing;
  expect(device.written.indexOf("slow")).toBeLessThan(device.written.indexOf("\x1b[?1049l"));

  const other = start();
  other.device.stuck = [];
  other.terminal.screen.write("never taken");
  await other.terminal.close(1);
  await expectRestored(other.device);
});

it("is restored while the job is stopped with Ctrl-Z, and taken and drawn again afterwards", async () => {
  const { device, terminal, heard } = start();
  terminal.screen.write("before");
  await terminal.screen.drained();
  terminal.suspend();
  expect(device.stops).toEqual([
    { who: "job", restored: true },
    { who: "process", restored: true }, // at this point the process stands
  ]);
  await expect.poll(() => device.raw).toBe(true);
  expect(heard.resizes).toBe(1); // whoever draws is asked for a frame of the present size
  await device.lines();
  expect(device.isAlternate).toBe(true);
  await terminal.screen.drained();
  terminal.suspend();
  expect(device.stops).toHaveLength(4);
});

describe("draws a frame that is under way on its own screen, not on that of the shell,", () => {
  it("when Ctrl-Z is pressed", async () => {
    const { device, terminal } = start();
    device.stuck = [];
    terminal.screen.write("under way");
    terminal.suspend();
    device.signal("SIGTSTP");
    expect(device.stops).toEqual([]);
    device.stuck[0]();
    await expect.poll(() => device.stops).toHaveLength(2);
    expect(device.stops.every(({ restored }) => restored)).toBe(true);
    expect(device.written.indexOf("under way")).toBeLessThan(device.written.indexOf("\x1b[?1049l"));
    expect(device.written.split("under way")).toHaveLength(2);
  });

  it("when the job is told twice that it goes on", async () => {
    const { device, terminal, heard } = start();
    device.stuck = [];
    terminal.screen.write("under way");
    device.signal("SIGCONT");
    device.signal("SIGCONT");
    await signalsHeard();
    expect(device.written).not.toContain("\x1b[?1049l");
    const [take] = device.stuck;
    device.stuck = undefined;
    take();
    await expect.poll(() => heard.resizes).toBe(2);
    expect(device.written.indexOf("under way")).toBeLessThan(device.written.indexOf("\x1b[?1049l"));
    expect(device.raw).toBe(true);
  });

  it("but does not wait for ever for a terminal that takes nothing", async () => {
    const { device, terminal } = start();
    device.stuck = [];
    terminal.screen.write("never taken");
    terminal.suspend();
    await expect.poll(() => device.stops).toHaveLength(2);
    await expectRestored(device);
  });
});

it("is restored by a request to stop from outside, too", () => {
  const { device } = start();
  device.signal("SIGTSTP");
  expect(device.stops).toEqual([{ who: "process", restored: true }]);
});

it("takes the terminal again after it was stopped without being asked", async () => {
  const { device, heard } = start();
  device.signal("SIGCONT");
  await expect.poll(() => heard.resizes).toBe(1);
  expect(device.raw).toBe(true);
  expect(device.written.split("\x1b[?1049h")).toHaveLength(3);
});

/** Everything that was to be done after signals has been done. */
const signalsHeard = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));

it("has the size of the terminal as it is after the stop, though nobody told of another", async () => {
  const { device, terminal } = start();
  device.resizeUntold(33, 11);
  device.signal("SIGCONT");
  await expect.poll(() => terminal.screen.columns).toBe(33);
  expect(terminal.screen.rows).toBe(11);
});

it("leaves the terminal alone when it goes on only to end", async () => {
  const { device, terminal } = start();
  device.stuck = [];
  terminal.screen.write("not taken yet");
  const closed = terminal.close(1);
  device.signal("SIGCONT");
  await closed;
  await signalsHeard();
  expect(device.written.split("\x1b[?1049h")).toHaveLength(2);
});

it("is not taken again by a job that was told to end while it was stopped", async () => {
  const { device, terminal } = start();
  terminal.suspend();
  await terminal.close();
  const before = device.written;
  await signalsHeard();
  expect(device.written).toBe(before);
  expect(device.raw).toBe(false);
  expect(device.isLeftAlone).toBe(true);
});

it("hears the keys in order, and takes a lone Esc for one after a moment", async () => {
  const { device, heard } = start();
  device.press("ab\x1b");
  await expect.poll(() => heard.keys).toEqual(["a", "b", "esc"]);
  device.press("\x1b");
  device.press("[A");
  expect(heard.keys.at(-1)).toBe("up");
});

it("hears nothing any more when it is closed", async () => {
  const { device, terminal, heard } = start();
  await terminal.close();
  device.press("a");
  device.signal("SIGCONT");
  device.resize(20, 5);
  expect(heard).toEqual({ keys: [], resizes: 0 });
  await expectRestored(device);
});
