import { expect, it } from "vitest";
import { readMarkdown } from "./markdown.ts";

const text = [
  "# Tools, and `why`",
  "See [one](a.md#b), ![two](c.png) and [`three`](https://example.org).",
  "## Keys",
  "```sh",
  "# no heading, [no link](x.md), `no span`",
  "```",
  "1. In a list:",
  "   ```",
  "   indented",
  "   ```",
  "## Keys",
].join("\n");

it("tells blocks, spans, links and anchors from one another", () => {
  const { blocks, spans, links, anchors } = readMarkdown(text);
  expect(blocks).toEqual([
    { language: "sh", text: "# no heading, [no link](x.md), `no span`\n" },
    { language: "", text: "   indented\n" },
  ]);
  expect(spans).toEqual(["why", "three"]);
  expect(links).toEqual(["a.md#b", "c.png", "https://example.org"]);
  expect([...anchors]).toEqual(["tools-and-why", "keys", "keys-1"]);
});
