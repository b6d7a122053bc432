/** From a request to an exit code: opening with progress, what goes wrong, and the terminal afterwards. */
import { describe, expect, it } from "vitest";
import { DataError, type OpenOptions, type Session } from "../../../src/engine/index.js";
import { openDashboard, type DashboardRequest } from "../../../src/repl/dashboard/open-dashboard.js";
import { fakeContext } from "../fakes.js";
import { FakeSession } from "./fake-session.js";
import { HeadlessDevice } from "./draw.js";

function request(open: DashboardRequest["open"], more: Partial<DashboardRequest> = {}) {
  const device = new HeadlessDevice(80, 24);
  const paths = { config: "", cache: "", state: "", log: "" };
  const asked = { open, name: "data/bars-1m", output: { color: true, ascii: false }, paths, device, ...more };
  return { device, request: asked };
}

const screen = async (device: HeadlessDevice): Promise<string> => (await device.lines()).join("\n");

function expectRestored(device: HeadlessDevice): void {
  expect(device.raw).toBe(false);
  expect(device.written.lastIndexOf("\x1b[?1049l")).toBeGreaterThan(device.written.lastIndexOf("\x1b[?1049h"));
  expect(device.written.lastIndexOf("\x1b[?25h")).toBeGreaterThan(device.written.lastIndexOf("\x1b[?25l"));
}

it("shows how far the opening scan is, then the session, and returns 0 after q", async () => {
  const fake = new FakeSession();
  let how: Pick<OpenOptions, "onScan" | "signal"> = {};
  let opened!: (session: Session) => void;
  const { device, request: asked } = request((given) => {
    how = given;
    return new Promise((resolve) => (opened = resolve));
  });
  const ended = openDashboard(fakeContext(), asked);
  expect(await screen(device)).toContain("data/bars-1m");
  expect(await screen(device)).toContain("looking for files");
  how.onScan!(30, 120);
  expect(await screen(device)).toMatch(/█{10}─{30} 25%/);
  expect(await screen(device)).toContain("scanning file 30 of 120");
  opened(fake.session);
  await expect.poll(() => screen(device)).toContain("PAUSED");
  device.press("q");
  expect(await ended).toBe(0);
  expectRestored(device);
  expect(fake.disposed).toBe(true);
});

it("carries out the commands of the start", async () => {
  const fake = new FakeSession();
  const lines = { setup: ["break gap>=3"], exec: ["until 12:00"] };
  const { device, request: asked } = request(async () => fake.session, lines);
  const ended = openDashboard(fakeContext(), asked);
  await expect.poll(() => screen(device)).toContain("12:00 EDT");
  expect(fake.breakpoints()[0].text).toBe("gap>=3");
  device.press("\x03\x03");
  expect(await ended).toBe(130);
});

it("ends with the error of an option, as the line mode does, but not with that of --exec", async () => {
  const { device, request: asked } = request(async () => new FakeSession().session, { setup: ["delete 7"] });
  await expect(openDashboard(fakeContext(), asked)).rejects.toMatchObject({ exitCode: 2 });
  expectRestored(device);
  const other = request(async () => new FakeSession().session, { exec: ["delete 7", "until 12:00"] });
  const ended = openDashboard(fakeContext(), other.request);
  await expect.poll(() => screen(other.device)).toContain("12:00 EDT");
  other.device.press("q");
  expect(await ended).toBe(0);
});

describe("an error of the data", () => {
  it("reaches the caller, who has a terminal to print it on", async () => {
    const { device, request: asked } = request(async () => {
      throw new DataError("no-sessions", "no session in the range", "choose another", {});
    });
    await expect(openDashboard(fakeContext(), asked)).rejects.toMatchObject({ code: "no-sessions", exitCode: 3 });
    expectRestored(device);
  });
});

it.each(["q", "\x03"])("gives up opening with %j", async (key) => {
  const { device, request: asked } = request(
    ({ signal }) =>
      new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason), { once: true })),
  );
  const ended = openDashboard(fakeContext(), asked);
  device.press(key);
  expect(await ended).toBe(130);
  expectRestored(device);
});

it("obeys keys that were typed while it loaded; a q in a command is a letter", async () => {
  const fake = new FakeSession();
  let opened!: (session: Session) => void;
  const { device, request: asked } = request(() => new Promise((resolve) => (opened = resolve)));
  const ended = openDashboard(fakeContext(), asked);
  device.press(":break TSLA.quality<95\r:until 12:00\r");
  opened(fake.session);
  await expect.poll(() => screen(device)).toContain("12:00 EDT");
  expect(fake.breakpoints()[0].text).toBe("TSLA.quality<95");
  device.press("q");
  expect(await ended).toBe(0);
});

it("rejects with the cause when the session fails, and the terminal is restored by then", async () => {
  const fake = new FakeSession();
  const { device, request: asked } = request(async () => fake.session);
  const ended = openDashboard(fakeContext(), asked);
  ended.catch(() => {});
  await expect.poll(() => screen(device)).toContain("PAUSED");
  fake.fail(new Error("the upkeep thread has died"));
  await expect(ended).rejects.toThrow("the upkeep thread has died (STREAMING, Wed 2025-07-02 09:30 EDT)");
  expectRestored(device);
  expect(fake.disposed).toBe(true);
});

it("leaves when the program is asked to stop", async () => {
  const controller = new AbortController();
  const fake = new FakeSession();
  const { device, request: asked } = request(async () => fake.session);
  const ended = openDashboard(fakeContext({ signal: controller.signal }), asked);
  await expect.poll(() => screen(device)).toContain("PAUSED");
  controller.abort();
  expect(await ended).toBe(130);
  expectRestored(device);
});

describe("colours", () => {
  const written = async (env: Record<string, string>, color = true): Promise<string> => {
    const { device, request: asked } = request(async () => new FakeSession().session, {
      output: { color, ascii: false },
    });
    const context = fakeContext({ env });
    const terminal = { ...context, out: { ...context.out, isTerminal: true } };
    const ended = openDashboard(terminal, asked);
    await expect.poll(() => screen(device)).toContain("PAUSED");
    device.press("q");
    await ended;
    return device.written;
  };
  const COLOUR = /\x1b\[3\dm/;

  it("are there on a terminal, and not with NO_COLOR, TERM=dumb or --no-color", async () => {
    expect(await written({})).toMatch(COLOUR);
    expect(await written({ NO_COLOR: "1" })).not.toMatch(COLOUR);
    expect(await written({ TERM: "dumb" })).not.toMatch(COLOUR);
    expect(await written({}, false)).not.toMatch(COLOUR);
    expect(await written({ NO_COLOR: "1", FORCE_COLOR: "1" })).toMatch(COLOUR);
  });
});
