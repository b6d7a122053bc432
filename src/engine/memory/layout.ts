/** Lays typed fields out in one SharedArrayBuffer, 8-byte aligned: allocate once, attach per thread. */

const KINDS = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i32: Int32Array,
  i64: BigInt64Array,
  f64: Float64Array,
} as const;
export type FieldKind = keyof typeof KINDS;

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly length: number;
}

export interface PlacedField extends Field {
  readonly offset: number;
  readonly bytes: number;
}

export interface Layout {
  readonly fields: readonly PlacedField[];
  readonly byteLength: number;
}

/** Places the fields one behind the other. */
export function layOut(fields: readonly Field[]): Layout {
  let offset = 0;
  const placed = fields.map((field) => {
    const bytes = KINDS[field.kind].BYTES_PER_ELEMENT * field.length;
    const at = offset;
    offset += Math.ceil(bytes / 8) * 8;
    return { ...field, offset: at, bytes };
  });
  return { fields: placed, byteLength: Math.max(offset, 8) };
}

/** A view of field `name`, of the array type its kind names. */
export function view<Kind extends FieldKind>(
  buffer: SharedArrayBuffer,
  layout: Layout,
  name: string,
  kind: Kind,
): InstanceType<(typeof KINDS)[Kind]> {
  const field = layout.fields.find((f) => f.name === name);
  if (!field || field.kind !== kind) throw new Error(`bardeck bug: no field ${name} of kind ${kind} in the layout`);
  const TypedArray = KINDS[kind] as new (buffer: ArrayBufferLike, offset: number, length: number) => unknown;
  return new TypedArray(buffer, field.offset, field.length) as InstanceType<(typeof KINDS)[Kind]>;
}

/** The layout as text, a line a field: for people, and for the test that pins it. */
export function describeLayout(layout: Layout): string {
  return layout.fields
    .map((f) => `${String(f.offset).padStart(9)}  ${f.kind.padEnd(3)} × ${String(f.length).padEnd(8)} ${f.name}`)
    .join("\n");
}
