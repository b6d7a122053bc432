/**
 * Where this runs: in a tslab kernel, in Deno's kernel, or in a plain script. The rest of this folder asks `host()` and
 * knows none of them.
 */
import type { Bundle, Host } from "./front-end.js";
import { tslabHost } from "./tslab.js";

let found: Host | undefined;

export function host(): Host {
  return (found ??= tslabHost() ?? denoHost() ?? plainHost());
}

interface DenoJupyter {
  broadcast(type: string, content: object): Promise<void>;
}

function denoHost(): Host | undefined {
  const { Deno } = globalThis as { Deno?: { jupyter?: DenoJupyter } };
  let jupyter: DenoJupyter | undefined;
  try {
    jupyter = Deno?.jupyter; // throws outside of a kernel
  } catch {
    return undefined;
  }
  if (jupyter === undefined) return undefined;
  const send = (type: string, data: Bundle, id?: string): void => {
    void jupyter.broadcast(type, { data, metadata: {}, transient: id === undefined ? {} : { display_id: id } });
  };
  let panels = 0;
  return {
    hasCells: true,
    show: (bundle) => send("display_data", bundle),
    panel: () => {
      const id = `bardeck-${Date.now()}-${(panels += 1)}`;
      let type = "display_data";
      return {
        update: (bundle) => {
          send(type, bundle, id);
          type = "update_display_data";
        },
      };
    },
    variables: () => new Map(),
    listen: () => {},
  };
}

/** A script: text on stdout. A panel prints its first state and, with the next line feed of its text, every other. */
function plainHost(): Host {
  const show = (bundle: Bundle): void => console.log(bundle["text/plain"]);
  return { hasCells: false, show, panel: () => ({ update: show }), variables: () => new Map(), listen: () => {} };
}
