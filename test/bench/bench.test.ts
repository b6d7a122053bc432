/** The benches in a tiny size, so that they cannot rot. Their digests are checked, never their times. */
import { expect, it } from "vitest";
import { BENCHES } from "./benches.js";

/** What each tiny bench comes to: a result that changes here is another result, or another version of the digest. */
const DIGESTS: Readonly<Record<string, string>> = {
  replay: "d1:07336ab83c86f35a3105906043bb4a90",
  lockstep: "d1:07336ab83c86f35a3105906043bb4a90",
  parquet: "d1:7cdbba641cbf0012e3df26eb29492d50",
  back: "d1:6dfc5c83af58ffcbf5c81f0dfb5cd2ba",
  step: "d1:d5479791619ed4254c1238f31064aaae",
  memory: "d1:019caf2dee0e498857f22f7530be2c07",
  clock: "d1:883265e219b6d48cfa0633087c429b33",
  dashboard: "d1:07336ab83c86f35a3105906043bb4a90",
  start: "d1:6fb1ddf24352c3a056edd628f9f29a6e",
};

it.each(Object.entries(BENCHES))("the %s bench runs, and what it times has the right digest", async (name, bench) => {
  const figures = await bench("tiny");
  expect(figures.length).toBeGreaterThan(0);
  for (const figure of figures) {
    expect
      .soft(figure)
      .toMatchObject({ unit: expect.stringMatching(/./), value: expect.any(Number), reference: expect.any(Number) });
    expect
      .soft(figure)
      .toMatchObject({ digest: figure.name === "base data and source" ? expect.any(String) : DIGESTS[name] });
  }
});
