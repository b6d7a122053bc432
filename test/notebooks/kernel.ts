/**
 * A Jupyter client of its own: starts a kernel as a front end would, from the `argv` of a kernel.json and a connection
 * file, and speaks the protocol over zeromq. No Python. Knows nothing of bardeck or tslab.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, Subscriber } from "zeromq";

/** Values by mime type. */
export type MimeBundle = Record<string, string>;

/** An output of a cell, as the notebook format has it. */
export type Output =
  | { readonly output_type: "stream"; readonly name: "stdout" | "stderr"; text: string }
  | { readonly output_type: "display_data"; data: MimeBundle; readonly metadata: object };

/** What has become of a cell. `outputs` keeps growing when something is printed later. */
export interface Cell {
  readonly status: "ok" | "error" | "aborted";
  readonly count: number;
  readonly outputs: readonly Output[];
  /** All stdout, and all stderr. */
  readonly stdout: string;
  readonly stderr: string;
  /** Values shown, each as it is now. */
  readonly shown: readonly MimeBundle[];
  /** Resolves when the outputs are as asked for. */
  until(isSo: (cell: Cell) => boolean): Promise<void>;
}

export interface KernelOptions {
  /** `{connection_file}` stands for the connection file. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

interface Message {
  readonly type: string;
  readonly parent: string;
  readonly content: any;
}

const DELIMITER = "<IDS|MSG>";

export class Kernel {
  private readonly session = randomUUID();
  private readonly waiting = new Map<string, (message: Message) => void>();
  private readonly idle = new Map<string, () => void>();
  private readonly cells = new Map<string, RunningCell>();
  private readonly displays = new Map<string, { data: MimeBundle }>();
  /** Resolves with the exit code, or the signal, when the process has ended. */
  readonly exited: Promise<number | string>;

  private constructor(
    readonly process: ChildProcess,
    private readonly key: string,
    private readonly shell: Dealer,
    private readonly control: Dealer,
    iopub: Subscriber,
    folder: string,
  ) {
    this.exited = new Promise((resolve) => {
      process.once("exit", (code, signal) => {
        for (const socket of [shell, control, iopub]) socket.close();
        rmSync(folder, { recursive: true, force: true });
        for (const settle of this.waiting.values()) settle({ type: "died", parent: "", content: { status: "error" } });
        resolve(code ?? signal ?? "unknown");
      });
    });
    for (const socket of [shell, control, iopub]) void this.listen(socket);
  }

  /** Starts a kernel and waits until it answers and its outputs are heard. */
  static async start({ argv, cwd, env }: KernelOptions): Promise<Kernel> {
    const folder = mkdtempSync(join(tmpdir(), "kernel-"));
    const ports = await freePorts(5);
    const key = randomUUID();
    const file = join(folder, "connection.json");
    const names = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"];
    const connection = { transport: "tcp", ip: "127.0.0.1", signature_scheme: "hmac-sha256", key };
    writeFileSync(file, JSON.stringify({ ...connection, ...Object.fromEntries(names.map((n, i) => [n, ports[i]])) }));
    const [command, ...rest] = argv.map((part) => part.replace("{connection_file}", file));
    const child = spawn(command, rest, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => said.push(String(chunk)));
    const sockets = [new Dealer({ linger: 0 }), new Dealer({ linger: 0 }), new Subscriber({ linger: 0 })] as const;
    const [shell, control, iopub] = sockets;
    shell.connect(`tcp://127.0.0.1:${ports[0]}`);
    iopub.connect(`tcp://127.0.0.1:${ports[1]}`);
    control.connect(`tcp://127.0.0.1:${ports[3]}`);
    iopub.subscribe();
    const kernel = new Kernel(child, key, shell, control, iopub, folder);
    await Promise.race([
      kernel.ready(),
      kernel.exited.then((code) => Promise.reject(new Error(`the kernel ended (${code}): ${said.join("")}`))),
    ]);
    return kernel;
  }

  /** Asks until an answer's `idle` has come over the output channel too: what is sent before somebody listens is lost. */
  private async ready(): Promise<void> {
    for (;;) {
      const id = randomUUID();
      const heard = new Promise<boolean>((resolve) => this.idle.set(id, () => resolve(true)));
      await this.request(this.shell, "kernel_info_request", {}, id);
      if (await Promise.race([heard, afterTurns(50)])) return;
      this.idle.delete(id);
    }
  }

  /** Runs a cell; resolves when the kernel has answered and is idle. Rejects when the kernel ends on the way. */
  async execute(code: string): Promise<Cell> {
    return this.begin(code).done;
  }

  /** Starts a cell: `cell` fills while it runs. */
  begin(code: string): { readonly cell: Cell; readonly done: Promise<Cell> } {
    const id = randomUUID();
    const cell = new RunningCell();
    this.cells.set(id, cell);
    const idle = new Promise<void>((resolve) => this.idle.set(id, resolve));
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
    const reply = this.request(this.shell, "execute_request", content, id);
    const run = async (): Promise<Cell> => {
      const { content: answer } = await reply;
      await Promise.race([idle, this.exited]);
      cell.status = answer.status === "abort" ? "aborted" : answer.status;
      cell.count = answer.execution_count ?? 0;
      return cell;
    };
    return { cell, done: run() };
  }

  /** What completion offers at the end of the text. */
  async complete(code: string): Promise<string[]> {
    const { content } = await this.request(this.shell, "complete_request", { code, cursor_pos: code.length });
    return content.matches;
  }

  /** What hovering over the last character of the text shows. */
  async hover(code: string): Promise<string> {
    const request = { code, cursor_pos: code.length, detail_level: 0 };
    const { content } = await this.request(this.shell, "inspect_request", request);
    return content.data["text/plain"] ?? "";
  }

  /**
   * The stop button. Not in the instant in which the kernel writes to its sockets, where a signal makes tslab deaf for good one time in
   * fifteen: a cell that says how far it is in order to be interrupted must not print it.
   */
  interrupt(): void {
    this.process.kill("SIGINT");
  }

  /** Asks the kernel to end, as a front end does; resolves with its exit code. */
  async shutdown(): Promise<number | string> {
    if (this.process.exitCode === null)
      void this.request(this.control, "shutdown_request", { restart: false }).catch(() => {});
    return this.exited;
  }

  /** Ends the process if it has not ended. */
  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill("SIGKILL");
    await this.exited;
  }

  private async request(socket: Dealer, type: string, content: object, id: string = randomUUID()): Promise<Message> {
    const header = { msg_id: id, session: this.session, username: "test", date: "", msg_type: type, version: "5.3" };
    const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
    const hmac = createHmac("sha256", this.key);
    for (const part of parts) hmac.update(part);
    const answer = new Promise<Message>((resolve) => this.waiting.set(id, resolve));
    await socket.send([DELIMITER, hmac.digest("hex"), ...parts]);
    const message = await answer;
    if (message.type === "died") throw new Error(`the kernel ended during ${type}`);
    return message;
  }

  private async listen(socket: Dealer | Subscriber): Promise<void> {
    for await (const frames of socket) {
      const texts = frames.map(String);
      const [header, parent, , content] = texts.slice(texts.indexOf(DELIMITER) + 2).map((text) => JSON.parse(text));
      const message = { type: header.msg_type, parent: parent.msg_id ?? "", content };
      if (socket instanceof Subscriber) this.heard(message);
      else {
        this.waiting.get(message.parent)?.(message);
        this.waiting.delete(message.parent);
      }
    }
  }

  private heard({ type, parent, content }: Message): void {
    if (type === "status") {
      if (content.execution_state === "idle") this.idle.get(parent)?.();
      return;
    }
    const id: string | undefined = content.transient?.display_id;
    const cell = this.cells.get(parent);
    if (type === "stream") cell?.print(content.name, content.text);
    else if (type === "update_display_data" && id !== undefined) {
      const shown = this.displays.get(id);
      if (shown) shown.data = content.data;
      cell?.updated();
    } else if (type === "display_data" || type === "execute_result") {
      const output = { output_type: "display_data" as const, data: content.data as MimeBundle, metadata: {} };
      if (id !== undefined) this.displays.set(id, output);
      cell?.outputs.push(output);
      cell?.updated();
    } else if (type === "error") cell?.print("stderr", content.traceback.join("\n"));
  }
}

class RunningCell implements Cell {
  status: "ok" | "error" | "aborted" = "ok";
  count = 0;
  readonly outputs: Output[] = [];
  private readonly watchers = new Set<() => void>();

  get stdout(): string {
    return this.text("stdout");
  }

  get stderr(): string {
    return this.text("stderr");
  }

  get shown(): readonly MimeBundle[] {
    return this.outputs.flatMap((output) => (output.output_type === "display_data" ? [output.data] : []));
  }

  print(name: "stdout" | "stderr", text: string): void {
    const last = this.outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else this.outputs.push({ output_type: "stream", name, text });
    this.updated();
  }

  until(isSo: (cell: Cell) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo(this)) return;
        this.watchers.delete(look);
        resolve();
      };
      this.watchers.add(look);
      look();
    });
  }

  updated(): void {
    for (const look of this.watchers) look();
  }

  private text(name: "stdout" | "stderr"): string {
    return this.outputs
      .map((output) => (output.output_type === "stream" && output.name === name ? output.text : ""))
      .join("");
  }
}

/** False after so many turns of the event loop in which something came or a millisecond passed. */
async function afterTurns(count: number): Promise<boolean> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 1));
  return false;
}

/** Ports that are free now, all held until each is known. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
