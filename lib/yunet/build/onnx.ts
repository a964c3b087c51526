/**
 * Reads what the build needs of an ONNX file: the nodes in their order, and the arrays of f32.
 *
 * ONNX is a protobuf. A message is a list of fields, each with a key and a value:
 *
 *     key = number << 3 | type     a varint: 7 bits a byte, least significant first, bit 7: another byte follows
 *     type 0                       a varint
 *     type 1, 5                    8 bytes, 4 bytes
 *     type 2                       a length (varint) and as many bytes: text, an array or a message
 *
 * Numbers of the fields that are read (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto):
 *
 *     ModelProto   7 graph
 *     GraphProto   1 node, 5 initializer
 *     NodeProto    1 input, 2 output, 4 operator
 *     TensorProto  1 dimension, 2 data type (1: f32), 8 name, 9 data
 */

/** An operation of the graph. Inputs and outputs are names of values or of arrays. */
export interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
}

/** An array of constants. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A graph with its constants by name. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Throws an Error when the bytes are no ONNX file. */
export function readOnnx(bytes: Uint8Array): Graph {
  const graph = new Message(bytes).part(7);
  return {
    nodes: graph.parts(1).map((node) => ({
      operator: node.text(4),
      inputs: node.all(1).map(textOf),
      output: node.text(2),
    })),
    tensors: new Map(
      graph.parts(5).filter((tensor) => tensor.number(2) === F32).map((
        tensor,
      ) => [tensor.text(8), tensorOf(tensor)]),
    ),
  };
}

/** TensorProto.DataType.FLOAT */
const F32 = 1;

function tensorOf(tensor: Message): Tensor {
  // The data may begin at any byte, so it is copied.
  const values = new Float32Array(Uint8Array.from(tensor.bytes(9)).buffer);
  return { shape: tensor.all(1).map(Number), values };
}

type Value = number | Uint8Array;

function textOf(value: Value): string {
  return new TextDecoder().decode(value as Uint8Array);
}

/** The fields of a message, by number. */
class Message {
  readonly #fields = new Map<number, Value[]>();

  constructor(bytes: Uint8Array) {
    const reader = new Reader(bytes);
    while (!reader.atEnd) {
      const key = reader.varint();
      const values = this.#fields.get(key >> 3) ?? [];
      values.push(reader.value(key & 7));
      this.#fields.set(key >> 3, values);
    }
  }

  all(field: number): readonly Value[] {
    return this.#fields.get(field) ?? [];
  }

  number(field: number): number | undefined {
    return this.all(field)[0] as number | undefined;
  }

  bytes(field: number): Uint8Array {
    const [value] = this.all(field);
    if (!(value instanceof Uint8Array)) throw new Error(`no ONNX file: field ${field} is missing`);
    return value;
  }

  text(field: number): string {
    return textOf(this.bytes(field));
  }

  part(field: number): Message {
    return new Message(this.bytes(field));
  }

  parts(field: number): Message[] {
    return this.all(field).map((value) => new Message(value as Uint8Array));
  }
}

class Reader {
  #at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.#at >= this.bytes.length;
  }

  /** Exact up to 2^53, which no length or dimension reaches. */
  varint(): number {
    for (let value = 0, factor = 1;; factor *= 128) {
      const byte = this.#take(1)[0];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  value(type: number): Value {
    if (type === 0) return this.varint();
    if (type === 1) return this.#take(8);
    if (type === 2) return this.#take(this.varint());
    if (type === 5) return this.#take(4);
    throw new Error(`no ONNX file: field of type ${type}`);
  }

  #take(length: number): Uint8Array {
    if (this.#at + length > this.bytes.length) throw new Error("no ONNX file: it ends within a field");
    return this.bytes.subarray(this.#at, this.#at += length);
  }
}
