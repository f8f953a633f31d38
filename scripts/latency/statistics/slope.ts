import { quantile } from "./quantile.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A straight line through points. */
export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** Of the slope; Infinity with fewer than three points or where all have the same x. */
  readonly standardError: number;
}

/** How many standard errors above 0 a slope must be; more than the usual two, as lags in a row are not independent. */
const SIGNIFICANT_ERRORS = 3;

/** The line of least squares through points, with the standard error of its slope. */
export function slope(points: readonly Point[]): Line {
  const n = points.length;
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const sxx = sum(points.map(({ x }) => (x - meanX) ** 2));
  if (n < 3 || sxx === 0)
    return { slope: 0, intercept: n > 0 ? meanY : 0, standardError: Number.POSITIVE_INFINITY };
  const found = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / sxx;
  const intercept = meanY - found * meanX;
  const residuals = sum(points.map(({ x, y }) => (y - intercept - found * x) ** 2));
  return { slope: found, intercept, standardError: Math.sqrt(residuals / (n - 2) / sxx) };
}

export interface Growth {
  readonly growing: boolean;
  /** By the fitted line. */
  readonly messagesPerSecond: number;
  /** Its standard error. */
  readonly standardError: number;
  /** The median lag of the window's last quarter less that of its first, in messages. */
  readonly messages: number;
}

/**
 * Whether a consumer falls behind: its lag grows by a slope that is clear of its error, and has at the end of the
 * window not come back to within `moreThan` messages of where it began — a stall that was caught up with is not growth.
 *
 * @param points x = seconds, y = lag in messages, in the order of time
 * @param moreThan the growth over the window that is too little to matter, in messages
 */
export function growing(points: readonly Point[], moreThan: number): Growth {
  const line = slope(points);
  const quarter = Math.ceil(points.length / 4);
  const [first, last] = [points.slice(0, quarter), points.slice(-quarter)].map((part) =>
    part.length === 0
      ? 0
      : quantile(
          part.map(({ y }) => y).toSorted((a, b) => a - b),
          0.5,
        ),
  );
  const messages = (last ?? 0) - (first ?? 0);
  return {
    growing: line.slope > SIGNIFICANT_ERRORS * line.standardError && messages > moreThan,
    messagesPerSecond: line.slope,
    standardError: line.standardError,
    messages,
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
