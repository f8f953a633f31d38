/** A command that Docker runs inside the container; exit code 0 means healthy. */
export interface HealthCheck {
  /** In Docker's exec form without its leading `CMD`. */
  readonly command: readonly string[];
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly retries: number;
  /** Failures in this many first seconds do not count. */
  readonly startSeconds: number;
  /** How long the deployment waits for the first healthy answer before it fails. */
  readonly waitSeconds: number;
}

/** How a container that was healthy is watched, see {@link watched}. */
export interface Watching {
  /** A file in the container, in memory: there while the last answer was good. */
  readonly mark: string;
  readonly everySeconds: number;
  readonly times: number;
  /** How long one check may take. */
  readonly limitSeconds: number;
}

const watching: Watching = { mark: "/tmp/.healthy", everySeconds: 10, times: 4, limitSeconds: 5 };

/**
 * How containers of every kind are checked: often until the first good answer and after a bad one, and from within
 * while all is well. A bad answer is told at once; twenty seconds of them make a container unhealthy.
 */
export const checkTimes = {
  intervalSeconds: 3,
  timeoutSeconds:
    (watching.everySeconds + watching.limitSeconds) * watching.times + 2 * watching.limitSeconds,
  retries: 7,
  startSeconds: 60,
} as const;

/**
 * A check as Docker is to run it. What a check costs is nearly all Docker's own work for starting it, fifty to a hundred
 * milliseconds of processor time, so one that finds a container as well as the last one did stays in it and goes on
 * checking for a while before it answers. Docker's own way to check less often once a container is healthy
 * (`start_interval`) is that of engines from 25 on, and notices what happens between two checks later.
 */
export function watched(command: readonly string[]): string[] {
  return ["CMD", "sh", "-c", watchScript(), "health", ...command];
}

/** For the shell of POSIX; its arguments are the check. What a good check prints is passed on, as a warning. */
export function watchScript({ mark, everySeconds, times, limitSeconds }: Watching = watching): string {
  const turns = Array.from({ length: times }, (_, index) => index + 1).join(" ");
  return `check() {
  words=$(timeout ${limitSeconds} "$@" 2>&1) && return
  rm -f ${mark}
  echo "\${words:-no answer within ${limitSeconds} s}" >&2
  exit 1
}
check "$@"
if [ -e ${mark} ]; then
  for turn in ${turns}; do sleep ${everySeconds}; check "$@"; done
fi
[ -z "$words" ] || echo "$words"
touch ${mark}`;
}
