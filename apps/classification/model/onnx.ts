/**
 * Writes ONNX files. The schema is the part of `onnx/onnx.proto` that a graph of float tensors needs, written from
 * the ONNX specification, IR version 8 (https://github.com/onnx/onnx/blob/main/docs/IR.md); field numbers are
 * those of the specification.
 */
import { endianness } from "node:os";
import protobuf from "protobufjs";

const schema = `
  syntax = "proto2";
  message TensorProto {
    repeated int64 dims = 1;
    optional int32 data_type = 2;
    optional string name = 8;
    optional bytes raw_data = 9;
  }
  message AttributeProto {
    optional string name = 1;
    optional float f = 2;
    optional int64 i = 3;
    repeated int64 ints = 8;
    optional int32 type = 20;
  }
  message NodeProto {
    repeated string input = 1;
    repeated string output = 2;
    optional string name = 3;
    optional string op_type = 4;
    repeated AttributeProto attribute = 5;
  }
  message TensorShapeProto {
    message Dimension {
      oneof value { int64 dim_value = 1; string dim_param = 2; }
    }
    repeated Dimension dim = 1;
  }
  message TypeProto {
    message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
    optional Tensor tensor_type = 1;
  }
  message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
  message GraphProto {
    repeated NodeProto node = 1;
    optional string name = 2;
    repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11;
    repeated ValueInfoProto output = 12;
  }
  message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
  message ModelProto {
    optional int64 ir_version = 1;
    optional string producer_name = 2;
    optional GraphProto graph = 7;
    repeated OperatorSetIdProto opset_import = 8;
  }
`;

const ModelProto = protobuf.parse(schema, { keepCase: true }).root.lookupType("ModelProto");

const IR_VERSION = 8;
/** Version of the default operator set; 17 is understood by every onnxruntime since 1.12. */
const OPSET = 17;
/** TensorProto.DataType */
const FLOAT = 1;
const INT64 = 7;
/** AttributeProto.AttributeType: a whole number, a row of whole numbers. */
const ATTRIBUTE = { INT: 2, INTS: 7 };

/** A dimension: a size, or a name for one that is known only when the graph runs. */
export type Dimension = number | string;

/** An operator of the default set with integer attributes, its inputs and outputs by name. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

/** A named tensor of 32-bit floats. */
export interface Value {
  readonly name: string;
  readonly shape: readonly Dimension[];
}

/** A constant in the graph, its values in row-major order; 64-bit integers are what operators take axes as. */
export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A graph of float tensors; nodes in an order in which each one's inputs are known. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly constants: readonly Constant[];
}

/** The bytes of an ONNX file. @throws when a constant's data does not fill its shape */
export function encodeModel(graph: Graph): Uint8Array {
  const message = {
    ir_version: IR_VERSION,
    producer_name: "edgelab",
    opset_import: [{ domain: "", version: OPSET }],
    graph: {
      name: graph.name,
      node: graph.nodes.map(toNode),
      initializer: graph.constants.map(toTensor),
      input: graph.inputs.map(toValueInfo),
      output: graph.outputs.map(toValueInfo),
    },
  };
  const wrong = ModelProto.verify(message);
  if (wrong) throw new Error(`graph ${graph.name} cannot be written as ONNX: ${wrong}`);
  return ModelProto.encode(ModelProto.create(message)).finish();
}

function toNode({ op, inputs, outputs, attributes = {} }: Node) {
  const attribute = Object.entries(attributes).map(([name, value]) =>
    typeof value === "number"
      ? { name, type: ATTRIBUTE.INT, i: value }
      : { name, type: ATTRIBUTE.INTS, ints: [...value] },
  );
  return { input: [...inputs], output: [...outputs], name: outputs[0] ?? op, op_type: op, attribute };
}

function toTensor({ name, shape, data }: Constant) {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (size !== data.length) {
    throw new Error(`constant ${name} has ${data.length} values for shape [${shape.join(", ")}]`);
  }
  const dataType = data instanceof Float32Array ? FLOAT : INT64;
  return { name, dims: [...shape], data_type: dataType, raw_data: littleEndian(data) };
}

/** raw_data is little-endian whatever the machine; on most machines memory is so already. */
function littleEndian(data: Float32Array | BigInt64Array): Uint8Array {
  if (endianness() === "LE") return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = Buffer.from(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  return data instanceof Float32Array ? bytes.swap32() : bytes.swap64();
}

function toValueInfo({ name, shape }: Value) {
  const dim = shape.map((size) => (typeof size === "number" ? { dim_value: size } : { dim_param: size }));
  return { name, type: { tensor_type: { elem_type: FLOAT, shape: { dim } } } };
}
