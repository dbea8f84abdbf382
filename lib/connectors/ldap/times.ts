// The ways in which directories write a time. Pure.

const epochOfFiletimeMs = 11_644_473_600_000n;
const never = 0x7fff_ffff_ffff_ffffn;
const largestMs = 8_640_000_000_000_000n;

/** A Windows file time (100 ns since 1601); null where it says never or nothing (MS-ADTS 3.1.1.1.4). */
export function fromFiletime(text: string | null): Date | null {
  if (text === null || !/^-?\d{1,20}$/.test(text.trim())) return null;
  const ticks = BigInt(text.trim());
  if (ticks <= 0n || ticks >= never) return null;
  const ms = ticks / 10_000n - epochOfFiletimeMs;
  return ms > largestMs ? null : new Date(Number(ms));
}

/** A generalized time (RFC 4517, 3.3.13): 20261121003823.0Z, 202611210038+0100. */
export function fromGeneralizedTime(text: string | null): Date | null {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:(\d\d))?)?(?:[.,](\d{1,9}))?(?:Z|([+-])(\d\d)(\d\d)?)$/i.exec(
    text?.trim() ?? "",
  );
  if (!match) return null;
  const [, year, month, day, hour, minute = "00", second = "00", , sign, zoneHour = "00", zoneMinute = "00"] = match;
  const zone = sign ? `${sign}${zoneHour}:${zoneMinute}` : "Z";
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second === "60" ? "59" : second}${zone}`);
  return Number.isNaN(at.getTime()) || Number(year) === 0 ? null : at;
}

/** Days since 1970, as in /etc/shadow; null where it says never. */
export function fromShadowDays(days: number | null): Date | null {
  return days === null || days < 0 || days > 2_000_000 ? null : new Date(days * 86_400_000);
}
