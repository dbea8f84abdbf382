/** "30 min", "4 h", "1 h 12 min", "3 d": a length of access, in its two largest units. */
export function durationWords(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
  const parts = [days ? `${days} d` : "", hours ? `${hours} h` : "", rest && !days ? `${rest} min` : ""];
  return parts.filter(Boolean).join(" ");
}

/** The same as a command takes it. */
export function isoDuration(seconds: number): string {
  return `PT${Math.max(1, Math.round(seconds / 60))}M`;
}

/** What an access is called: a role or group by its name, all else by its permission. */
export function accessWords({ permission, resource }: { permission: string; resource: string }): string {
  return permission === "member" ? resource : `${permission} on ${resource}`;
}
