/**
 * The one file that knows tslab, a Jupyter kernel for TypeScript: how to show things in it, how it is interrupted and
 * closed, and how to start one in which `import … from "bardeck"` works in any folder.
 *
 * The kernel leaves `__tslab__` in the global scope: the variables of all cells, and a `require` whose "tslab" is the
 * kernel's own copy. Its public way out sends one mime type at a time; the module behind it takes whole bundles.
 */
/* oxlint-disable no-underscore-dangle -- names of tslab and of Node's loader */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bundle, Host } from "./front-end.js";

interface TslabGlobal {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly require: NodeJS.Require;
}

/** tslab/dist/jupyter.js. The function is that of the cell that runs, or ran last. */
interface JupyterModule {
  readonly lastWriteDisplayData: ((data: object, update: boolean) => void) | null;
  readonly ZmqServer: { readonly prototype: { close(): void } };
}

/** The kernel this runs in; undefined when it is none of tslab. */
export function tslabHost(): Host | undefined {
  const kernel = (globalThis as { __tslab__?: Partial<TslabGlobal> }).__tslab__;
  if (typeof kernel?.require !== "function" || kernel.exports === undefined) return undefined;
  const { exports, require } = kernel as TslabGlobal;
  const jupyter = jupyterModule(require);
  if (jupyter === undefined) return undefined;
  const send = (bundle: Bundle, transient: object, update: boolean): void =>
    jupyter.lastWriteDisplayData?.({ data: bundle, metadata: {}, transient }, update);
  return {
    hasCells: true,
    show: (bundle) => send(bundle, {}, false),
    panel: () => {
      const transient = { display_id: randomUUID() };
      let isShown = false;
      return {
        update: (bundle) => {
          send(bundle, transient, isShown);
          isShown = true;
        },
      };
    },
    variables: () => new Map(Object.entries(exports)),
    listen: ({ interrupted, closed }) => {
      process.on("SIGINT", interrupted);
      const server = jupyter.ZmqServer.prototype;
      const close = server.close;
      server.close = function (this: unknown) {
        closed();
        close.call(this);
      };
    },
  };
}

/** The module beside the kernel's own "tslab": another copy may have been loaded to find it. */
function jupyterModule(require: NodeJS.Require): JupyterModule | undefined {
  const api: unknown = require("tslab");
  const loaded = Object.values(require.cache).filter((module) => module !== undefined);
  const entry = loaded.find((module) => module.exports === api);
  if (entry === undefined) return undefined;
  const name = join(dirname(entry.filename), "jupyter.js");
  return loaded.find((module) => module.filename === name)?.exports as JupyterModule | undefined;
}

// ---- starting a kernel ----

type FileName = (name: string) => string;

/** The part of TypeScript's `sys` that takes names of files. */
type TypeScriptFiles = Record<string, ((name: string, ...rest: unknown[]) => unknown) | undefined>;

/** A node of TypeScript's syntax tree, and the part of TypeScript that reads a cell. */
interface SyntaxNode {
  readonly name?: { readonly text: string };
  getStart(): number;
}
interface TypeScript {
  readonly sys: TypeScriptFiles;
  readonly ScriptTarget: { readonly ES2022: number };
  createSourceFile(name: string, text: string, target: number, setParents: boolean): SyntaxNode;
  forEachChild(node: SyntaxNode, visit: (child: SyntaxNode) => void): void;
  isShorthandPropertyAssignment(node: SyntaxNode): boolean;
}

/** tslab/dist/converter.js: makes JavaScript of a cell. */
interface Converter {
  convert(declarations: string, cell: string): { readonly diagnostics: readonly unknown[] };
}
const FILE_FUNCTIONS = ["readFile", "fileExists", "directoryExists", "getDirectories", "readDirectory", "realpath"];

/**
 * Starts a tslab kernel on a Jupyter connection file, in the present folder. There, "bardeck" means the one that is
 * installed in or above the folder, and this one when there is none.
 */
export function startTslab(configPath: string): void {
  const require = createRequire(import.meta.url);
  const tslab = dirname(require.resolve("tslab/package.json"));
  const ofTslab = createRequire(join(tslab, "package.json"));
  const forwards: FileName[] = [];
  const nodeTypes = folderOf("@types/node", ofTslab);
  if (nodeTypes !== undefined) forwards.push(forward(join(tslab, "node_modules", "@types", "node"), nodeTypes));
  if (!isInstalledAbove(process.cwd(), "bardeck")) {
    const home = dirname(require.resolve("bardeck/package.json"));
    forwards.push(forward(join(process.cwd(), "node_modules", "bardeck"), home));
    resolveAs("bardeck", require.resolve("bardeck"));
  }
  const typescript = ofTslab("@tslab/typescript-for-tslab") as TypeScript;
  const { sys } = typescript;
  for (const name of FILE_FUNCTIONS) {
    const original = sys[name];
    if (original)
      sys[name] = (file, ...rest) =>
        original(
          forwards.reduce((path, to) => to(path), file),
          ...rest,
        );
  }
  understandShorthand(ofTslab("./dist/converter.js") as { createConverter(...rest: unknown[]): Converter }, typescript);
  leaveWithClient();
  const { startKernel } = ofTslab("./dist/main.js") as { startKernel(options: object): void };
  startKernel({ configPath, enableFindLocal: false });
}

/** Milliseconds between two looks at whether the client is there. */
const LOOK_MS = 1000;

/** A client that dies cannot tell its kernel to leave. Clients give their number in the environment, for kernels that look (ipykernel does). */
function leaveWithClient(): void {
  const client = Number(process.env.JPY_PARENT_PID);
  if (process.ppid !== client) return; // none is given, or something stands between, which may end by itself
  setInterval(() => {
    if (process.ppid !== client) process.exit(0);
  }, LOOK_MS).unref();
}

/**
 * The kernel finds a variable of an earlier cell everywhere but in the short form `{ x }`, which fails with "x is not defined". It is given
 * `{ x: x }` instead, which means the same. A cell with errors is converted as it was written, so that their places are right.
 */
function understandShorthand(module: { createConverter(...rest: unknown[]): Converter }, typescript: TypeScript): void {
  const original = module.createConverter;
  module.createConverter = (...rest) => {
    const converter = original(...rest);
    const convert = converter.convert.bind(converter);
    converter.convert = (declarations, cell) => {
      const long = withoutShorthand(cell, typescript);
      const converted = long === cell ? undefined : convert(declarations, long);
      return converted?.diagnostics.length === 0 ? converted : convert(declarations, cell);
    };
    return converter;
  };
}

/** `{ x, y = 1 }` of objects as `{ x: x, y: y = 1 }`. */
function withoutShorthand(cell: string, typescript: TypeScript): string {
  const names: { readonly at: number; readonly name: string }[] = [];
  const visit = (node: SyntaxNode): void => {
    if (typescript.isShorthandPropertyAssignment(node) && node.name)
      names.push({ at: node.getStart(), name: node.name.text });
    typescript.forEachChild(node, visit);
  };
  visit(typescript.createSourceFile("cell.ts", cell, typescript.ScriptTarget.ES2022, true));
  return names.reduceRight((text, { at, name }) => `${text.slice(0, at)}${name}: ${text.slice(at)}`, cell);
}

/** Names below `from` mean what is below `to`. TypeScript writes `/` on every system. */
function forward(from: string, to: string): FileName {
  const prefix = from.split(sep).join("/");
  return (name) => (name === prefix || name.startsWith(`${prefix}/`) ? to + name.slice(prefix.length) : name);
}

function folderOf(name: string, require: NodeJS.Require): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

function isInstalledAbove(folder: string, name: string): boolean {
  if (existsSync(join(folder, "node_modules", name, "package.json"))) return true;
  const above = dirname(folder);
  return above !== folder && isInstalledAbove(above, name);
}

/** `require(name)` finds `file` where it finds nothing else. */
function resolveAs(name: string, file: string): void {
  const loader = Module as unknown as { _resolveFilename(request: string, ...rest: unknown[]): string };
  const original = loader._resolveFilename;
  loader._resolveFilename = function (request, ...rest) {
    return request === name ? file : original.call(this, request, ...rest);
  };
}

/** The file a kernel.json names: starts the kernel on the connection file it is given. */
export const KERNEL_FILE = fileURLToPath(new URL("./start-kernel.js", import.meta.url));
