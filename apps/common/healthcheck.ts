/** What Docker runs as the health check of an app's container: exit code 0 when the app says that it works. */
const port = process.env.HTTP_PORT ?? "8080";
const host = process.env.HTTP_HOST ?? "0.0.0.0";
const address = host === "0.0.0.0" ? "127.0.0.1" : host;
const answer = await fetch(`http://${address}:${port}/healthz`, { signal: AbortSignal.timeout(4000) });
console.log(await answer.text());
process.exitCode = answer.ok ? 0 : 1;

export {};
