/** The end of the range lies after the last session: a place one can go back to like any other. */
import { expect, it, onTestFinished } from "vitest";
import { ensureDemoData, open } from "../../src/engine/index.js";
import { tempFolder } from "../fixtures/temp-folder.js";

it("a session that has finished is saved, and a mark set there is found again", async () => {
  const { path } = tempFolder();
  const session = await open(await ensureDemoData(path), { symbols: ["SPY"] });
  onTestFinished(() => session.dispose());
  const { position, phase } = await session.play();
  expect(phase).toBe("FINISHED");
  session.mark("end");
  expect(await session.save(`${path}/run.ndjson`)).toBeGreaterThan(3);
  expect(session.state().state).toBe("finished");
  await session.goto("2025-07-02 10:15");
  expect(await session.goto("end")).toMatchObject({
    phase: "FINISHED",
    position: { ...position, run: expect.any(Number) },
  });
});
