import { it } from "vitest";
import { Kernel } from "/work/wt/notebooks/test/notebooks/kernel.js";
it("tries", async () => {
  const t0 = performance.now();
  const k = await Kernel.start({
    argv: ["node", "/work/wt/notebooks/dist/repl/notebook/start-kernel.js", "{connection_file}"],
    cwd: process.env.KCWD ?? "/work/wt/notebooks/notebooks",
  });
  console.log("ready", performance.now() - t0);
  for (const code of (process.env.CELLS ?? "1+1").split("\n---\n")) {
    const t = performance.now();
    const c = await k.execute(code);
    console.log(
      JSON.stringify({ code, status: c.status, count: c.count, outputs: c.outputs }, null, 1),
      (performance.now() - t).toFixed(0),
      "ms",
    );
  }
  console.log("COMPLETE", await k.complete(process.env.COMP ?? ""));
  console.log("HOVER", await k.hover(process.env.HOV ?? ""));
  console.log("exit", await k.shutdown());
});
