/** Whether a private key, as the text of its file, is of no use without its passphrase. */
export function needsPassphrase(text: string): boolean {
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text) ?? [];
  if (body === undefined) return /ENCRYPTED/.test(text);
  // "openssh-key-v1\0", then the name of the cipher with its length before it: PROTOCOL.key of OpenSSH.
  const bytes = Buffer.from(body, "base64");
  const start = "openssh-key-v1\0".length;
  const length = bytes.readUInt32BE(start);
  return bytes.toString("latin1", start + 4, start + 4 + length) !== "none";
}
