export function removeOldBundles(folder: string, nowMs: number): void;
