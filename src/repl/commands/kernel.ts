/** `bardeck kernel install`: tells Jupyter of the TypeScript kernel by writing its kernel.json. Needs no Python. */
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { escapeName, FileError, makeFolders, UsageError } from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { KERNEL_FILE } from "../notebook/tslab.js";
import { readOutputOptions } from "../options/read-options.js";
import { createPrinter } from "../output/printer.js";
import { readVersion } from "../version.js";

/** The name every tslab kernel has, so that its notebooks open with this one. */
const KERNEL_NAME = "tslab";
const DISPLAY_NAME = "TypeScript (bardeck)";

/** The folder of a user's kernels, as Jupyter looks for it. */
export function jupyterDataFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const named = (variable: string): string | undefined => {
    const value = env[variable];
    return value && isAbsolute(value) ? value : undefined;
  };
  const own = named("JUPYTER_DATA_DIR");
  if (own !== undefined) return own;
  if (platform === "darwin") return join(home, "Library", "Jupyter");
  if (platform === "win32") return join(named("APPDATA") ?? join(home, "AppData", "Roaming"), "jupyter");
  return join(named("XDG_DATA_HOME") ?? join(home, ".local", "share"), "jupyter");
}

export async function kernel(context: CommandContext, action: string, prefix?: string): Promise<number> {
  if (action !== "install")
    throw new UsageError(
      `${["bardeck kernel", escapeName(action)].filter(Boolean).join(" ")}: what shall it do?`,
      "bardeck kernel install",
    );
  if (prefix === "") throw new UsageError("--prefix is empty", "name a folder");
  const data = prefix === undefined ? jupyterDataFolder(context.env) : resolve(prefix, "share", "jupyter");
  const folder = join(data, "kernels", KERNEL_NAME);
  const done = await writeSpec(folder).catch((error: NodeJS.ErrnoException) => {
    throw new FileError("cannot-write", `cannot write ${folder}: ${error.message}`, "--prefix names another folder");
  });
  const printer = createPrinter(context, readOutputOptions({}));
  const found =
    prefix === undefined
      ? []
      : [
          ``,
          `Jupyter finds it there when it is installed under that prefix; else set`,
          `  JUPYTER_PATH=${escapeName(data)}`,
        ];
  await printer.results([
    `${done}: the kernel "${DISPLAY_NAME}"`,
    `  ${escapeName(join(folder, "kernel.json"))}`,
    `It starts this bardeck with this Node, ${escapeName(process.execPath)}; after moving either, run this again.`,
    ...found,
    ``,
    `Jupyter Lab:  jupyter lab            then New → Notebook → ${DISPLAY_NAME}`,
    `VS Code:      the extension Jupyter, then Select Kernel → Jupyter Kernel → ${DISPLAY_NAME}`,
    `A first cell: import { open } from "bardeck"; const s = await open("demo"); s`,
  ]);
  return EXIT.ok;
}

/** Writes the kernel.json; one of somebody else is kept beside it. Returns what has been done, in a word. */
async function writeSpec(folder: string): Promise<string> {
  const file = join(folder, "kernel.json");
  const spec = {
    argv: [process.execPath, KERNEL_FILE, "{connection_file}"],
    display_name: DISPLAY_NAME,
    language: "typescript",
    metadata: { bardeck: readVersion() },
  };
  const text = `${JSON.stringify(spec, null, 2)}\n`;
  const before = existsSync(file) ? await readFile(file, "utf8") : undefined;
  if (before === text) return "Registered already";
  await makeFolders(folder);
  const isOthers = before !== undefined && !before.includes(`"bardeck"`);
  if (isOthers) await rename(file, join(folder, "kernel.json.before-bardeck"));
  await writeFile(file, text);
  if (isOthers) return "Registered (the kernel.json that was there is kept as kernel.json.before-bardeck)";
  return before === undefined ? "Registered" : "Registered anew";
}
