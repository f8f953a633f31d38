/** Stands in the query of a camera's address for its password, which only the process that connects knows. */
export const passwordPlace = "{password}";

/** Names of a query's parameters that hold secrets, as cameras have them: `pwd`, `loginpas`, `user_password`, `token`. */
const secretName = String.raw`(?:[\w.-]*[_.-])?(?:pwd|psw|pass|passwd|password|passwort|passphrase|userpwd|userpass|loginpas|loginpass|secret|(?:access_?|auth_?)?token|api_?key)`;
const userInfo = /\/\/[^\s/?#@"']*@/g;
const secretParameter = new RegExp(String.raw`([?&;]${secretName}=)(?!\{password\})[^&;#\s"'}]+`, "gi");

/** Whether an address has a user or a secret in it, where configuration, process lists and logs would show it. */
export function holdsSecret(url: string): boolean {
  return withoutSecrets(url) !== url;
}

/** Text with the secrets of addresses in it left out. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(userInfo, "//***@").replaceAll(secretParameter, "$1***");
}

/** Whether an address waits for its password. */
export function needsPassword(url: string): boolean {
  return url.includes(passwordPlace);
}

/** An address with the password in its place. */
export function withPassword(url: string, password: string): string {
  return url.replaceAll(passwordPlace, encodeURIComponent(password));
}
