/** Where the user's own units are. Absolute. */
export function unitDirectoryOf(homeDirectory: string, env: Readonly<Record<string, string | undefined>>): string {
  return `${env["XDG_CONFIG_HOME"] || `${homeDirectory}/.config`}/systemd/user`;
}
