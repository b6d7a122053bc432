/** The dashboard of a session of plain data in a headless terminal: keys go in, commands and screens come out. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeDay } from "./fake-market.js";
import { FakeSession } from "./fake-session.js";
import { show, type DrawOptions, type Shown } from "./draw.js";

const shown: Shown[] = [];
afterEach(async () => {
  for (const one of shown.splice(0)) await one.close();
});
function start(options?: DrawOptions): Shown {
  const one = show(options);
  shown.push(one);
  return one;
}

const ENTER = "\r";
const ESC = "\x1b";
const text = (lines: readonly string[]): string => lines.join("\n");

describe("keys that stand for commands", () => {
  it.each([
    [".", "step 1 bar"],
    [",", "back 1 bar"],
    ["\x1b[C", "step 1 minute"],
    ["\x1b[D", "back 1 minute"],
    ["n", "step 1 phase"],
    ["N", "back 1 phase"],
    ["s", "step 1 event"],
    ["S", "back 1 event"],
    ["d", "step 1 day"],
    ["D", "back 1 day"],
    ["C", "reverse-continue"],
    ["E", "until phase=hand-over"],
    ["10.", "step 10 bar"],
    ["250\x1b[C", "step 250 minute"],
  ])("%j asks the session for %s", async (keys, asked) => {
    const { press, fake } = start({ columns: 80, rows: 24 });
    await press(keys);
    expect(fake.asked).toEqual([asked]);
  });

  it("are obeyed all and in order when they arrive as one string", async () => {
    const { press, fake } = start({ columns: 80, rows: 24 });
    await press("..n3,\x1b[CE:step 2 minute\r.");
    expect(fake.asked).toEqual([
      "step 1 bar",
      "step 1 bar",
      "step 1 phase",
      "back 3 bar",
      "step 1 minute",
      "until phase=hand-over",
      "step 2 minute",
      "step 1 bar",
    ]);
  });

  it("wait for the step before them, and do not cut it short", async () => {
    const { device, fake, screen } = start({ columns: 80, rows: 24 });
    fake.hold = [];
    device.press("..");
    expect(fake.asked).toEqual(["step 1 bar"]);
    const first = fake.hold.shift()!;
    fake.hold = undefined;
    first();
    await screen();
    expect(fake.asked).toEqual(["step 1 bar", "step 1 bar"]);
    expect(fake.place.slots).toBe(2);
  });

  it("wait for a run to a place that was typed before them, too", async () => {
    const { device, fake, screen } = start({ columns: 80, rows: 24 });
    fake.hold = [];
    device.press("En:\r");
    expect(fake.asked).toEqual(["until phase=hand-over"]);
    const run = fake.hold.shift()!;
    fake.hold = undefined;
    run();
    await screen();
    expect(fake.asked).toEqual(["until phase=hand-over", "step 1 phase", "step 1 phase"]);
  });

  it("mean what they meant when they were typed", async () => {
    const { press, fake } = start({ columns: 80, rows: 24 });
    await press("..t2.tst.");
    expect(fake.asked).toEqual([
      "step 1 bar",
      "step 1 bar",
      "thread coordinator step 2",
      "thread upkeep step 1",
      "step 1 bar",
    ]);
  });

  it("change the speed at once, whatever waits", async () => {
    const { device, fake } = start({ columns: 80, rows: 24 });
    fake.hold = [];
    device.press("..m");
    expect(fake.asked).toEqual(["step 1 bar", "speed 60"]);
  });

  it("play and pause as often as they are pressed", async () => {
    const { device, fake } = start({ columns: 80, rows: 24 });
    device.press("   ");
    await expect.poll(() => fake.asked).toEqual(["play", "pause", "play"]);
    device.press("    ");
    await expect.poll(() => fake.asked.length).toBe(7);
    expect(fake.playing).toBe(true);
  });

  it("play and pause with the same key, by what the session does", async () => {
    const { press, device, fake } = start({ columns: 80, rows: 24 });
    device.press(" ");
    expect(fake.playing).toBe(true);
    await expect.poll(() => device.lines().then(text)).toContain("▶ PLAYING");
    expect(text(await press(" "))).toContain("PAUSED");
    expect(fake.asked).toEqual(["play", "pause"]);
    device.press(" . ");
    await expect.poll(() => fake.asked.slice(2)).toEqual(["play", "step 1 bar", "play"]);
  });

  it("are repeated by the number before them, of six digits at most", async () => {
    const { press, fake } = start({ columns: 80, rows: 24 });
    await press("12n");
    await press("12345678n");
    expect(fake.asked).toEqual(["step 12 phase", "step 123456 phase"]);
  });

  it("set breakpoints, speed and mode", async () => {
    const { press, fake } = start();
    const lines = await press("]", "]", "m", "b");
    expect(fake.asked.filter((one) => one.startsWith("speed"))).not.toEqual([]);
    expect(fake.breakpoints().map((point) => point.text)).toEqual(["2025-07-02 09:30"]);
    expect(lines.at(-1)).toContain("2025-07-02 09:30");
    expect(lines[1]).toContain("├"); // the breakpoint and the place are the same cell
  });

  it("move one thread only while it is chosen, loudly", async () => {
    const { press, fake } = start();
    let lines = await press("t", "s", "3.");
    expect(lines[0]).toContain("STEPS MOVE ONLY coordinator");
    expect(fake.asked).toEqual(["thread coordinator step 1", "thread coordinator step 3"]);
    expect(lines.at(-1)).toContain("coordinator waits: AAPL 09:30 is not published");
    lines = await press("t");
    expect(lines[0]).toContain("ONLY upkeep");
    lines = await press("t", "s");
    expect(lines[0]).not.toContain("ONLY");
    expect(fake.asked.at(-1)).toBe("step 1 event");
  });

  it("say so when they stand for nothing", async () => {
    const { press } = start({ columns: 80, rows: 24 });
    expect((await press("X")).at(-1)).toContain("X does nothing; ? lists the keys");
  });
});

describe("Ctrl-C", () => {
  it("pauses, and quits when it comes twice in a row", async () => {
    const { press, device, dashboard, fake } = start({ columns: 80, rows: 24 });
    device.press(" ");
    expect((await press("\x03")).at(-1)).toContain("Ctrl-C again quits");
    expect(fake.playing).toBe(false);
    await press("j", "\x03");
    let ended = false;
    void dashboard.ended.then(() => (ended = true));
    await press("j");
    expect(ended).toBe(false);
    await press("\x03\x03");
    expect(await dashboard.ended).toBe("interrupted");
  });

  it("does not wait for a step, and drops the keys behind it", async () => {
    const { device, fake, screen } = start({ columns: 80, rows: 24 });
    fake.hold = [];
    device.press("....\x03");
    expect(fake.asked).toEqual(["step 1 bar", "pause"]);
    for (const release of fake.hold) release();
    await screen();
    expect(fake.asked).toEqual(["step 1 bar", "pause"]);
  });
});

it("leaves with q in the middle of a step, and forgets the keys behind that", async () => {
  const { device, fake, dashboard, screen } = start({ columns: 80, rows: 24 });
  fake.hold = [];
  device.press("...q");
  expect(await dashboard.ended).toBe("quit");
  for (const release of fake.hold) release();
  await screen();
  expect(fake.asked).toEqual(["step 1 bar"]);
});

it.each(["q", ":quit\r", ":q\r"])("leaves with %j", async (keys) => {
  const { press, dashboard } = start({ columns: 80, rows: 24 });
  await press(keys);
  expect(await dashboard.ended).toBe("quit");
});

describe("the prompt", () => {
  it("carries out commands, and shows a long answer until it is closed", async () => {
    const { press, fake } = start();
    expect((await press(":unt")).at(-1)).toBe(":unt");
    expect(text(await press("il 10:15", ENTER))).toContain("10:15 EDT");
    expect(fake.asked).toEqual(["until 10:15"]);
    let lines = await press(":info eod", ENTER);
    expect(text(lines)).toMatch(/╔ info eod ═.*Esc closes/);
    expect(text(lines)).toContain("force-close  upkeep");
    lines = await press(ESC);
    await expect.poll(() => press().then(text)).not.toContain("info eod");
  });

  it.each([
    ["mark x", " mark x: 2025-07-02 "],
    ["watch SPY.last", " SPY.last = 100.25"],
    ["delete 1 2", " deleted 1: gap>=3 · deleted 2: fill"],
    ["digest", " d1:"],
    ["info marks", " no place is marked"],
  ])("says on the last line what %s answers, and obeys the next key", async (typed, answer) => {
    const { press, fake } = start();
    fake.break("gap>=3");
    fake.break("fill");
    expect((await press(`:${typed}`, ENTER)).at(-1)).toContain(answer);
    await press(".");
    expect(fake.asked).toEqual(["step 1 bar"]);
  });

  it("leaves the hint of an error out where it has no room, and takes no key away for it", async () => {
    const { press, fake } = start({ columns: 80, rows: 24 });
    expect((await press(":delete 7", ENTER)).at(-1)).toMatch(/there is no breakpoint 7; none is set$/);
    await press(".");
    expect(fake.asked).toEqual(["step 1 bar"]);
  });

  it("opens what has no room on the last line, with all its words", async () => {
    const { press } = start({ columns: 80, rows: 24 });
    const lines = await press(`:mark ${"a".repeat(60)}-${"b".repeat(8)}`, ENTER);
    expect(text(lines)).toMatch(/╔ mark a+/);
    expect(text(lines)).toMatch(/║ mark a{60}-b{8}: +║\n║ 2025-07-02/);
  });

  it("says what is wrong with a command, and how it is written", async () => {
    const { press } = start();
    expect((await press(":stepp", ENTER)).at(-1)).toContain("did you mean step?");
    expect((await press(":delete 7", ENTER)).at(-1)).toContain("there is no breakpoint 7");
    expect((await press("j")).at(-1)).toContain("space play"); // gone with the next key
  });

  it("completes words, and lists what they can be", async () => {
    const { press, fake } = start();
    expect((await press(":unw", "\t")).at(-1)).toBe(":unwatch");
    expect((await press("\x15info q", "\t")).at(-1)).toBe(":info quality");
    expect((await press("\x15info ", "\t")).at(-1)).toMatch(/^:info +threads words streams eod/);
    expect((await press("\x15break TSLA.gap", "\t")).at(-1)).toBe(":break TSLA.gap>=");
    await press("3", ENTER);
    expect(fake.breakpoints()[0].text).toBe("TSLA.gap>=3");
  });

  it("remembers what was typed", async () => {
    const { press, fake } = start();
    await press(":step 2 bar", ENTER, ":step 3 bar", ENTER);
    expect((await press(":", "\x1b[A")).at(-1)).toBe(":step 3 bar");
    expect((await press("\x1b[A")).at(-1)).toBe(":step 2 bar");
    expect((await press("\x1b[A", "\x1b[B", "\x1b[B")).at(-1)).toBe(":");
    await press("\x1b[A", "\x1b[A", ENTER);
    expect(fake.asked.at(-1)).toBe("step 2 bar");
  });

  it("repeats the last step for an empty line", async () => {
    const { press, fake } = start();
    await press("3.", ":", ENTER);
    expect(fake.asked).toEqual(["step 3 bar", "step 3 bar"]);
  });

  it("never takes pasted text for keys", async () => {
    const { press, fake, device } = start();
    await press("\x1b[200~q...\x1b[201~");
    expect(fake.asked).toEqual([]);
    expect(fake.disposed).toBe(false);
    expect((await press(":", "\x1b[200~step\n2\x1b[201~")).at(-1)).toBe(":step 2");
    expect(device.raw).toBe(true);
  });

  it("is left by Esc, Ctrl-C and by deleting its beginning", async () => {
    const { press, device } = start();
    for (const key of ["\x03", "\x7f"]) {
      await press(":");
      expect((await press(key)).at(-1)).toContain("space play");
    }
    await press(":step");
    device.press(ESC);
    await expect.poll(() => device.lines().then((lines) => lines.at(-1))).toContain("space play");
  });
});

describe("looking around", () => {
  it("moves the focus with Tab through the panels that are there", async () => {
    const { press } = start();
    const focused = (lines: string[]): string => /╔ (\w+)/.exec(text(lines))![1];
    const seen: string[] = [];
    for (let i = 0; i < 6; i++) seen.push(focused(await press("\t")));
    expect(seen).toEqual(["Threads", "Chart", "Journal", "EOD", "Quality", "Threads"]);
    expect(focused(await press("\x1b[Z"))).toBe("Quality");
  });

  it("chooses the symbol in the list and with < >, and shows its chart", async () => {
    const { press } = start();
    await press("60\x1b[C");
    let lines = await press("j");
    expect(text(lines)).toMatch(/MSFT ▸/);
    expect(text(lines)).toContain("Chart MSFT 1m");
    lines = await press("g");
    expect(text(lines)).toMatch(/THIN ▸/); // the worst one is the first
    lines = await press("<");
    expect(text(lines)).toContain("Chart TSLA 1m"); // and before the first comes the last
    lines = await press(">", "i");
    expect(text(lines)).toContain("Chart THIN 5m");
    lines = await press("i", "i");
    expect(text(lines)).toContain("Chart THIN 1m");
  });

  it("hatches incomplete bars of the chart", async () => {
    const { press } = start({ columns: 80, rows: 24 });
    await press("60\x1b[C");
    const lines = await press("g", "i", "\t\t\tz");
    expect(text(lines)).toContain("Chart THIN 5m");
    expect(text(lines)).toContain("▒");
  });

  it("filters a list as one types, and Esc brings all back", async () => {
    const { press } = start();
    let lines = await press("/", "s");
    expect(text(lines)).toContain("Quality /s");
    expect(text(lines)).toMatch(/║ (MSFT|SPY|TSLA) /);
    expect(text(lines)).not.toMatch(/║ NVDA/);
    lines = await press("py", ENTER);
    expect(text(lines)).not.toMatch(/║ MSFT/);
    expect(text(await press("j"))).toMatch(/SPY +▸/);
    await press(ESC);
    await expect.poll(() => press().then(text)).toMatch(/║ NVDA/);
  });

  it("goes back in the journal and follows again", async () => {
    const { press } = start();
    await press("60\x1b[C", "\t\t\t");
    let lines = await press("5k");
    expect(text(lines)).toContain("5 back");
    lines = await press("\x15", "\x15");
    expect(text(lines)).toMatch(/Journal ═.* \d+ back · \d{4}-\d\d-\d\d/);
    expect(text(lines)).toMatch(/▸10:/);
    lines = await press(ENTER);
    expect(lines.at(-1)).toMatch(/^:goto 2025-07-02 10:\d\d/);
    lines = await press("\x03", "G");
    expect(text(lines)).toMatch(/Journal ═.* follow/);
  });

  it.each([
    ["a few back", "5k"],
    ["pages back", "\x15\x15\x15"],
  ])("keeps the chosen entry of the journal where it is while others come: %s", async (_, keys) => {
    const { press, device, fake } = start();
    await press("60\x1b[C", "\t\t\t", "/bar", ENTER);
    const panel = (lines: string[]): string[] => lines.map((one) => one.slice(58)).filter((one) => /║[ ▸]\d/.test(one));
    const before = panel(await press(keys));
    expect(text(before)).toContain("▸");
    device.press(" ");
    fake.advance(60);
    await expect.poll(() => device.lines().then(text)).toContain("11:30 EDT");
    expect(panel(await device.lines())).toEqual(before);
    await press(" ", "k", "j");
    expect(panel(await press())).toEqual(before);
    expect(text(await press("G"))).toMatch(/Journal \/bar ═.* follow/);
  });

  it("keeps the minutes that are looked at while others come", async () => {
    const { press, device, fake } = start();
    const minutes = (lines: string[]): string[] =>
      lines.map((one) => /[║] (\d\d:\d\d) /.exec(one)?.[1] ?? "").filter(Boolean);
    await press("60\x1b[C", "vvvv");
    const before = minutes(await press("5k"));
    expect(before.at(-1)).toBe("10:24");
    device.press(" ");
    fake.advance(30);
    await expect.poll(() => device.lines().then(text)).toContain("11:00 EDT");
    expect(minutes(await device.lines())).toEqual(before);
    expect(minutes(await press(" ", "k")).at(-1)).toBe("10:23");
    expect(minutes(await press("G")).at(-1)).toBe("10:59");
  });

  it("filters the journal by symbol and by text", async () => {
    const { press } = start();
    await press("60\x1b[C", "\t\t\t");
    let lines = await press("/thin", ENTER);
    expect(text(lines)).toMatch(/║ 10:30 .*THIN bar/);
    expect(text(lines)).not.toMatch(/║ .*SPY bar/);
    lines = await press("/\x15gap", ENTER);
    expect(text(lines)).toMatch(/║ .*THIN gap/);
    expect(text(lines)).not.toMatch(/║ .*bar \d/);
  });

  it("zooms a panel to the whole screen and back", async () => {
    const { press } = start({ columns: 80, rows: 24 });
    let lines = await press("z");
    expect(text(lines)).toMatch(/╔ Quality ═+/);
    expect(text(lines)).not.toContain("Threads");
    lines = await press("\t");
    expect(text(lines)).toMatch(/╔ Threads ═+/);
    expect(text(await press("z"))).toContain("Quality");
  });

  it("calls the views in turn, and Enter on a symbol shows its minutes", async () => {
    const { press, fake } = start();
    fake.watch("SPY.last");
    fake.break("gap>=3");
    await press("40\x1b[C");
    const views: string[] = [];
    for (let i = 0; i < 5; i++) views.push(/╔ (\w+)/.exec(text(await press("v")))![1]);
    expect(views).toEqual(["Words", "Streams", "Breakpoints", "Minutes", "Journal"]);
    let lines = await press("v");
    expect(text(lines)).toMatch(/SPY\.last +100\.25 +watched/);
    expect(text(lines)).toContain("*240 was 0");
    lines = await press("v");
    expect(text(lines)).toContain("AAPL keeps the day");
    lines = await press("v", ENTER);
    expect(lines.at(-1)).toBe(":delete 1");
    lines = await press("\x03", "v");
    expect(text(lines)).toMatch(/10:09 █ \d+\.\d\d/);
    lines = await press("v", "\t\t", "g", ENTER);
    expect(text(lines)).toContain("Minutes /THIN");
    expect(text(lines)).toContain("09:30  █░██░██░");
    expect(text(lines)).toMatch(/10:07 ░ missing .*rejected/);
    expect(text(lines)).toMatch(/10:09 █ streamed .*THIN\.parquet ro/);
  });

  it("shows the help made from the key tables, scrolls and closes it", async () => {
    const { press } = start({ columns: 80, rows: 24 });
    let lines = await press("?");
    expect(text(lines)).toMatch(/╔ Help ═/);
    expect(text(lines)).toContain("step bar");
    lines = await press("G");
    expect(text(lines)).toContain("Strips: █ streamed");
    lines = await press("q");
    expect(text(lines)).toMatch(/╔ Quality/);
  });

  it("filters no panel that has no list, and says so", async () => {
    const { press, fake } = start();
    expect((await press("\t", "/")).at(-1)).toContain("Threads has no list to filter");
    await press(".");
    expect(fake.asked).toEqual(["step 1 bar"]);
  });

  it("marks the words that have changed since the last stop, also while the session plays", async () => {
    const { press, device, fake } = start();
    await press("v");
    expect(text(await press("."))).toContain("*1 was 0");
    device.press(" ");
    fake.advance(60);
    await expect.poll(() => device.lines().then(text)).toMatch(/\*\d{3} was 1 /);
  });

  it("keeps the order of the lists while the session plays, and sorts them when it stands", async () => {
    const days = [makeDay("2025-07-02", 390, 1)];
    const { press, device, fake } = start({ fake: new FakeSession(days) });
    const order = (lines: string[]): string[] =>
      lines
        .map((line) => /^[║│] ([A-Z]{3,4}) /.exec(line)?.[1])
        .filter((name) => name !== undefined && name !== "SYM") as string[];
    expect(order(await press())).toEqual(["AAPL", "MSFT", "NVDA", "SPY", "THIN", "TSLA"]);
    device.press(" ");
    fake.advance(60);
    await expect.poll(() => device.lines().then(text)).toContain("10:30 EDT");
    expect(order(await device.lines())).toEqual(["AAPL", "MSFT", "NVDA", "SPY", "THIN", "TSLA"]);
    expect(order(await press(" "))[0]).toBe("THIN");
  });
});

describe("sizes", () => {
  it("draws again for another size, and nothing of the old one is left", async () => {
    const { device, press, screen } = start();
    await press("60\x1b[C");
    for (const [columns, rows] of [
      [80, 24],
      [62, 16],
      [100, 30],
      [200, 60],
      [120, 40],
    ]) {
      device.resize(columns, rows);
      const lines = await screen();
      const fresh = start({ columns, rows });
      expect(lines).toEqual(await fresh.press("60\x1b[C"));
    }
  });

  it("answers in the width that the screen has now", async () => {
    const { device, press } = start({ columns: 70, rows: 18 });
    expect(text(await press(":info quality", ENTER))).toContain("not shown: VOLUME");
    await press("q");
    device.resize(120, 40);
    const wide = text(await press(":info quality", ENTER));
    expect(wide).toContain(" VOLUME ");
    expect(wide).not.toContain("not shown");
  });

  it("draws all again when the size has changed and changed back", async () => {
    const { device, press, screen } = start({ columns: 80, rows: 24 });
    const before = await press();
    device.xterm.write("\x1b[5;5Hwhat the terminal has made of the lines meanwhile");
    device.resize(80, 24);
    expect(await screen()).toEqual(before);
  });

  it.each([
    [120, 40],
    [80, 24],
    [70, 18],
    [20, 3],
  ])("draws its first frame at %i×%i, before Ink is there, as Ink does", async (columns, rows) => {
    const { device, screen } = start({ columns, rows });
    const first = await device.lines();
    expect(text(first)).not.toMatch(/^\s*$/);
    await screen(); // Ink is there
    device.xterm.write("\x1b[2J");
    device.resize(columns, rows);
    expect(await screen()).toEqual(first);
  });

  it("asks for room below 60×15, and goes on when it gets it", async () => {
    const { device, screen, press } = start();
    device.resize(59, 20);
    expect(text(await screen()).trim()).toBe("bardeck needs 60×15, here is 59×20. q quits");
    device.resize(20, 3);
    expect((await screen())[0]).toMatch(/^bardeck needs 60×15,?…$/);
    await press(".");
    device.resize(80, 24);
    expect(text(await screen())).toContain("Quality");
  });

  it("has tabs where only one panel has room", async () => {
    const { press } = start({ columns: 70, rows: 18 });
    expect(text(await press())).toContain("[quality] threads");
    expect(text(await press("\t"))).toContain("[threads]");
    expect(text(await press("v"))).toContain("[words]");
  });

  it("repaints with Ctrl-L what somebody else has written over", async () => {
    const { device, press } = start({ columns: 80, rows: 24 });
    const before = await press();
    device.xterm.write("\x1b[5;5HGARBAGE FROM ANOTHER PROGRAM");
    expect(text(await device.lines())).toContain("GARBAGE");
    expect(await press("\x0c")).toEqual(before);
  });
});

describe("how it stays fast", () => {
  let fake: FakeSession;
  beforeEach(() => {
    fake = new FakeSession();
  });

  it("draws nothing while the session stands and nobody touches a key", async () => {
    const { dashboard, terminal, screen, press } = start({ fake });
    await press(".");
    await screen();
    const { drawn } = dashboard.store.counts;
    const { sent } = terminal.screen.counts;
    fake.emit("change", undefined); // looked at, and found to be the same
    await screen();
    expect(dashboard.store.counts.drawn).toBe(drawn);
    expect(terminal.screen.counts.sent).toBe(sent);
    expect(dashboard.store.isAsleep).toBe(true);
  });

  it("draws at most one frame for everything that happens within a tick", async () => {
    const { dashboard, device, screen } = start({ fake });
    await screen();
    const { drawn } = dashboard.store.counts;
    device.press("jjjj\tjjkk");
    for (let i = 0; i < 50; i++) fake.emit("change", undefined);
    await screen();
    expect(dashboard.store.counts.drawn).toBe(drawn + 1);
  });

  it("sends the lines that have changed and no others", async () => {
    const { device, press } = start({ fake });
    await press("60\x1b[C");
    const from = device.written.length;
    await press("/x");
    const sent = device.written.slice(from);
    // Two keys are at most two frames; they touch the list of symbols and the last line.
    expect(sent).not.toContain("09:30 ├");
    expect(sent.length).toBeLessThan(4000);
  });

  it("drops frames while the terminal takes none and then shows the present", async () => {
    const { device, dashboard, terminal, screen } = start({ fake });
    await screen();
    device.stuck = [];
    for (let i = 0; i < 5; i++) {
      fake.place = { day: 0, slots: (i + 1) * 60, step: null };
      dashboard.store.drawNow();
    }
    expect(device.stuck).toHaveLength(1);
    const [take] = device.stuck;
    device.stuck = undefined;
    take();
    expect(text(await screen())).toContain("10:20 EDT");
    expect(terminal.screen.counts.dropped).toBe(3);
  });
});

it("says in full why a breakpoint has stopped the session, as long as it stands there", async () => {
  const { press, device, fake } = start({ columns: 80, rows: 24 });
  const why = "TSLA quality 94.87 < 95 at 11:42 (gap 11:38–11:42)";
  device.press("c");
  fake.finish("breakpoint", why);
  expect((await press()).at(-1)).toBe(` breakpoint 1: ${why}`);
  device.press("c");
  device.press("m"); // answered before the stop
  fake.finish("breakpoint", why);
  expect((await press()).at(-1)).toContain("breakpoint 1");
  expect((await press(".")).at(-1)).toContain("space play");
});

it.each([
  [80, " until phase=hand-over"],
  [200, " space play"],
])("says at %i columns why a run has ended where the transport bar has no room for it", async (columns, last) => {
  const { press } = start({ columns, rows: 24 });
  const lines = await press("E");
  expect(lines[0].includes("until phase=hand-over")).toBe(columns === 200);
  expect(lines.at(-1)).toContain(last);
  expect((await press("n")).at(-1)).toContain("space play"); // whoever has asked for a step knows
});

it("says that a filter leaves nothing", async () => {
  const { press, fake } = start();
  fake.break("gap>=3");
  expect(text(await press("vvvv", "/", "xyz\r"))).toContain("no symbol has this in its name");
  expect(text(await press("v", "vvv", "/", "xyz\r"))).toContain("none has this in it");
});

it("has room at 120 columns for what keeps the day from draining", async () => {
  const { press } = start();
  expect(text(await press("vv"))).toMatch(/16:00 {2}keeps the day *║/);
});

it("has the words of a log point on its last line", async () => {
  const { fake, screen } = start();
  fake.emit("log", { breakpoint: 1, epoch: 0, date: "2025-07-02", timeUs: 0, text: "SPY last 168.02 > 168 at 10:14" });
  expect((await screen()).at(-1)).toContain("log: SPY last 168.02 > 168 at 10:14");
});

it("rejects with the cause, the phase and the time when the session fails, whoever moved it", async () => {
  const { fake, dashboard } = start();
  fake.place = { day: 0, slots: 2340, step: "finalize" };
  fake.fail(new Error("the upkeep thread has died: out of memory"));
  await expect(dashboard.ended).rejects.toThrow(
    "the upkeep thread has died: out of memory (before finalize, Wed 2025-07-02 16:00 EDT)",
  );
});

it("shows names that would break a terminal as what they are", async () => {
  const evil = ["A\x1b[2J", "B\u{1f680}", "日本"];
  const fake = new FakeSession([makeDay("2025-07-02", 390, 1, evil)], evil);
  const { press, device } = start({ fake });
  const lines = await press("60\x1b[C");
  expect(text(lines)).toContain("A\\u{1b}[2J");
  expect(device.written.slice(20)).not.toContain("A\x1b[2J");
  for (const line of lines.slice(2, 12)) expect(line.trimEnd()).toMatch(/[┐│┘]$/);
});

it("keeps its borders beside names of wide and of combined signs", async () => {
  const fake = new FakeSession(undefined, ["平安銀行", "トヨタ自動車株式会社", "Ze\u0301ro", "SPY", "THIN", "TSLA"]);
  const { press, device } = start({ fake });
  await press("60\x1b[C");
  const lines = await press("\x1b[C");
  expect(text(lines)).toContain("平安銀行");
  await device.lines();
  for (const line of lines.slice(2, -1)) expect(line).toMatch(/[│║┐┘╗╝]$/);
});
