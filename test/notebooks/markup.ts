/**
 * What Jupyter Lab's sanitizer would take out of an output of a notebook that is not trusted, as after cloning it: tags,
 * attributes and styles beyond those it knows. From its packages/apputils/src/sanitizer.ts, the parts that are used here.
 */
const TAGS = /^(div|span|b|table|thead|tbody|tr|th|td|img|progress|pre|code)$/;
const ATTRIBUTES = /^(style|colspan|src|alt|width|height|value|max)$/;
const COLOR = String.raw`(#[0-9a-f]+|rgba?\([\d.,\s]+\))`;
const STYLES: Readonly<Record<string, RegExp>> = {
  "background-color": new RegExp(`^${COLOR}$`),
  "border-bottom": new RegExp(`^1px solid ${COLOR}$`),
  "border-collapse": /^collapse$/,
  color: new RegExp(`^${COLOR}$`),
  "font-family": /^monospace$/,
  "font-size": /^\d+px$/,
  "font-weight": /^bold$/,
  margin: /^(\d+(px)?\s*){1,4}$/,
  "max-width": /^\d+(px|%)$/,
  overflow: /^auto$/,
  opacity: /^[01](\.\d+)?$/,
  padding: /^(\d+(px)?\s*){1,4}$/,
  "text-align": /^(left|right|center)$/,
  "vertical-align": /^middle$/,
  "white-space": /^nowrap$/,
  width: /^\d+(px|%)$/,
};

export function strayMarkup(html: string): string[] {
  return [...html.matchAll(/<([a-z0-9]+)((?:\s+[a-z-]+="[^"]*")*)\s*>/g)].flatMap(([, tag, attributes]) => {
    const stray = TAGS.test(tag) ? [] : [`<${tag}>`];
    for (const [, name, value] of attributes.matchAll(/([a-z-]+)="([^"]*)"/g)) {
      if (!ATTRIBUTES.test(name)) stray.push(`${name}=`);
      if (name === "style") stray.push(...value.split(";").filter((style) => style.trim() !== "" && !isKnown(style)));
    }
    return stray;
  });
}

function isKnown(style: string): boolean {
  const [name, value] = style.split(/:(.*)/).map((part) => part.trim());
  return STYLES[name]?.test(value) ?? false;
}
