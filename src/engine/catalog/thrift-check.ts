/**
 * Walks a structure of Thrift's compact protocol without building it. hyparquet allocates lists from
 * the sizes they declare; here every declared size is held against the bytes that are left first.
 */

/** No footer is nested deeper; a damaged one may be, until the stack is gone. */
const MAX_DEPTH = 32;

/** Checks the structure that begins at `offset`. Throws an `Error` for one that does not fit its bytes. */
export function checkThrift(bytes: Uint8Array, offset: number): void {
  new Walker(bytes, offset).struct(0);
}

class Walker {
  constructor(
    private readonly bytes: Uint8Array,
    private offset: number,
  ) {}

  struct(depth: number): void {
    if (depth > MAX_DEPTH) throw new Error("it is nested too deep");
    for (;;) {
      const header = this.byte();
      const type = header & 0x0f;
      if (type === 0) return;
      if (header >> 4 === 0) this.varint();
      this.element(type, depth);
    }
  }

  private element(type: number, depth: number): void {
    switch (type) {
      case 1: // true
      case 2: // false
        return;
      case 3:
        return this.skip(1);
      case 4: // 16, 32 and 64 bits
      case 5:
      case 6:
        this.varint();
        return;
      case 7:
        return this.skip(8);
      case 8:
        return this.skip(this.varint());
      case 9:
        return this.list(depth);
      case 12:
        return this.struct(depth + 1);
      default:
        throw new Error(`it has a field of the unknown type ${type}`);
    }
  }

  private list(depth: number): void {
    const header = this.byte();
    const type = header & 0x0f;
    const size = header >> 4 === 15 ? this.varint() : header >> 4;
    // Every element takes a byte at least.
    if (size > this.bytes.length - this.offset)
      throw new Error(`it has a list of ${size} entries in ${this.bytes.length - this.offset} bytes`);
    for (let i = 0; i < size; i++) {
      if (type === 1 || type === 2) this.skip(1);
      else this.element(type, depth + 1);
    }
  }

  private skip(count: number): void {
    if (count > this.bytes.length - this.offset) throw new Error("it ends too early");
    this.offset += count;
  }

  private byte(): number {
    if (this.offset >= this.bytes.length) throw new Error("it ends too early");
    return this.bytes[this.offset++];
  }

  private varint(): number {
    let value = 0;
    for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new Error("it has a number of more than 64 bits");
  }
}
