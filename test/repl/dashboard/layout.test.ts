/** Where panels go. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut, TRANSPORT_ROWS, type Layout } from "../../../src/repl/dashboard/layout.js";
import { CALLED_PANELS, STANDING_PANELS, type PanelId } from "../../../src/repl/dashboard/ui.js";

const wish = { focus: "quality" as PanelId, zoom: false, view: null, symbols: 6 };

function names({ bands }: Layout): PanelId[][][] {
  return bands.map((band) => band.map((column) => column.map((box) => box.panel)));
}

it("shows everything at 120×40", () => {
  expect(names(layOut(120, 40, wish))).toEqual([[["quality"], ["threads"]], [["chart"], ["journal"]], [["eod"]]]);
});

it("stacks Threads on EOD at 80×24", () => {
  expect(names(layOut(80, 24, wish))).toEqual([
    [["quality"], ["threads", "eod"]],
    [["chart"], ["journal"]],
  ]);
});

it("shows the panel that has the focus, and tabs, where only one has room", () => {
  const layout = layOut(70, 18, { ...wish, focus: "eod" });
  expect(names(layout)).toEqual([[["eod"]]]);
  expect(layout.tabs).toEqual(STANDING_PANELS);
});

it("puts the panel that was called in the journal's place", () => {
  expect(names(layOut(120, 40, { ...wish, view: "words" }))[1]).toEqual([["chart"], ["words"]]);
  expect(layOut(70, 18, { ...wish, view: "words" }).tabs).toContain("words");
});

it("gives a zoomed panel all the room", () => {
  expect(layOut(80, 24, { ...wish, focus: "chart", zoom: true }).bands).toEqual([
    [[{ panel: "chart", width: 80, height: 24 - TRANSPORT_ROWS - 1 }]],
  ]);
});

describe("below 60×15 there is no room", () => {
  it.each([
    [59, 40],
    [120, 14],
    [1, 1],
  ])("%i×%i", (columns, rows) => {
    expect(layOut(columns, rows, wish).bands).toEqual([]);
  });
});

it("fills every size exactly, with panels that have an inside", () => {
  const size = fc.record({ columns: fc.integer({ min: 60, max: 300 }), rows: fc.integer({ min: 15, max: 100 }) });
  const panel = fc.constantFrom<PanelId>(...STANDING_PANELS);
  const view = fc.constantFrom(null, ...CALLED_PANELS);
  fc.assert(
    fc.property(size, panel, view, fc.boolean(), fc.nat(600), ({ columns, rows }, focus, called, zoom, symbols) => {
      const layout = layOut(columns, rows, { focus, zoom, view: called, symbols });
      const heights = layout.bands.map((band) => {
        expect(band.reduce((sum, column) => sum + column[0].width, 0)).toBe(columns);
        const columnHeights = band.map((column) => column.reduce((sum, box) => sum + box.height, 0));
        expect(new Set(columnHeights).size).toBe(1);
        for (const box of band.flat()) expect(Math.min(box.height, box.width)).toBeGreaterThan(2);
        return columnHeights[0];
      });
      const used = heights.reduce((sum, height) => sum + height, 0);
      expect(used + TRANSPORT_ROWS + 1 + (layout.tabs ? 1 : 0)).toBe(rows);
    }),
  );
});
