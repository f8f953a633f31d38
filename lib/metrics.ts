/** What a metric was when it was read. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN and infinity are values as well. */
  readonly value: number;
}

/** `name{label="value",…} value timestamp`; what is in quotes may have braces, and quotes behind a backslash. */
const line = /^([a-zA-Z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]+(\S+)/gm;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/**
 * The samples of one metric.
 *
 * @param text what `/metrics` answers, in Prometheus's text format
 *   (https://prometheus.io/docs/instrumenting/exposition_formats/)
 */
export function samplesOf(text: string, metric: string): MetricSample[] {
  return [...text.matchAll(line)]
    .filter(([, name]) => name === metric)
    .map(([, , labels = "", value = ""]) => ({
      labels: Object.fromEntries(
        [...labels.matchAll(label)].map(([, name = "", quoted = ""]) => [name, unescaped(quoted)]),
      ),
      value: numberOf(value),
    }));
}

/** The sum of a metric over all its labels; 0 when it is not there. */
export function sumOf(text: string, metric: string): number {
  return samplesOf(text, metric).reduce((sum, { value }) => sum + value, 0);
}

function numberOf(text: string): number {
  const infinite = /^([+-]?)inf$/i.exec(text);
  if (infinite === null) return Number(text);
  return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function unescaped(quoted: string): string {
  return quoted.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
}
