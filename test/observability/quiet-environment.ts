/** The environment of a foreign program: where its own programs are, and nothing of the person who runs the tests. */
export function quietEnvironment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}
