/** A code block between fences. */
export interface CodeBlock {
  /** What stands behind the opening fence, such as `sh`. */
  readonly language: string;
  readonly text: string;
}

/** What of a Markdown text there is to be checked. */
export interface Markdown {
  readonly blocks: readonly CodeBlock[];
  /** Code within lines, in the order of the text. */
  readonly spans: readonly string[];
  /** Targets of links and images, as they are written. */
  readonly links: readonly string[];
  /** What links can lead to: each heading's anchor as GitHub makes it. */
  readonly anchors: ReadonlySet<string>;
}

const fenced = /^ *```(\S*)[^\n]*\n([\s\S]*?)^ *```$/gm;
const codeSpan = /`([^`\n]+)`/g;

export function readMarkdown(text: string): Markdown {
  const blocks = [...text.matchAll(fenced)].map(([, language = "", code = ""]) => ({ language, text: code }));
  const prose = text.replaceAll(fenced, "");
  const linked = prose.replaceAll(codeSpan, "code");
  const headings = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = ""]) => title);
  return {
    blocks,
    spans: [...prose.matchAll(codeSpan)].map(([, code = ""]) => code),
    links: [...linked.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = ""]) => target),
    anchors: new Set(anchorsOf(headings)),
  };
}

/** Lower-case letters, digits, `_` and `-`, dashes for spaces; a heading that is there again has its number behind it. */
function anchorsOf(headings: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return headings.map((heading) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}
