/**
 * The tree that Ink lays out: bands, columns, blocks. Layout only; what a block says was decided before, and is filled in
 * afterwards (canvas.ts).
 */
import { Box } from "ink";
import { createElement, type ReactElement } from "react";
import { signOf } from "./canvas.js";
import { blocksOf, type Block, type Frame } from "./frame.js";

export function App({ frame }: { readonly frame: Frame }): ReactElement {
  const numbers = new Map(blocksOf(frame).map((block, number) => [block, number]));
  return (
    <Box flexDirection="column" width={frame.columns} height={frame.rows}>
      {frame.bands.map((band, b) => (
        <Box key={b} flexShrink={0}>
          {band.map((column, c) => (
            <Box key={c} flexDirection="column" flexShrink={0}>
              {column.map((block) => (
                <Place key={block.key} block={block} sign={signOf(numbers.get(block)!)} />
              ))}
            </Box>
          ))}
        </Box>
      ))}
    </Box>
  );
}

/**
 * Room of a known size. Ink's own `Text` would have Yoga measure it, and Ink keeps every text it has ever measured; a size
 * given in both directions is not measured.
 */
function Place({ block: { width, height }, sign }: { readonly block: Block; readonly sign: string }): ReactElement {
  return createElement("ink-text", { style: { width, height, flexShrink: 0 } }, sign);
}
