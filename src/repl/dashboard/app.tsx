/**
 * The tree that Ink lays out: bands, columns, blocks. Layout only; what a block says was decided before.
 */
import { Box } from "ink";
import { createElement, memo, type ReactElement } from "react";
import type { Block, Frame } from "./frame.js";

export function App({ frame }: { readonly frame: Frame }): ReactElement {
  return (
    <Box flexDirection="column" width={frame.columns} height={frame.rows}>
      {frame.bands.map((band, b) => (
        <Box key={b} flexShrink={0}>
          {band.map((column, c) => (
            <Box key={c} flexDirection="column" flexShrink={0}>
              {column.map((block) => (
                <TextBlock key={block.key} block={block} />
              ))}
            </Box>
          ))}
        </Box>
      ))}
    </Box>
  );
}

/**
 * Text of a known size. Ink's own `Text` would have Yoga measure it, and Ink keeps every text it has ever measured: at
 * fifteen frames a second that is a leak. A size given in both directions is not measured.
 */
const TextBlock = memo(({ block: { width, height, text } }: { readonly block: Block }): ReactElement => {
  const style = { width, height, flexShrink: 0, textWrap: "truncate" };
  return createElement("ink-text", { style }, text);
});
