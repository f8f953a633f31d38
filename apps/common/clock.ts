/** Now, in whole µs since the epoch, by this process's monotonic clock: it never jumps when the wall clock is set. */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
