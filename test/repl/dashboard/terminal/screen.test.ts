/** What is sent to a terminal for a frame. */
import { expect, it } from "vitest";
import { Screen } from "../../../../src/repl/dashboard/terminal/screen.js";

/** A screen whose terminal takes updates only when it is told to. */
function screenOf({ columns = 10, rows = 3, takes = true } = {}) {
  const sent: string[] = [];
  const pending: (() => void)[] = [];
  const screen = new Screen({ columns, rows }, (text, done) => {
    sent.push(text);
    if (takes) done();
    else pending.push(() => done());
  });
  screen.show();
  return { screen, sent, take: () => pending.shift()!() };
}

const update = (text: string): string => `\x1b[?2026h\x1b[m${text}\x1b[?2026l`;

it("draws the whole first frame in one synchronized update", () => {
  const { screen, sent } = screenOf();
  screen.write("one\ntwo");
  expect(sent).toEqual([update("\x1b[2J\x1b[1;1Hone\x1b[K\x1b[2;1Htwo\x1b[K")]);
});

it("sends the lines that differ, each at its own place, and nothing for a frame that is the same", () => {
  const { screen, sent } = screenOf();
  screen.write("one\ntwo\nthree");
  screen.write("one\nTWO\nthree");
  screen.write("one\nTWO\nthree");
  expect(sent.slice(1)).toEqual([update("\x1b[2;1HTWO\x1b[K")]);
});

it("does not erase behind a line that fills the width: that would take its last sign away", () => {
  const { screen, sent } = screenOf({ columns: 5 });
  screen.write("\x1b[32mabcde\x1b[39m");
  expect(sent[0]).toContain("\x1b[1;1H\x1b[32mabcde\x1b[39m\x1b[?2026l");
});

it.each(["平安銀", "e\u0301\u0301\u0301\u0301abcde"])(
  "erases before, not behind, a line of signs that are not a cell each: %s",
  (name) => {
    const { screen, sent } = screenOf({ columns: 6 });
    screen.write(name);
    expect(sent[0]).toContain(`\x1b[1;1H\x1b[K${name}\x1b[?2026l`);
  },
);

it("clears lines that a shorter frame has no more", () => {
  const { screen, sent } = screenOf();
  screen.write("one\ntwo");
  screen.write("one");
  expect(sent[1]).toBe(update("\x1b[2;1H\x1b[K"));
});

it("drops the frames that come while the terminal is busy and then sends the newest", () => {
  const { screen, sent, take } = screenOf({ takes: false });
  for (const text of ["1", "2", "3", "4"]) screen.write(text);
  expect(sent).toHaveLength(1);
  take();
  expect(sent).toHaveLength(2);
  expect(sent[1]).toBe(update("\x1b[1;1H4\x1b[K"));
  expect(screen.counts.dropped).toBe(2);
});

it("says when everything has been taken", async () => {
  const { screen, take } = screenOf({ takes: false });
  screen.write("1");
  screen.write("2");
  let drained = false;
  const waiting = screen.drained().then(() => (drained = true));
  take();
  await Promise.resolve();
  expect(drained).toBe(false); // the second frame is on its way
  take();
  await waiting;
});

it("draws everything again after a repaint and after another size", () => {
  const { screen, sent } = screenOf();
  screen.write("one\ntwo");
  screen.repaint();
  expect(sent[1]).toBe(sent[0]);
  screen.resize({ columns: 10, rows: 1 });
  screen.write("one\ntwo");
  expect(sent[2]).toBe(update("\x1b[2J\x1b[1;1Hone\x1b[K"));
});

it("sends nothing while it is hidden", () => {
  const { screen, sent } = screenOf();
  screen.hide();
  screen.write("secret");
  screen.repaint();
  expect(sent).toEqual([]);
});

it("stops sending when the terminal has gone", () => {
  let sends = 0;
  const screen = new Screen({ columns: 10, rows: 2 }, (_, done) => {
    sends++;
    done(new Error("EIO"));
  });
  screen.show();
  screen.write("1");
  screen.write("2");
  expect(sends).toBe(1);
});
