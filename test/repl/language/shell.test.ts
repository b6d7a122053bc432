import { afterEach, beforeEach, expect, it } from "vitest";
import { Shell, type ShellOptions } from "../../../src/repl/language/shell.js";
import type { Answer } from "../../../src/repl/language/verb.js";
import { createTheme } from "../../../src/repl/output/theme.js";
import { userPaths } from "../../../src/repl/paths.js";
import { viewStyle } from "../../../src/repl/views/style.js";
import { removeFolder, tempFolder, type TempFolder } from "../../fixtures/temp-folder.js";
import { fakeCatalog } from "../fakes.js";
import { fakeSession, type FakeSession, type FakeSessionOptions } from "../fake-session.js";

let folder: TempFolder;
beforeEach(() => (folder = tempFolder({ keep: true })));
afterEach(() => removeFolder(folder.path));

function shellOver(options: FakeSessionOptions = {}, more: Partial<ShellOptions> = {}): [Shell, FakeSession] {
  const session = fakeSession({ catalog: fakeCatalog({ symbols: ["AIG", "SPY"] }), ...options });
  const style = viewStyle(session, createTheme({ color: false, ascii: false }), 160);
  return [new Shell({ session, style, paths: userPaths({}, "/home/me"), ...more }), session];
}

const errorsOf = (answers: readonly Answer[]): unknown[] =>
  answers.map(({ error }) => error && [error.message, error.hint]);

it.each([
  ["step", "step 1 bar"],
  ["s 3", "step 3 bar"],
  ["n", "step 1 phase"],
  ["step 2 bar SPY", "step 2 bar SPY"],
  ["step b spy", "step 1 bar SPY"],
  ["back 8 ph", "back 8 phase"],
  ["continue", "play"],
  ["rc", "reverse-continue"],
  ["until TSLA.quality<95 and gap>=3", "until TSLA.quality<95 and gap>=3"],
  ["goto 2013-10-08 10:15", "goto 2013-10-08 10:15"],
  ["thread upkeep step", "thread upkeep 1"],
  ["thr c st 3", "thread coordinator 3"],
  ["speed 60", "speed 60"],
  ["speed max", "speed 0"],
  ["speed slower", "speed 3600"],
  ["mode", "mode clock"],
  ["mode d", "mode data"],
  ["save 'a b.ndjson'", "save a b.ndjson"],
  ["diff a.ndjson", "diff a.ndjson"],
  ["export j a.ndjson", "journal a.ndjson"],
  ["export trace a.json", "trace a.json"],
])("%j asks the session for %j", async (line, call) => {
  const [shell, session] = shellOver();
  const [answer] = await shell.execute(line);
  expect([answer.error, answer.exitCode]).toEqual([undefined, 0]);
  expect(session.calls).toEqual([call]);
});

it.each([
  ["step 0", 'step: "0" is not a whole number from 1', "write step [n]"],
  ["step -1", 'step: "-1" is not a whole number from 1', "e.g. step 3 minute"],
  ["step 1.5", 'step: "1.5" is not', "e.g."],
  ["step 99999999999", "is not a whole number", "e.g."],
  ["step phse", '"phse" is no unit', "did you mean phase?"],
  ["step SPY", "step: SPY is a symbol, and the unit is missing: bar SPY", "write step"],
  ["step phase 3", "step: the count comes first: 3 phase", "write step"],
  ["step bar SPX", '"SPX" is no symbol of this replay', "did you mean SPY?"],
  ["step minute SPY", 'step: "SPY" is too much', "write step"],
  ["play now", 'play: "now" is too much', "write play, e.g. play"],
  ["until", "until: a time or a condition is missing", "write until TIME | CONDITION"],
  ["until ''", "until: a time or a condition is missing", "e.g."],
  ["log", "log: a condition is missing", "e.g. log fill"],
  ["break nonsense", '"nonsense" is no condition', "write gap>=3"],
  ["delete", "delete: the number of a breakpoint is missing", "e.g. delete 2"],
  ["delete 7", "delete: there is no breakpoint 7; none is set", "e.g. delete 2"],
  ["ignore 1 x", "ignore: there is no breakpoint 1", "e.g."],
  ["thread main step", '"main" is no thread that can be stepped', "it can be coordinator, upkeep"],
  ["thread upkeep jump", 'thread: "jump" is too much', "e.g."],
  ["speed -3", 'speed: "-3" is negative', "speed faster"],
  ["speed warp", 'speed: "warp" is no speed', "speed faster"],
  ["mode x", '"x" is no mode', "it can be data, clock"],
  ["info x", '"x" is no topic of info', "it can be threads"],
  ["info bars", "info bars: a symbol is missing", "e.g. info bars AIG"],
  ["info bars SPY 7m", "there are no 7m bars in this replay", "there are 1m, 5m, 15m; --derive makes others"],
  ["info bars SPY last", "info bars: how many is missing", "write info bars SYM [5m] [last N]"],
  ["info journal SPY gapp", '"gapp" is no kind of event', "did you mean gap?"],
  ["info threads x", 'info threads: "x" is too much', "write info threads"],
  ["unwatch SPY.last", "SPY.last is not watched", ""],
  ["mark", "mark: a name is missing", "e.g. mark bug"],
  ["save", "save: a file is missing", "e.g. save run1.ndjson"],
  ["export", "export: a thing to export is missing", "e.g."],
  ["export dat4 x", '"dat4" is no thing to export', "did you mean data?"],
  ["source", "source: a file is missing", "e.g."],
  ["help brake", '"brake" is no command', "did you mean break?"],
])("%j is a usage error that says what to write", async (line, message, hint) => {
  const [shell, session] = shellOver();
  const [answer, ...more] = await shell.execute(line);
  expect(more).toEqual([]);
  expect(answer).toMatchObject({ exitCode: 2, lines: [], error: { code: "usage" } });
  expect(answer.error!.message).toContain(message);
  expect(answer.error!.hint).toContain(hint);
  expect(session.calls).toEqual([]);
});

it("info b shows the breakpoints, as debuggers have it, though bars begins like that too", async () => {
  const [shell] = shellOver();
  const answers = await shell.execute("b gap>=3; i b; info ba SPY");
  expect(answers[1].value).toMatchObject([{ id: 1, text: "gap>=3" }]);
  expect(answers[2].error).toBeUndefined();
});

it("one answer a command, in order, each told before the next begins", async () => {
  const [shell, session] = shellOver();
  const told: string[] = [];
  const answers = await shell.execute("until 15:58; n 2; digest", async ({ command }) => {
    await Promise.resolve();
    told.push(`${command} after ${session.calls.length}`);
  });
  expect(answers.map((answer) => answer.command)).toEqual(["until 15:58", "step 2 phase", "digest"]);
  expect(told).toEqual(["until 15:58 after 1", "step 2 phase after 2", "digest after 2"]);
  expect(answers[0].stop).toMatchObject({ reason: "until", why: "until 15:58" });
  expect(answers[2]).toEqual({ command: "digest", lines: ["d1:abcd"], value: "d1:abcd", exitCode: 0 });
});

it("a line with a slip is not begun, and after an error the rest is left out", async () => {
  const [shell, session] = shellOver();
  expect(errorsOf(await shell.execute("step; stpe"))).toEqual([['"stpe" is no command', "did you mean step?"]]);
  expect(session.calls).toEqual([]);
  const answers = await shell.execute("step; delete 9; digest; n 2");
  expect(answers.map((answer) => answer.command)).toEqual(["step", "delete 9"]);
  expect(answers[1].lines).toEqual(["not carried out: digest; step 2 phase"]);
  expect((await shell.execute("step; stpe"))[0].lines).toEqual(["nothing of this line has been carried out"]);
  expect((await shell.execute("stpe"))[0].lines).toEqual([]);
  expect((await shell.execute("digest; delete 9"))[1].lines).toEqual([]);
});

it("an empty line repeats the last move, not what looked or set since", async () => {
  const [shell, session] = shellOver();
  expect(await shell.execute("")).toEqual([]);
  await shell.execute("step 2 phase; info threads; break gap>=3; goto 15:58");
  const [answer] = await shell.execute("  ");
  expect(answer.command).toBe("step 2 phase");
  expect(session.calls).toEqual(["step 2 phase", "goto 15:58", "step 2 phase"]);
});

it("while a command moves, others look and set; pause ends it, and both are answered", async () => {
  const [shell, session] = shellOver({ endless: true });
  const playing = shell.execute("play; step");
  expect(shell.moving).toBe(true);
  expect((await shell.execute("info threads"))[0].error).toBeUndefined();
  expect((await shell.execute("break gap>=3"))[0].value).toMatchObject({ id: 1 });
  const [paused] = await shell.execute("pause");
  expect(paused.stop?.reason).toBe("paused");
  // What was to follow does not fit the place any more.
  expect((await playing).map(({ command, stop }) => [command, stop?.reason])).toEqual([["play", "paused"]]);
  expect((await playing)[0].lines.at(-1)).toBe("not carried out: step");
  expect(session.calls).toEqual(["play", "pause"]);
  expect(shell.moving).toBe(false);
});

it("a move supersedes the one under way", async () => {
  const [shell] = shellOver({ endless: true });
  const playing = shell.execute("play");
  expect((await shell.execute("goto 15:58"))[0].stop?.reason).toBe("goto");
  const [superseded] = await playing;
  expect(superseded.stop?.reason).toBe("superseded");
  expect(superseded.lines).toEqual(["superseded"]);
});

it("quit ends the shell and leaves the rest of the line out", async () => {
  const [shell, session] = shellOver();
  expect((await shell.execute("quit; step")).map((answer) => answer.command)).toEqual(["quit"]);
  expect(shell.ended).toBe(true);
  expect(session.calls).toEqual([]);
});

it("breakpoints: set, temporary, logging, ignored, deleted, each told in words", async () => {
  const [shell, session] = shellOver();
  const lines = async (line: string): Promise<readonly string[]> => (await shell.execute(line))[0].lines;
  expect(await lines("b phase=roll if day=2013-10-08")).toEqual(["breakpoint 1: phase=roll if day=2013-10-08"]);
  expect(await lines("tb SPY.last>168")).toEqual(["breakpoint 2: SPY.last>168 (temporary)"]);
  expect(await lines("log fill")).toEqual(["log point 3: fill"]);
  expect(await lines("ignore 1 5")).toEqual(["breakpoint 1: phase=roll if day=2013-10-08 (ignores 5 more)"]);
  expect(session.breakpoints()).toMatchObject([{ ignore: 5 }, { temporary: true }, { log: true }]);
  // None is deleted when one of them is not there.
  expect((await shell.execute("delete 1 9"))[0].error?.message).toContain(
    "there is no breakpoint 9; the numbers are 1, 2, 3",
  );
  expect(session.breakpoints()).toHaveLength(3);
  expect(await lines("delete 1 3 1")).toEqual([
    "deleted 1: phase=roll if day=2013-10-08 (ignores 5 more)",
    "deleted 3: fill",
  ]);
  expect(session.breakpoints().map((point) => point.id)).toEqual([2]);
});

it("break alone stops at the present place", async () => {
  const [shell] = shellOver();
  expect((await shell.execute("break"))[0].value).toMatchObject({ text: "2013-10-07 15:58" });
});

it.each([
  [0, "faster", 0],
  [0, "slower", 3600],
  [3600, "faster", 0],
  [3600, "slower", 360],
  [100, "faster", 360],
  [100, "slower", 60],
  [1, "faster", 10],
  [1, "slower", 1],
])("from speed %i, speed %s is %i", async (from, way, to) => {
  const [shell, session] = shellOver();
  session.setSpeed(from);
  await shell.execute(`speed ${way}`);
  expect(session.speed).toBe(to);
});

it("check gives 1 for a broken invariant, diff 6 for a run that differs", async () => {
  const compared = { days: 1, minutes: 44, events: 9 };
  const difference = { equal: false, text: "10:14 SPY: close", date: "2013-10-07", timeUs: 1, symbol: "SPY", compared };
  const [shell] = shellOver({ broken: ["I8 position 3 < processed 4"], difference });
  expect((await shell.execute("check"))[0]).toMatchObject({
    exitCode: 1,
    lines: ["broken: I8 position 3 < processed 4"],
  });
  expect((await shell.execute("diff a"))[0]).toMatchObject({
    exitCode: 6,
    lines: ["differs: 10:14 SPY: close", "compared: 1 day, 44 minutes, 9 events"],
  });
  const [alike] = shellOver({ difference: { ...difference, equal: true, text: "1 day, 44 minutes, 9 events" } });
  expect((await alike.execute("diff a"))[0].lines).toEqual(["equal: 1 day, 44 minutes, 9 events"]);
  const [sound] = shellOver();
  expect((await sound.execute("check; diff a")).map((answer) => answer.exitCode)).toEqual([0, 0]);
});

it("a bug in what a verb does is an internal error of that command, and the shell goes on", async () => {
  const [shell, session] = shellOver();
  session.digest = () => {
    throw new TypeError("x is undefined");
  };
  expect((await shell.execute("digest"))[0]).toMatchObject({ exitCode: 1, error: { code: "internal" } });
  expect((await shell.execute("step"))[0].error).toBeUndefined();
});

it("a session that failed says why, with the exit code of its error", async () => {
  const [shell] = shellOver({ stops: [{ reason: "failed", why: "upkeep died" }] });
  expect((await shell.execute("play"))[0]).toMatchObject({ exitCode: 1, error: { message: "upkeep died" } });
});

// ---- files and scripts ----

it("source carries out a file, each command answered, remarks and empty lines left out", async () => {
  const [shell, session] = shellOver();
  const file = folder.put("a file.bardeck", "# to the close\r\nuntil 15:58\n\nstep phase; digest\n");
  const answers = await shell.execute(`source '${file}'`);
  expect(answers.map((answer) => answer.command)).toEqual(["until 15:58", "step phase", "digest", `source "${file}"`]);
  expect(answers.at(-1)!.lines).toEqual(["3 commands carried out"]);
  expect(session.calls).toEqual(["until 15:58", "step 1 phase"]);
});

it("an error in a file ends it and names file and line, through files within files", async () => {
  const [shell, session] = shellOver();
  const inner = folder.put("inner", "step\n\nstep phse\nstep\n");
  const outer = folder.put("outer", `# x\nsource ${inner}\nstep\n`);
  const answers = await shell.execute(`source ${outer}; step`);
  expect(answers.map((answer) => answer.command)).toEqual(["step", `source ${outer}`]);
  expect(errorsOf(answers)[1]).toEqual([`${outer} line 2: ${inner} line 3: "phse" is no unit`, "did you mean phase?"]);
  expect(answers[1].exitCode).toBe(2);
  expect(session.calls).toEqual(["step 1 bar"]);
});

it("a file that carries out itself is stopped", async () => {
  const [shell] = shellOver();
  const file = folder.file("loop");
  folder.put("loop", `source ${file}\n`);
  const [answer, ...more] = await shell.execute(`source ${file}`);
  expect(more).toEqual([]);
  expect(answer.error?.message).toContain("is the 11th file within a file");
});

it.each([
  ["nowhere", 4, "it does not exist"],
  [".", 2, "is no file"],
])("source %s gives %i", async (name, exitCode, message) => {
  const [shell] = shellOver();
  const [answer] = await shell.execute(`source ${folder.path}/${name}`);
  expect(answer.exitCode).toBe(exitCode);
  expect(answer.error?.message).toContain(message);
});

it("source refuses a file too large for commands", async () => {
  const [shell] = shellOver();
  const [answer] = await shell.execute(`source ${folder.put("big", "#".repeat(1_000_001))}`);
  expect(answer).toMatchObject({ exitCode: 2, error: { hint: "is it another file?" } });
});

it("a script has what succeeded and changed something, and nothing else", async () => {
  const [shell] = shellOver({}, { preamble: ["# bardeck open data"] });
  const file = folder.put("f", "step 3\nmark here\n");
  await shell.execute("until 15:58; info threads; why; break gap>=3; step phse");
  await shell.execute("delete 9");
  await shell.execute(`delete 1; speed slower; mode; watch SPY.last; n; source ${file}; digest; save x; break`);
  const [answer] = await shell.execute("script");
  expect(answer.lines).toEqual([
    "# bardeck open data",
    "until 15:58",
    "break gap>=3",
    "delete 1",
    "speed 3600",
    "mode data",
    "watch SPY.last",
    "step phase",
    "step 3",
    "mark here",
    "break 2013-10-07 15:58",
  ]);
  expect(answer.value).toEqual(answer.lines);
});

it("in a script a move that was cut short is the place it came to", async () => {
  const [shell] = shellOver({ endless: true });
  const playing = shell.execute("play");
  await shell.execute("pause");
  await playing;
  expect((await shell.execute("script"))[0].lines).toEqual(["until 2013-10-07 15:58"]);
});

it("in a script a move during which a breakpoint was set is the place it came to", async () => {
  const [shell, session] = shellOver({ endless: true });
  for (const [end, between] of [
    ["goto 10:00", "break gap>=3"],
    ["", "break fill"],
    ["", "info threads"],
  ]) {
    const playing = shell.execute("play");
    await shell.execute(between);
    if (end === "") session.arrive("breakpoint", "SPY gap 3 >= 3");
    else await shell.execute(end);
    await playing;
  }
  expect((await shell.execute("script"))[0].lines).toEqual([
    "break gap>=3",
    "until 2013-10-07 15:58",
    "goto 10:00",
    "break fill",
    "until 2013-10-07 15:58",
    "play",
  ]);
});

it("in a script a pause within the end of the day is the step it stands before", async () => {
  const [shell] = shellOver({ stops: [{ reason: "paused", step: "verify", phase: "DRAINED" }] });
  await shell.execute("play");
  expect((await shell.execute("script"))[0].lines).toEqual(["until phase=verify if day=2013-10-07"]);
});

it("a script that is sourced does the same again", async () => {
  const [shell, session] = shellOver();
  await shell.execute("until 15:58; b gap>=3; n 2; speed 60; thread upkeep step; goto 15:58; mark 'a b'");
  const [{ lines }] = await shell.execute("script");
  const [again, second] = shellOver();
  await again.execute(`source ${folder.put("script", lines.join("\n"))}`);
  expect(second.calls).toEqual(session.calls);
  expect((await again.execute("script"))[0].lines).toEqual(lines);
  expect(lines.at(-1)).toBe('mark "a b"');
});
