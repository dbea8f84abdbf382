/** So many seconds as a command takes them. */
export function isoDuration(seconds: number): string {
  return `PT${Math.max(1, Math.round(seconds))}S`;
}

/** What an access is called: a role or group by its name, all else by its permission. */
export function accessWords({ permission, resource }: { permission: string; resource: string }): string {
  return permission === "member" ? resource : `${permission} on ${resource}`;
}
