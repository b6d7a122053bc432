/**
 * The door of the dashboard: opens a session on the terminal, with progress, and shows it. Imports Ink when it runs, never
 * before: Ink cannot be required, and React decides by the environment, at its import, how it works.
 */
import { plainError, type OpenOptions, type Session } from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import type { UserPaths } from "../paths.js";
import { wantsColor } from "../output/theme.js";
import type { Paint } from "./parts/row.js";
import { loadingFrame } from "./loading.js";
import { processDevice, type TerminalDevice } from "./terminal/device.js";
import type { Key } from "./terminal/key-reader.js";
import { Terminal } from "./terminal/terminal.js";

export interface DashboardRequest {
  /** Opens the session; told where to report the progress of the opening scan, and how it is given up. */
  readonly open: (how: Pick<OpenOptions, "onScan" | "signal">) => Promise<Session>;
  /** What is being opened, for the person waiting. */
  readonly name: string;
  readonly output: { readonly color: boolean; readonly ascii: boolean };
  readonly paths: UserPaths;
  /** Lines carried out at the start: what fails in one of them ends it all. */
  readonly setup?: readonly string[];
  /** Lines carried out after them. */
  readonly exec?: readonly string[];
  /** The first lines of a script: how the session was opened. */
  readonly preamble?: (session: Session) => readonly string[];
  /** Where to show it; the terminal of the process when absent. */
  readonly device?: TerminalDevice;
}

/**
 * Shows the dashboard until the person leaves. Returns the exit code: 0, or 130 after Ctrl-C twice. Rejects with what went
 * wrong; the terminal has been given back by then, whatever happens.
 */
export async function openDashboard(context: CommandContext, request: DashboardRequest): Promise<number> {
  const paint: Paint = {
    color: wantsColor(context.out, context.env, request.output.color),
    ascii: request.output.ascii,
  };
  // Before the first import: React's development build takes twice the time. (NO_COLOR, which Ink does not heed, needs nothing:
  // blocks are painted by us, and Ink neither adds nor takes away.)
  process.env.NODE_ENV = "production";
  const terminal = new Terminal(request.device ?? processDevice());
  const leave = new AbortController();
  const signal = AbortSignal.any([context.signal, leave.signal]);
  try {
    const loading = import("./run-dashboard.js");
    const { session, ahead } = await openWithProgress(terminal, request, paint, leave, signal);
    try {
      const { Dashboard } = await loading;
      const dashboard = new Dashboard({ ...request, session, terminal, paint, signal });
      terminal.listen(dashboard);
      dashboard.start();
      dashboard.keys(ahead);
      const ending = await dashboard.ended.finally(async () => {
        await terminal.close();
        dashboard.dispose();
      });
      return ending === "quit" ? EXIT.ok : EXIT.interrupted;
    } finally {
      await session.dispose();
    }
  } catch (error) {
    if (leave.signal.aborted && plainError(error).name === "AbortError") return EXIT.interrupted;
    throw error;
  } finally {
    await terminal.close();
  }
}

/** Until the session is open, the screen shows how far the scan is; Ctrl-C and q give up. Other keys are `ahead`: the dashboard obeys them. */
async function openWithProgress(
  terminal: Terminal,
  { open, name }: DashboardRequest,
  paint: Paint,
  leave: AbortController,
  signal: AbortSignal,
): Promise<{ readonly session: Session; readonly ahead: readonly Key[] }> {
  const ahead: Key[] = [];
  const press = (key: Key): void => {
    if (key === "ctrl-z") terminal.suspend();
    else if (key === "ctrl-c" || (key === "q" && !isTyping(ahead))) leave.abort();
    else ahead.push(key);
  };
  let [done, total] = [0, 0];
  const show = (): void => void terminal.screen.write(loadingFrame(name, done, total, terminal.screen, paint));
  terminal.open({
    keys: (keys) => keys.forEach(press),
    resized: show,
  });
  show();
  const session = await open({
    signal,
    onScan: (files, of) => {
      [done, total] = [files, of];
      show();
    },
  });
  return { session, ahead };
}

/** Whether the last of the keys are text of a prompt. */
function isTyping(keys: readonly Key[]): boolean {
  const last = keys.findLast((key) => typeof key === "string" && [":", "/", "enter", "escape"].includes(key));
  return last === ":" || last === "/";
}
