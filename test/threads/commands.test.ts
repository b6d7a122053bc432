/** Commands: one answer each, in order, whatever runs underneath (I15). */
import { describe, expect, it } from "vitest";
import { listen, minuteUs, slotsOf, syntheticSession, until } from "./sessions.js";
import type { Stop } from "../../src/engine/session/types.js";

describe("a command under another one", () => {
  it("a second play while one runs supersedes it, and both are answered once", async () => {
    const session = await syntheticSession();
    session.setSpeed(1);
    const first = session.play();
    const second = session.play();
    session.setSpeed(0);
    expect((await first).reason).toBe("superseded");
    expect((await second).reason).toBe("finished");
  });

  it("a pause supersedes the play under it, and says where it stands", async () => {
    const session = await syntheticSession();
    session.setSpeed(1);
    const play = session.play();
    const pause = await session.pause();
    expect(pause.reason).toBe("paused");
    expect((await play).reason).toBe("superseded");
    expect(pause.phase).toBe("STREAMING");
    expect(pause.next).toMatch(/^coordinator: publish S0 \d\d:\d\d$/);
  });

  it("a pause twice is a pause: the second is answered like the first, and nothing moves between them", async () => {
    const session = await syntheticSession();
    session.setSpeed(1);
    const play = session.play();
    const first = await session.pause();
    const digest = session.digest();
    const second = await session.pause();
    expect({ ...second, command: first.command }).toEqual(first);
    expect(session.digest()).toBe(digest);
    expect((await play).reason).toBe("superseded");
    session.setSpeed(0);
    expect((await session.play()).reason).toBe("finished");
  });

  it("a seek while paused goes there and stands; a run goes on from there", async () => {
    const session = await syntheticSession();
    await session.until(minuteUs(session, 1, 20));
    await session.pause();
    const there = await session.goto(minuteUs(session, 0, 10));
    expect(there).toMatchObject({ reason: "goto", phase: "STREAMING", position: { epoch: 0, run: 1, slots: 30 } });
    expect((await session.until(minuteUs(session, 0, 12))).position).toMatchObject({ epoch: 0, run: 1, slots: 36 });
    expect((await session.play()).reason).toBe("finished");
  });

  it("a seek supersedes the run under it", async () => {
    const session = await syntheticSession();
    session.setSpeed(1);
    const play = session.play();
    const seek = await session.goto(minuteUs(session, 0, 0));
    expect((await play).reason).toBe("superseded");
    expect(seek.position).toMatchObject({ run: 1, slots: 0 });
  });

  it("a seek ahead over days that were never played is answered, and what is played later is whole", async () => {
    const session = await syntheticSession();
    const heard = listen(session);
    const there = await session.goto(minuteUs(session, 2, 10));
    expect(there).toMatchObject({ reason: "goto", position: { epoch: 2, slots: 30 } });
    expect((await session.play()).reason).toBe("finished");
    expect(heard.told).toEqual(["goto", "day 2", "day 3", "finished"]);
    expect(session.days.map((day) => day.record.epoch)).toEqual([2, 3]);
    await session.goto(minuteUs(session, 0, 0));
    await session.play();
    expect(session.days.map((day) => [day.record.epoch, day.run])).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
      [3, 2],
    ]);
  });
});

describe("a command that makes no sense", () => {
  it("a run to what lies behind is refused with a hint, and nothing has moved", async () => {
    const session = await syntheticSession();
    const before = await session.until(minuteUs(session, 1, 20));
    await expect(session.until(minuteUs(session, 1, 10))).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringContaining("lies behind"),
      hint: expect.stringContaining("goto"),
    });
    await expect(session.until(minuteUs(session, 0, 39))).rejects.toMatchObject({ name: "UsageError" });
    const after = await session.until(minuteUs(session, 1, 20));
    expect(after.position).toEqual(before.position);
  });

  it("a run behind the present under a running play is refused, and the play goes on as if nothing had been asked", async () => {
    const session = await syntheticSession();
    await session.until(minuteUs(session, 1, 20));
    session.setSpeed(1);
    const play = session.play();
    await expect(session.until(minuteUs(session, 0, 10))).rejects.toMatchObject({ name: "UsageError" });
    session.setSpeed(0);
    expect((await play).reason).toBe("finished");
  });

  it("a speed that is none is refused and the one before it stays; so is one so small that it would round to data-driven", async () => {
    const session = await syntheticSession();
    session.setSpeed(60);
    for (const speed of [NaN, -1, Infinity, 3e9, 0.0004])
      expect(() => session.setSpeed(speed), `${speed}`).toThrow(/speed .* is not between/);
    expect(session.speed).toBe(60);
    session.setSpeed(0.001);
    expect(session.speed).toBe(0.001);
  });

  it("a time that is none, or of no session, is refused with a hint, and nothing is lost by it", async () => {
    const session = await syntheticSession();
    const refused = { name: "UsageError", hint: expect.stringMatching(/./) };
    for (const time of ["25:00", "10:75", "noon", "2024-01-06 10:00", NaN]) {
      await expect(session.until(time), `${time}`).rejects.toMatchObject(refused);
      await expect(session.goto(time), `${time}`).rejects.toMatchObject(refused);
    }
    expect((await session.play()).reason).toBe("finished");
  });

  it("a digest of a moving session is refused", async () => {
    const session = await syntheticSession();
    session.setSpeed(1);
    const play = session.play();
    await until(() => session.progress().timeUs > minuteUs(session, 0, 0));
    expect(() => session.digest()).toThrow(/standing/);
    await session.pause();
    expect(session.digest()).toMatch(/^d1:/);
    await play;
  });
});

describe("a burst of commands", () => {
  it("is answered once each, in the order given, with what each of them asked for", async () => {
    const session = await syntheticSession();
    const heard: string[] = [];
    const note = (name: string) => (stop: Stop) => {
      heard.push(`${name} ${stop.reason}`);
      return stop;
    };
    const answers = await Promise.all([
      session.until(minuteUs(session, 0, 10)).then(note("run")),
      session.pause().then(note("pause")),
      session.goto(minuteUs(session, 2, 5)).then(note("seek")),
      session.until("14:40").then(note("until")),
      session.play().then(note("play")),
    ]);
    // A run is superseded by the next command unless it came to its end before; either way there is one answer each.
    expect(heard.length).toBe(5);
    expect(heard.map((line) => line.split(" ")[0])).toEqual(["run", "pause", "seek", "until", "play"]);
    expect(answers[1].reason).toBe("paused");
    expect(answers[4].reason).toBe("finished");
    for (const answer of [answers[0], answers[2], answers[3]])
      expect(answer.reason).toMatch(/^(superseded|until|goto)$/);
  });

  it("a time of day means the session the command finds, not the one at the moment of asking", async () => {
    const session = await syntheticSession();
    const [, until] = await Promise.all([session.goto(minuteUs(session, 2, 0)), session.until("14:40")]);
    expect(until.position).toMatchObject({ epoch: 2, slots: 30 });
  });

  it("a run, then a pause: the pause comes second", async () => {
    const session = await syntheticSession();
    session.setSpeed(1);
    const [run, pause] = await Promise.all([session.until(minuteUs(session, 0, 30)), session.pause()]);
    expect([run.reason, pause.reason]).toEqual(["superseded", "paused"]);
    expect(session.digest()).toMatch(/^d1:/); // it stands
  });

  it("fifty pauses and plays leave one that moves, and every one has its answer", async () => {
    const session = await syntheticSession();
    const commands = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? session.play() : session.pause()));
    const reasons = (await Promise.all(commands)).map((stop) => stop.reason);
    reasons.forEach((reason, i) => expect(reason).toMatch(i % 2 === 0 ? /^(superseded|finished)$/ : /^paused$/));
    expect((await session.play()).reason).toBe("finished");
    expect(session.position().slots).toBe(slotsOf(session, 3));
  });

  it("after the end only a run to the end is accepted, answered at once, or a seek", async () => {
    const session = await syntheticSession();
    await session.play();
    expect(await session.play()).toMatchObject({ reason: "finished", phase: "FINISHED" });
    await expect(session.until(minuteUs(session, 3, 40))).rejects.toMatchObject({ name: "UsageError" });
    expect((await session.pause()).reason).toBe("paused");
    expect((await session.play()).reason).toBe("finished");
    expect((await session.goto(minuteUs(session, 3, 39))).position).toMatchObject({ epoch: 3, run: 1, slots: 117 });
  });
});
