/** Where files are: `<camera>/<YYYY-MM-DD>/<HH-MM-SS…>`, in UTC, by the time of capture. */

const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** Whether a folder's name is a day. */
export function isDay(name: string): boolean {
  return datePattern.test(name);
}

/** The day of a time, `YYYY-MM-DD`. @param us µs since the epoch */
export function dayOf(us: number): string {
  return new Date(us / 1000).toISOString().slice(0, 10);
}

/** The time of day, `HH-MM-SS.mmm`. @param us µs since the epoch */
export function timeOf(us: number): string {
  return new Date(us / 1000).toISOString().slice(11, 23).replaceAll(":", "-");
}

/** The time of day without the milliseconds, `HH-MM-SS`. @param us µs since the epoch */
export function secondOf(us: number): string {
  return timeOf(us).slice(0, 8);
}

/** Name of a file while it is being written: hidden, in the folder of the file, so that renaming it is atomic. */
export function temporaryName(name: string): string {
  return `.${name}.tmp`;
}

/** The name that a file was to get, or undefined when this is no temporary file. */
export function finalName(name: string): string | undefined {
  return /^\.(.+)\.tmp$/.exec(name)?.[1];
}
