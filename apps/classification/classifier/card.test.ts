import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bindCard, type CardFile, readCard } from "./card.ts";
import { colourCard } from "./testing/colour-model.ts";

/** What a ResNet-50 exported from torchvision needs: logits, ImageNet's mean and deviation. */
const resnet: CardFile = {
  name: "resnet50",
  file: "resnet50.onnx",
  input: {
    width: 224,
    height: 224,
    layout: "NCHW",
    channels: "RGB",
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    resize: "cover",
  },
  output: { activation: "softmax" },
  labelsFile: "labels.txt",
};

function folderOf(card: unknown, files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "card-"));
  writeFileSync(join(folder, "card.json"), typeof card === "string" ? card : JSON.stringify(card));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe("readCard", () => {
  it("reads a ResNet-50's card with its labels from a file", () => {
    const folder = folderOf(resnet, { "labels.txt": "tench\r\ngoldfish\n\nshark\n" });
    expect(readCard(folder)).toMatchObject({
      name: "resnet50",
      modelPath: join(folder, "resnet50.onnx"),
      labels: ["tench", "goldfish", "shark"],
    });
  });

  it("fills in defaults", () => {
    expect(readCard(folderOf(colourCard)).input.resize).toBe("fill");
  });

  const { input } = colourCard;
  it.each<[string, unknown, RegExp]>([
    ["no JSON", "{", /is not JSON/],
    ["an unknown field", { ...colourCard, lables: [] }, /lables/],
    ["no name", { ...colourCard, name: undefined }, /\n {2}name: /],
    ["a layout that is none", { ...colourCard, input: { ...input, layout: "CHW" } }, /input\.layout: /],
    ["an unknown field inside", { ...colourCard, input: { ...input, size: 8 } }, /input: .*size/],
    [
      "a deviation of zero",
      { ...colourCard, input: { ...input, std: [1, 0, 1] } },
      /input\.std: must be greater/,
    ],
    ["two means", { ...colourCard, input: { ...input, mean: [0, 0] } }, /input\.mean/],
    ["a width of zero", { ...colourCard, input: { ...input, width: 0 } }, /input\.width: /],
    ["no labels", { ...colourCard, labels: undefined }, /labels: give either/],
    ["both kinds of labels", { ...colourCard, labelsFile: "x" }, /labels: give either/],
    ["a file of labels that is not there", resnet, /labelsFile: .*labels\.txt cannot be read/],
  ])("refuses %s and names the file and the field", (_what, card, reason) => {
    const folder = folderOf(card);
    expect(() => readCard(folder)).toThrow(reason);
    expect(() => readCard(folder)).toThrow(join(folder, "card.json"));
  });

  it("reports every wrong field at once", () => {
    expect(() => readCard(folderOf({ ...colourCard, name: "", output: {} }))).toThrow(
      /name: .*output\.activation: /s,
    );
  });

  it("says where a card was looked for", () => {
    expect(() => readCard("/nowhere")).toThrow("/nowhere/card.json cannot be read");
  });
});

describe("bindCard", () => {
  const card = readCard(folderOf(colourCard));
  const tensor = (name: string, shape: (number | string)[], type = "float32") => ({ name, type, shape });
  const goodInput = tensor("pixels", ["N", 3, 8, 8]);
  const goodOutput = tensor("logits", ["N", 3]);

  it("finds the only input and output, and a free or fixed batch", () => {
    expect(bindCard(card, [goodInput], [goodOutput])).toEqual({
      input: "pixels",
      output: "logits",
      fixedBatch: undefined,
    });
    expect(bindCard(card, [tensor("pixels", [4, 3, 8, 8])], [goodOutput]).fixedBatch).toBe(4);
    expect(bindCard(card, [tensor("pixels", [-1, 3, "h", "w"])], [goodOutput]).fixedBatch).toBeUndefined();
  });

  it.each([
    ["another size", [tensor("pixels", ["N", 3, 9, 8])], [goodOutput], /input\.height: .*\[N, 3, 9, 8\]/],
    ["another layout", [tensor("pixels", ["N", 8, 8, 3])], [goodOutput], /input\.layout: /],
    ["no image", [tensor("tokens", ["N", 77])], [goodOutput], /input: .*not four dimensions/],
    ["bytes", [tensor("pixels", ["N", 3, 8, 8], "uint8")], [goodOutput], /input: .*only float32/],
    ["other classes", [goodInput], [tensor("logits", ["N", 1000])], /labels: the card names 3 .*1000/],
    ["a map", [goodInput], [tensor("mask", ["N", 3, 8, 8])], /output: .*not float32 \[N, classes\]/],
    ["two outputs", [goodInput], [goodOutput, tensor("aux", ["N", 3])], /output\.name: is needed.*aux/],
  ])("refuses %s with the field and the real shape", (_what, inputs, outputs, reason) => {
    expect(() => bindCard(card, inputs, outputs)).toThrow(reason);
    expect(() => bindCard(card, inputs, outputs)).toThrow(card.path);
  });

  it("takes the named output of several, and says which there are", () => {
    const outputs = [goodOutput, tensor("aux", ["N", 7])];
    const named = (name: string) =>
      readCard(folderOf({ ...colourCard, output: { name, activation: "none" } }));
    expect(bindCard(named("logits"), [goodInput], outputs).output).toBe("logits");
    expect(() => bindCard(named("lögits"), [goodInput], outputs)).toThrow(
      /no output "lögits", only logits.*aux/,
    );
  });
});
