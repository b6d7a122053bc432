/**
 * A prompt on a terminal: editing, history and completion are readline's. Input goes on while commands run; what they
 * tell is written above the line that is being typed.
 */
import { clearScreenDown, createInterface, cursorTo, moveCursor, type Interface } from "node:readline";
import { Writable } from "node:stream";
import type { Session } from "../../engine/index.js";
import type { InputStream, OutputStream } from "../context.js";
import { complete } from "../language/complete.js";

export interface Prompt {
  /** Writes with the prompt out of the way, and brings it back. */
  around(write: () => Promise<void>): Promise<void>;
  /** Keeps the prompt away until the work is done; what is typed meanwhile is taken all the same. */
  during(work: Promise<void>): void;
  /** Resolves when no more lines will come; the terminal is as it was before. */
  readonly closed: Promise<void>;
  close(): void;
}

export interface PromptEvents {
  /** Resolves when the line has been dealt with; never rejects. */
  onLine(line: string): Promise<void>;
  /** Ctrl-C on an empty line. */
  onInterrupt(): void;
}

const TEXT = "bardeck> ";

/** Asks for lines until the input ends, `close` is called or the signal is aborted. */
export function openPrompt(
  input: InputStream,
  out: OutputStream,
  session: Session,
  signal: AbortSignal,
  events: PromptEvents,
): Prompt {
  const output = terminalOutput(out);
  const readline = createInterface({
    input,
    output,
    terminal: true,
    prompt: TEXT,
    historySize: 1000,
    removeHistoryDuplicates: true,
    completer: (line: string) => completeLine(line, session),
  });
  let [running, shown, open] = [0, false, true];
  const show = (): void => {
    if (!open) return;
    shown = true;
    readline.prompt(true);
  };
  const during = (work: Promise<void>): void => {
    [running, shown] = [running + 1, false];
    void work.finally(() => {
      if (--running === 0) show();
    });
  };
  readline.on("line", (line) => during(events.onLine(line)));
  readline.on("SIGINT", () => {
    if (readline.line === "") return events.onInterrupt();
    readline.write(null, { ctrl: true, name: "e" }); // to the end of the line, so that nothing is written into it
    output.write("\n");
    readline.write(null, { ctrl: true, name: "u" }); // shows the prompt again
    shown = true;
  });
  const closed = new Promise<void>((resolve) =>
    readline.once("close", () => {
      open = false;
      if (shown) output.write("\n");
      resolve();
    }),
  );
  signal.addEventListener("abort", () => readline.close(), { once: true });
  return {
    during,
    async around(write) {
      const typing = open && (shown || readline.line !== "");
      if (typing) clearPrompt(readline, output);
      await write();
      if (typing) show();
    },
    closed,
    close: () => readline.close(),
  };
}

/** What readline may write to: it goes the way of all output, at once, so that nothing overtakes it. */
function terminalOutput(out: OutputStream): Writable {
  const output = new Writable({
    decodeStrings: false,
    write(text: string, _, done) {
      out.write(text).catch(() => {}); // told by the stream itself
      done();
    },
  });
  return Object.defineProperty(output, "columns", { get: () => out.columns });
}

function clearPrompt(readline: Interface, output: Writable): void {
  moveCursor(output, 0, -readline.getCursorPos().rows);
  cursorTo(output, 0);
  clearScreenDown(output);
}

/** As readline wants it: whole candidates, and what they replace. A single one gets the blank that follows it. */
function completeLine(line: string, session: Session): [string[], string] {
  const { start, candidates } = complete(line, line.length, session);
  const [only, ...others] = candidates;
  const isWhole = only !== undefined && others.length === 0 && !/[<>=.]$/.test(only);
  return [isWhole ? [`${only} `] : [...candidates], line.slice(start)];
}
