/** So many seconds as a command takes them, in the largest unit that tells them whole: `P7D`, `PT4H`, `PT90M`. */
export function isoDuration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole % 86_400 === 0) return `P${whole / 86_400}D`;
  if (whole % 3_600 === 0) return `PT${whole / 3_600}H`;
  return whole % 60 === 0 ? `PT${whole / 60}M` : `PT${whole}S`;
}

/** What an access is called: a role or group by its name, all else by its permission. */
export function accessWords({ permission, resource }: { permission: string; resource: string }): string {
  return permission === "member" ? resource : `${permission} on ${resource}`;
}
