/**
 * What a client has done, as commands that do it again. Only what succeeded and changed the session. A move that was cut
 * short, or during which something else was changed, is replaced by the place it came to.
 */
import type { Stop } from "../../engine/index.js";
import type { ExchangeClock } from "../output/format.js";
import { formatCommand } from "./parse.js";
import type { Command, Outcome, Verb } from "./verb.js";

/** Moves that go on in time; the others may go back. */
const FORWARD: ReadonlySet<string> = new Set(["play", "continue", "step", "until", "thread"]);

export class Script {
  private readonly commands: Command[] = [];
  private sets = 0;

  constructor(private readonly clock: ExchangeClock) {}

  /** How often something has been set; a move that takes the number before it begins tells what came between. */
  get changes(): number {
    return this.sets;
  }

  /** Records what a verb has done. `changesBefore` is `changes` at its beginning. */
  record({ kind }: Verb, command: Command, { stop, error, replay }: Outcome, changesBefore: number): void {
    if (error !== undefined) return;
    if (kind === "sets") {
      this.sets++;
      this.commands.push(replay ?? command);
    } else if (kind === "moves" && stop && command.verb !== "pause") this.move(command, stop, changesBefore);
  }

  private move(command: Command, stop: Stop, changesBefore: number): void {
    const { reason } = stop;
    if (reason === "failed" || reason === "stopped") return;
    const isItself = reason !== "paused" && reason !== "superseded" && this.sets === changesBefore;
    this.commands.push(...(isItself ? [command] : this.wayTo(stop, FORWARD.has(command.verb))));
  }

  private wayTo({ position: { date }, step, timeUs }: Stop, forward: boolean): Command[] {
    const words = [date, this.clock.time(timeUs)];
    if (step === undefined) return [{ verb: forward ? "until" : "goto", words }];
    const toStep = { verb: "until", words: [`phase=${step}`, "if", `day=${date}`] };
    return forward ? [toStep] : [{ verb: "goto", words }, toStep];
  }

  /** A command a line. */
  lines(): string[] {
    return this.commands.map(formatCommand);
  }
}
