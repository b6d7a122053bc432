/**
 * The declaration files are for TypeScript 5.0, which tslab embeds, with Node10 resolution. Needs dist (npm test
 * builds it).
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type typescript from "typescript";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const fromTslab = createRequire(createRequire(import.meta.url).resolve("tslab/package.json"));
/** The compiler of the kernel itself. */
const ts = fromTslab("@tslab/typescript-for-tslab") as typeof typescript;

/** Every line must compile as it stands in a strict project. */
const CONSUMER = `
import { open, compare, Session, Time, View, Table, Stop, type OpenOptions, type QualityRow } from "bardeck";
export async function use(): Promise<number> {
  const options: OpenOptions = { symbols: ["SPY"], from: "2013-10-04", onConflict: "last", fill: "forward" };
  const s: Session = await open("demo", options);
  const stop: Stop = await s.step(1, "minute");
  const hit = await s.until((v: View) => v.quality("TSLA").percent < 95);
  const rows: QualityRow[] = s.quality().rows();
  const close: Float64Array = s.bars("AAPL", "5m", { asOf: "10:15", last: 3 }).columns().close;
  const time: Time = s.time;
  const zone: string | null = time.toLuxon().zoneName;
  const off: () => void = s.on("stop", ({ why }) => console.log(why));
  s.break("phase=deactivate", { temporary: true });
  await s.goto(new Date());
  const found = await compare(s, "run1.ndjson");
  const table: Table<{ readonly bars: number }> = s.gaps();
  s[Symbol.asyncDispose]();
  return stop.bars + hit.bars + rows.length + close.length + Number(zone) + Number(found.equal) + table.length + Number(off());
}
`;

/** The last program: what it has read is not read again. */
let known: typescript.Program | undefined;

/** What the compiler says of a consumer; the first time also of everything it imports. */
function diagnose(source: string): string[] {
  const file = join(ROOT, "consumer.ts");
  const options: typescript.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts"],
    types: ["node"],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, directoryExists } = host;
  /** As if the package were installed: its own name means this folder. */
  const real = (name: string): string => name.replace(join(ROOT, "node_modules/bardeck"), ROOT.replace(/\/$/, ""));
  host.fileExists = (name) => name === file || fileExists(real(name));
  host.directoryExists = (name) => directoryExists!(real(name));
  host.readFile = (name) => (name === file ? source : readFile(real(name)));
  const read = host.getSourceFile;
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : read(name, ...rest);
  host.realpath = real;
  const program = ts.createProgram([file], options, host, known);
  // All that is imported is looked at once: it is the same for every consumer.
  const ours = ts
    .getPreEmitDiagnostics(program, known && program.getSourceFile(file))
    .filter(({ file: where }) => !where?.fileName.includes("/node_modules/"));
  known = program;
  return ours.map(
    ({ file: where, messageText }) =>
      `${where ? where.fileName.slice(ROOT.length) : ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
  );
}

it("compile under TypeScript 5.0 in a strict project, the engine's too", () => {
  expect(ts.version).toMatch(/^5\.0\./);
  expect(diagnose(CONSUMER)).toEqual([]);
});

it("tell what is wrong with a literal", () => {
  const wrong = CONSUMER.replace('"minute")', '"minutes")').replace('"last", fill', '"lats", fill');
  expect(diagnose(wrong)).toEqual([
    expect.stringContaining(`Type '"lats"' is not assignable to type '"first" | "last" | "error" | undefined'`),
    expect.stringContaining(`Argument of type '"minutes"' is not assignable`),
  ]);
});

/** Methods and getters of the classes, and functions (constants that are called too), that are exported and lack words or, if they are called, an example. */
function undocumented(entry: string, callable: readonly string[]): string[] {
  const program = ts.createProgram([entry], { moduleResolution: ts.ModuleResolutionKind.Node10, types: ["node"] });
  const checker = program.getTypeChecker();
  const resolved = (symbol: typescript.Symbol): typescript.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const isConstantCalled = (symbol: typescript.Symbol): boolean =>
    (symbol.flags & ts.SymbolFlags.Variable) !== 0 && checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;
  const lacks = (name: string, symbol: typescript.Symbol): string[] => {
    const isCalled =
      (symbol.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Function)) !== 0 || isConstantCalled(symbol);
    const hasExample = symbol.getJsDocTags(checker).some((tag) => tag.name === "example");
    return [
      ...(symbol.getDocumentationComment(checker).length === 0 ? [`${name}: no words`] : []),
      ...(isCalled && !hasExample ? [`${name}: no example`] : []),
    ];
  };
  const exported = checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)
    .filter(({ name }) => callable.includes(name))
    .map(resolved);
  expect(exported).toHaveLength(callable.length);
  return exported.flatMap((symbol) => {
    if (symbol.flags & ts.SymbolFlags.Function || isConstantCalled(symbol)) return lacks(symbol.name, symbol);
    if (!(symbol.flags & ts.SymbolFlags.Class)) return [];
    return [...symbol.members!.values()].flatMap((member) => {
      const isShown = (member.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor)) !== 0;
      const isHidden = ts.getCombinedModifierFlags(member.declarations![0]) & ts.ModifierFlags.Protected;
      const isNamed = !String(member.escapedName).startsWith("__");
      return isShown && !isHidden && isNamed ? lacks(`${symbol.name}.${member.name}`, member) : [];
    });
  });
}

it("document what can be called, with an example each, and what can be read", async () => {
  const entry = join(ROOT, "dist/repl/notebook/index.js");
  const values = Object.entries((await import(entry)) as Record<string, unknown>);
  const callable = values.filter(([, value]) => typeof value === "function" && !(value.prototype instanceof Error));
  expect(
    undocumented(
      join(ROOT, "dist/repl/notebook/index.d.ts"),
      callable.map(([name]) => name),
    ),
  ).toEqual([]);
});
