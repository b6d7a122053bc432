/**
 * Whole screens, kept as text in golden/: a change of a screen is a change of its file. `vitest -u` writes them anew; look at
 * them before they are committed.
 */
import { afterEach, expect, it } from "vitest";
import { FakeSession } from "./fake-session.js";
import { show, type DrawOptions, type Shown } from "./draw.js";

const shown: Shown[] = [];
afterEach(async () => {
  for (const one of shown.splice(0)) await one.close();
});
function start(options: DrawOptions): Shown {
  const one = show(options);
  shown.push(one);
  return one;
}

/** A session in which there is something to see on every panel. */
function prepared(): FakeSession {
  const fake = new FakeSession();
  fake.break("gap>=3");
  fake.break("15:00");
  fake.watch("SPY.last");
  fake.place = { day: 0, slots: 600, step: null };
  fake.mark("bug");
  return fake;
}

const SCREENS: readonly (readonly [name: string, ...keys: string[]])[] = [
  ["opened"],
  ["noon", ":until 12:00\r"],
  ["end-of-day", "E", "4n"],
  ["next-day", "E", "9n", "30\x1b[C"],
  ["words", ":until 12:00\r", "v"],
  ["streams", ":until 12:00\r", "vv"],
  ["breakpoints", ":until 12:00\r", "vvv"],
  ["minutes", ":until 12:00\r", "vvvv"],
  ["minutes-of-one", ":until 12:00\r", "g", "\r"],
  ["help", "?"],
  ["prompt", ":break TSLA.qual\t"],
];

for (const [columns, rows] of [
  [120, 40],
  [80, 24],
] as const) {
  it.each(SCREENS)(`shows %s at ${columns}×${rows}`, async (name, ...keys) => {
    const { press } = start({ columns, rows, fake: prepared() });
    let lines = await press();
    for (const key of keys) lines = await press(key);
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`golden/${columns}x${rows}-${name}.txt`);
  });
}

it("shows the chart of derived bars over the whole screen", async () => {
  const { press } = start({ fake: prepared() });
  await press(":until 15:30\r");
  const lines = await press("g", "i", "\t\tz");
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("golden/120x40-zoomed-chart.txt");
});

it("shows one panel and tabs at 70×18", async () => {
  const { press } = start({ columns: 70, rows: 18, fake: prepared() });
  const lines = [...(await press(":until 12:00\r")), ...(await press("\t\t"))];
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("golden/70x18.txt");
});

it("is nothing but ASCII with --ascii", async () => {
  const { press } = start({ fake: prepared(), ascii: true });
  const lines = await press(":until 12:00\r");
  expect(lines.join("")).toMatch(/^[ -~]*$/);
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("golden/120x40-ascii.txt");
});

it("has colours of the terminal's own sixteen, and only when they are wanted", async () => {
  const { press, device } = start({ fake: prepared(), color: true });
  await press(":until 12:00\r");
  // What has been sent is one whole frame and what changed after it: the frame as a terminal gets it.
  const frame = device.written.replaceAll("\x1b", "␛").replaceAll(/(?=␛\[\d+;1H)/g, "\n");
  await expect(`${frame}\n`).toMatchFileSnapshot("golden/120x40-colour.txt");
  const styles = new Set([...device.written.matchAll(/\x1b\[([\d;]*)m/g)].flatMap((match) => match[1].split(";")));
  expect([...styles].filter((style) => !/^(|0|1|2|7|22|27|3[1-6]|39)$/.test(style))).toEqual([]);
  const bare = start({ fake: prepared() });
  await bare.press(":until 12:00\r");
  expect(bare.device.written).not.toMatch(/\x1b\[[\d;]+m/);
  const trimmed = (lines: string[]): string[] => lines.map((line) => line.trimEnd());
  expect(trimmed(await bare.screen())).toEqual(trimmed(await press()));
});
