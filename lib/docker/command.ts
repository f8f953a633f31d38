import { execFile } from "node:child_process";

/** Runs the docker command on an engine. */
export type DockerCommand = (
  args: readonly string[],
) => Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;

const timeoutMs = 120_000;

/** The Docker engine of this machine, as in DOCKER_HOST. */
export function localDockerHost(): string {
  return process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock";
}

/** The docker command of this machine, on an engine that it reaches. @param host as in DOCKER_HOST */
export function localDocker(host: string): DockerCommand {
  return (args) =>
    new Promise((resolve, reject) => {
      execFile("docker", ["--host", host, ...args], { timeout: timeoutMs }, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== "number") {
          reject(new Error(`cannot run docker: ${error.message}\n  fix: ./scripts/setup`, { cause: error }));
          return;
        }
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      });
    });
}

/** What the docker command prints. @throws Error with what it said when it fails */
export async function mustRunDocker(docker: DockerCommand, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await docker(args);
  if (code === 0) return stdout;
  throw new Error(`docker ${args.join(" ")} failed: ${stderr.trim()}`);
}
