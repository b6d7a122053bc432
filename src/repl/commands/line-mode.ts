/**
 * The line mode: commands from a prompt, a pipe or `--exec`, answers as text or NDJSON. In a pipe a command that moves has its
 * stop before the next line is read; at a prompt input goes on, so that it can be paused.
 */
import type { Session } from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import type { LogFile } from "../log-file.js";
import type { Shell } from "../language/shell.js";
import type { Answer } from "../language/verb.js";
import { pipeLines } from "./pipe-lines.js";
import type { AnswerReport } from "./show-answers.js";
import { openPrompt, type Prompt } from "./terminal-lines.js";

export interface LineModeOptions {
  readonly context: CommandContext;
  readonly session: Session;
  readonly shell: Shell;
  readonly report: AnswerReport;
  readonly log: LogFile;
  /** Lines of options, before all others: what fails in one of them ends it all. */
  readonly setup: readonly string[];
  /** Lines of `--exec`; undefined when it was not given. Without a terminal they are all there is to do. */
  readonly exec: readonly string[] | undefined;
  readonly terminal: boolean;
}

/** Returns the exit code. */
export async function lineMode(options: LineModeOptions): Promise<number> {
  const mode = new LineMode(options);
  const { session, report, terminal } = options;
  const stopListening = [
    session.on("log", (entry) => void mode.write(() => report.log(entry)).catch(() => {})),
    session.on("day", (day) => void mode.write(() => report.events(day.events)).catch(() => {})),
  ];
  try {
    return await (terminal ? mode.atPrompt() : mode.fromPipe());
  } finally {
    for (const stop of stopListening) stop();
  }
}

class LineMode {
  private prompt: Prompt | undefined;
  /** What the program returns: a broken invariant outweighs all else, then the first that went wrong. */
  private code: number = EXIT.ok;

  constructor(private readonly options: LineModeOptions) {}

  write(show: () => Promise<void>): Promise<void> {
    return this.prompt ? this.prompt.around(show) : show();
  }

  async fromPipe(): Promise<number> {
    const { context, exec } = this.options;
    if (!(await this.begin()) || exec !== undefined) return this.code;
    for await (const line of pipeLines(context.input, context.signal)) {
      await this.execute(line);
      if (!this.goesOn) break;
    }
    return this.code;
  }

  /** A person's slips are no failure: only an option that fails, a second Ctrl-C and a session that failed are. */
  async atPrompt(): Promise<number> {
    const { context, session } = this.options;
    let code: number = EXIT.ok;
    let broken: { readonly error: unknown } | undefined;
    let interrupted = false;
    const guard = async (work: Promise<unknown>): Promise<void> => {
      await work.catch((error: unknown) => (broken ??= { error }));
      if (broken || !this.goesOn) prompt.close();
    };
    const prompt = openPrompt(context.input, context.out, session, context.signal, {
      onLine: (line) => {
        interrupted = false;
        return guard(this.execute(line));
      },
      onInterrupt: () => {
        if (interrupted) {
          code = EXIT.interrupted;
          prompt.close();
        } else void guard(this.firstInterrupt());
        interrupted = true;
      },
    });
    this.prompt = prompt;
    const begin = async (): Promise<void> => {
      if (await this.begin()) return;
      code = this.code;
      prompt.close();
    };
    prompt.during(guard(begin()));
    await prompt.closed;
    if (broken) throw broken.error;
    return code === EXIT.ok ? (session.summary().error?.exitCode ?? EXIT.ok) : code;
  }

  private async firstInterrupt(): Promise<void> {
    const { shell, context } = this.options;
    if (shell.moving) await this.execute("pause");
    else await this.write(() => context.out.write("Ctrl-C again ends the session\n"));
  }

  private get goesOn(): boolean {
    return !this.options.shell.ended && !this.options.context.signal.aborted;
  }

  /** False when nothing is to follow. */
  private async begin(): Promise<boolean> {
    const { setup, exec = [] } = this.options;
    for (const line of setup) {
      await this.execute(line);
      if (this.code !== EXIT.ok) return false;
    }
    for (const line of exec) if (this.goesOn) await this.execute(line);
    return this.goesOn;
  }

  private async execute(line: string): Promise<void> {
    const { shell, report, log } = this.options;
    await shell.execute(line, async (answer: Answer) => {
      const { command, exitCode, stop } = answer;
      if (this.code === EXIT.ok || exitCode === EXIT.internal) this.code = exitCode;
      log.write("answer", { command, exitCode, ...(stop ? { stop } : {}) });
      await this.write(() => report.answer(answer));
    });
  }
}
