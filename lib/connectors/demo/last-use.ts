import { hashOf } from "./random";
import { type DemoSettings, dayOf, timeOf, type Use } from "./schema";

const minuteMs = 60_000;
const dayMinutes = 1_440;

/** When something was last used as of `at`, or null where it never was since `from`. */
export function lastUseOf(settings: DemoSettings, name: string, use: Use, from: number, at: Date): Date | null {
  const today = dayOf(settings, at);
  const began = timeOf(settings, from);
  let last: Date;
  if (use.stoppedOn !== null && use.stoppedOn <= today) {
    last = use.inOfficeHours
      ? officeUse(settings, name, use, timeOf(settings, use.stoppedOn, dayMinutes - 1))
      : timeOf(settings, use.stoppedOn, hashOf(name) % dayMinutes);
  } else {
    last = use.inOfficeHours ? officeUse(settings, name, use, at) : regularUse(name, use, at);
  }
  if (last > at) last = new Date(last.getTime() - dayMinutes * minuteMs);
  return last < began ? null : last;
}

/** How often something was used on a day; 0 where it was not. */
export function usesOn(settings: DemoSettings, name: string, use: Use, day: number): number {
  if (use.stoppedOn !== null && day > use.stoppedOn) return 0;
  if (use.inOfficeHours) {
    if (isWeekend(timeOf(settings, day)) || hashOf(`${name}:${day}`) % 9 === 0) return 0;
    return 1 + (hashOf(`${name}/${day}`) % Math.max(2, Math.round(720 / use.everyMinutes)));
  }
  if (use.everyMinutes >= dayMinutes) {
    const every = Math.round(use.everyMinutes / dayMinutes);
    return (((day + hashOf(name)) % every) + every) % every === 0 ? 1 : 0;
  }
  const usual = Math.round(dayMinutes / use.everyMinutes);
  return Math.max(1, Math.round(usual * (0.7 + (hashOf(`${name}:${day}`) % 60) / 100)));
}

// On its beat: every so many minutes, at a phase that is its own.
function regularUse(name: string, use: Use, at: Date): Date {
  const beat = use.everyMinutes * minuteMs;
  const phase = hashOf(name) % beat;
  return new Date(at.getTime() - ((((at.getTime() - phase) % beat) + beat) % beat));
}

// The last beat inside office hours: today's if there was one, else the end of the last working day.
function officeUse(settings: DemoSettings, name: string, use: Use, at: Date): Date {
  for (let day = dayOf(settings, at); ; day--) {
    if (isWeekend(timeOf(settings, day))) continue;
    const opens = timeOf(settings, day, 6 * 60 + (hashOf(name) % 150));
    const closes = timeOf(settings, day, 15 * 60 + (hashOf(`${name}:${day}`) % 170));
    if (opens > at) continue;
    const until = Math.min(at.getTime(), closes.getTime());
    const beat = use.everyMinutes * minuteMs;
    return new Date(until - ((until - opens.getTime()) % beat));
  }
}

function isWeekend(at: Date): boolean {
  return at.getUTCDay() === 0 || at.getUTCDay() === 6;
}
