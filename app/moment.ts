/** The moment that `at` means: the end of a day, or the time itself. Null for now, and for what is no time. */
export function momentOf(at: string | undefined): Date | null {
  if (!at) return null;
  const moment = new Date(/^\d{4}-\d{2}-\d{2}$/.test(at) ? `${at}T23:59:59.999Z` : at);
  return Number.isNaN(moment.getTime()) ? null : moment;
}
